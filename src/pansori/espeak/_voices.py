"""What espeak-ng can speak: read from the files of its package, without loading the library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "espeakng-loader"
_MODULE = PACKAGE.replace("-", "_")
_RANK = 5  # where none is written


@dataclass(frozen=True)
class Variant:
    """A way to sound, in any language."""

    name: str  #: as in `ko+f2`
    gender: str  #: `female`, `male` or empty


@dataclass(frozen=True)
class Installed:
    """What is there."""

    version: str  #: of the package
    languages: dict[str, str]
    """BCP 47 tag in lower case → name in English."""
    voices: dict[str, str]
    """The same tags → the voice's file, by whose name espeak loads it: some speak several languages."""
    variants: tuple[Variant, ...]


@cache
def find_installed() -> Installed | None:
    """None: espeak-ng is not installed here."""
    spec = find_spec(_MODULE)
    if spec is None or spec.origin is None:
        return None
    data = Path(spec.origin).parent / "espeak-ng-data"
    if not data.is_dir():
        return None
    from importlib.metadata import version  # which takes a fifth of the time in which the process that speaks starts

    spoken = sorted(found for file in _files(data / "lang") for found in _languages(file, data))
    first = {tag: (name, file) for tag, _, name, file in reversed(spoken)}
    return Installed(
        version=version(PACKAGE),
        languages={tag: first[tag][0] for tag in sorted(first)},
        voices={tag: first[tag][1] for tag in sorted(first)},
        variants=tuple(
            sorted(map(_variant, _files(data / "voices" / "!v")), key=lambda one: (len(one.name), one.name))
        ),
    )


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _fields(file: Path) -> list[tuple[str, str]]:
    """Its lines as keyword and the rest."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [(key, rest.strip()) for key, _, rest in (line.strip().partition(" ") for line in lines)]


def _languages(file: Path, data: Path) -> Iterator[tuple[str, int, str, str]]:
    """Tag, rank, name and voice of what a file speaks: `language en-us 2`. Of several for one tag the first in rank is
    it. None for a language whose dictionary is not there: it would be silent."""
    fields = _fields(file)
    name = next((rest.partition("//")[0].strip() for key, rest in fields if key == "name"), "")
    tags = [rest.split() for key, rest in fields if key == "language" and rest]
    base = tags[0][0].partition("-")[0] if tags else ""
    dictionary = next((rest for key, rest in fields if key == "dictionary"), base)
    if (data / f"{dictionary}_dict").is_file():
        for tag, *rank in tags:
            yield tag.lower(), int(rank[0]) if rank else _RANK, name, file.name.lower()


def _variant(file: Path) -> Variant:
    gender = next((rest.split()[0].lower() for key, rest in _fields(file) if key == "gender" and rest), "")
    return Variant(file.name, gender)

"""What espeak-ng can speak: read from the files of its package, without loading the library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
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
    variants: tuple[Variant, ...]
    voices: dict[str, str]
    """The same tags → the voice's file, by whose name espeak loads it: some speak several languages."""


@cache
def find_installed() -> Installed | None:
    """None: espeak-ng is not installed here."""
    spec = find_spec(_MODULE)
    if spec is None or spec.origin is None:
        return None
    data = Path(spec.origin).parent / "espeak-ng-data"
    if not data.is_dir():
        return None
    spoken = sorted(
        (*found, file.name.lower()) for file in _files(data / "lang") for found in _languages(_fields(file))
    )
    languages = {tag: name for tag, _, name, _ in reversed(spoken)}
    voices = {tag: file for tag, _, _, file in reversed(spoken)}
    variants = sorted(map(_variant, _files(data / "voices" / "!v")), key=lambda one: (len(one.name), one.name))
    return Installed(
        version(PACKAGE),
        dict(sorted(languages.items())),
        tuple(sorted(variants, key=lambda one: (len(one.name), one.name))),
        voices,
    )


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _fields(file: Path) -> list[tuple[str, str]]:
    """Its lines as keyword and the rest."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return [(key, rest.strip()) for key, _, rest in (line.strip().partition(" ") for line in lines)]


def _languages(fields: list[tuple[str, str]]) -> Iterator[tuple[str, int, str]]:
    """Tag, rank and name of what a file speaks: `language en-us 2`. Of several for one tag the first in rank is it."""
    name = next((rest.partition("//")[0].strip() for key, rest in fields if key == "name"), "")
    for key, rest in fields:
        if key == "language" and rest:
            tag, *rank = rest.split()
            yield tag.lower(), int(rank[0]) if rank else _RANK, name


def _variant(file: Path) -> Variant:
    gender = next((rest.split()[0].lower() for key, rest in _fields(file) if key == "gender" and rest), "")
    return Variant(file.name, gender)

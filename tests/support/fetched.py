"""A model that a hub of the tests has, and how it is fetched."""

from __future__ import annotations

from pathlib import Path

from pansori.domain.units import Seconds
from pansori.models import Fetching, Hub, look_up
from pansori.settings import Settings
from support.hub import TestHub

NAME = "hf:owner/tiny"
WEIGHTS = bytes(range(256)) * 256  #: 64 KiB
AT_ONCE = (Seconds(0.0),) * 3
FILES = {
    ".gitattributes": b"*.bin filter=lfs",
    "README.md": b"---\nlicense: apache-2.0\n---",
    "config.json": b"{}",
    "model.bin": WEIGHTS,
    "voices/one.bin": WEIGHTS[:5000],
}
VISIBLE = {name: content for name, content in FILES.items() if not name.startswith(".")}


def settings_of(serving: TestHub, folder: Path, token: str = "") -> Settings:
    return Settings(data_dir=folder, hub_url=serving.url, hf_token=token)


def fetch(
    chosen: Settings, name: str = NAME, *, counted: list[int] | None = None, patience: tuple[Seconds, ...] = ()
) -> Path:
    counted = [] if counted is None else counted
    model = Hub(chosen).told(look_up(name))
    return Fetching(chosen, model, advance=counted.append, patience=patience).run()


def contents(folder: Path) -> dict[str, bytes]:
    """What lies there, without what we note of it."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".pansori.json")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

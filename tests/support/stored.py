"""What commands tell of the files that an installation keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.command import Inside

DEBUG = {"PANSORI_COMPOSE_ENGINE": "debug"}


def files(inside: Inside, folder: str = "data") -> list[Path]:
    return sorted((inside.folder / folder / "assets").glob("*/*/*"))


def told(inside: Inside, *arguments: str, code: Any = 0, **variables: str) -> dict[str, Any]:
    done = inside.run(*arguments, "--json", **variables)
    assert done.returncode == code, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def new(inside: Inside, **variables: str) -> dict[str, str]:
    """The settings of another installation."""
    return {"PANSORI_DATA_DIR": str(inside.folder / "new"), **variables}

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from pansori.domain.errors import PansoriError, Text

State = Literal["ok", "advice", "missing"]


class Finding(BaseModel):
    """What one check saw."""

    model_config = ConfigDict(frozen=True)

    name: str
    state: State
    """`ok`; `advice`: it works, and could work better; `missing`: something that is needed is not there."""
    seen: Text
    cure: Text | None = None


def ok(name: str, en: str, ko: str | None = None) -> Finding:
    return Finding(name=name, state="ok", seen=Text(en, ko or en))


def advice(name: str, seen: Text, cure: Text) -> Finding:
    return Finding(name=name, state="advice", seen=seen, cure=cure)


def missing(name: str, seen: Text, cure: Text) -> Finding:
    return Finding(name=name, state="missing", seen=seen, cure=cure)


def of_error(name: str, error: PansoriError, cure: Text) -> Finding:
    """Something needed that said by itself what is wrong, and perhaps what cures it."""
    return Finding(name=name, state="missing", seen=error.message, cure=error.cure or cure)

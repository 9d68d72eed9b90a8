"""What a speaking engine says of what it does not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pansori.domain.errors import InvalidRequest, Text
from pansori.lexicon.particles import attach

SHOWN: Final = 40  #: voices or languages that a refusal names at most


def unknown(field: str, name: str, known: Sequence[str]) -> InvalidRequest:
    """`field`: `voice` or `language`."""
    listed = ", ".join(known[:SHOWN]) + (" …" if len(known) > SHOWN else "")
    what = {"voice": "목소리", "language": "언어"}[field]
    return InvalidRequest(
        Text(f"There is no {field} “{name}”.", f"{what} {attach(f'“{name}”', '이/가')} 없어요."),
        field=field,
        cure=Text(f"Choose one of: {listed}.", f"다음 중에서 고르세요: {listed}."),
    )

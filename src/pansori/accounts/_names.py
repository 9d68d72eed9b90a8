"""Names that people give themselves."""

from __future__ import annotations

import unicodedata
from typing import Final

from pansori.domain.errors import InvalidRequest, Text

LONGEST: Final = 100  #: characters


def shown_name(name: str) -> str:
    """In NFC, on one line, without what cannot be seen. Raises `InvalidRequest` for one that is too long."""
    plain = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", name))
    shown = " ".join(plain.split())
    if len(shown) > LONGEST:
        raise InvalidRequest(
            Text(f"A name may have {LONGEST} characters.", f"이름은 {LONGEST}자까지 쓸 수 있어요."), field="name"
        )
    return shown

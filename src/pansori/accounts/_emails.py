"""E-mail addresses as people type them, in the one form that is kept and compared."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from pansori.domain.errors import InvalidRequest, Text

LONGEST: Final = 254  #: characters (RFC 5321 §4.5.3.1.3, less the angle brackets)
_ATOM = r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]"
ADDRESS: Final = re.compile(rf"(?!\.){_ATOM}{{1,64}}(?<!\.)@(?![.-]){_ATOM}{{1,189}}(?<![.-])")


def normalised(email: str) -> str:
    """Without spaces around it, in NFC and lower case. Raises `InvalidRequest` for what can be no address."""
    found = unicodedata.normalize("NFC", email.strip()).lower()
    if len(found) > LONGEST or not ADDRESS.fullmatch(found) or ".." in found or not found.isprintable():
        raise InvalidRequest(
            Text("This is not an e-mail address.", "이메일 주소가 아니에요."),
            field="email",
            cure=Text("Write it as name@example.com.", "name@example.com처럼 적어 주세요."),
        )
    return found

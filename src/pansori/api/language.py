"""In which language to answer: the one chosen on a page, else by `Accept-Language`; we speak English and Korean."""

from __future__ import annotations

import re

from starlette.requests import HTTPConnection

from pansori.api.fields import joined
from pansori.domain.errors import Language

LANGUAGE_COOKIE = "pansori_language"  #: what was chosen on a page
RANGE = re.compile(r"^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*$")


def preferred(header: str) -> Language:
    """The better liked of the two by RFC 9110 §12.5.4; English where both are liked alike or neither is named."""
    liked = {"en": 0.0, "ko": 0.0}
    for part in header[:1000].split(","):
        if (match := RANGE.match(part)) is None:
            continue
        name, quality = match.group(1).lower().split("-")[0], float(match.group(2) or 1)
        if name in liked:
            liked[name] = max(liked[name], quality)
    return "ko" if liked["ko"] > liked["en"] else "en"


def language_of(connection: HTTPConnection) -> Language:
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    if chosen == "en":
        return "en"
    if chosen == "ko":
        return "ko"
    return preferred(joined(connection.headers.getlist("accept-language")) or "")

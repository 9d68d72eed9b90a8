"""What clients would rather have: `Prefer` (RFC 7240), of which `wait` is understood, and a page instead of JSON."""

from __future__ import annotations

import re

from pansori.domain.units import Seconds

WAIT = re.compile(r"""^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$""", re.IGNORECASE)
MEDIA_RANGE = re.compile(r"^\s*([\w*.+-]+/[\w*.+-]+)\s*((?:;[^;]*)*)$")
WEIGHT, VALUE = re.compile(r";\s*q\s*=\s*([^;\s]*)", re.IGNORECASE), re.compile(r"[01](?:\.\d{0,3})?")
LONGEST_WAIT = Seconds(600.0)


def wait_of(header: str | None) -> Seconds | None:
    """How long the client would wait for the work to be done; the first `wait` counts. None: not at all."""
    for preference in (header or "").split(","):
        if match := WAIT.match(preference):
            return Seconds(min(float(match.group(1)), LONGEST_WAIT))
    return None


def prefers_page(accept: str | None) -> bool:
    """Whether `Accept` names HTML, and does not like JSON better (RFC 9110 §12.5.1). Programs, which send `*/*` or
    nothing, get what they always got."""
    liked: dict[str, float] = {}
    for part in (accept or "")[:1000].split(","):
        if match := MEDIA_RANGE.match(part):
            liked[match.group(1).lower()] = _weight(match.group(2))
    page = max(liked.get("text/html", 0.0), liked.get("application/xhtml+xml", 0.0))
    return page > 0 and page >= liked.get("application/json", 0.0)


def _weight(parameters: str) -> float:
    """1 where none is told; 0 where what is told is none."""
    if (told := WEIGHT.search(parameters)) is None:
        return 1.0
    return float(told.group(1)) if VALUE.fullmatch(told.group(1)) else 0.0

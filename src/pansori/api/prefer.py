"""The `Prefer` header (RFC 7240), of which `wait` is understood."""

from __future__ import annotations

import re

from pansori.domain.units import Seconds

WAIT = re.compile(r"""^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$""", re.IGNORECASE)
LONGEST_WAIT = Seconds(600.0)


def wait_of(header: str | None) -> Seconds | None:
    """How long the client would wait for the work to be done; the first `wait` counts. None: not at all."""
    for preference in (header or "").split(","):
        if match := WAIT.match(preference):
            return Seconds(min(float(match.group(1)), LONGEST_WAIT))
    return None

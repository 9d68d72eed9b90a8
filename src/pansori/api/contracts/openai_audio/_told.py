"""What every answer of this contract has in common: headers, events, names of fields."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from typing import Final

from pansori.api.contracts.openai_audio._shape import error_of, failure_of
from pansori.api.sse import event
from pansori.domain.errors import Language, MediaError, PansoriError
from pansori.domain.jobs import JsonDict
from pansori.media import one_line

log = logging.getLogger(__name__)

MODEL, VOICE, IGNORED, NOTICES = "X-Pansori-Model", "X-Pansori-Voice", "X-Pansori-Ignored", "X-Pansori-Notices"
EXPOSED: Final = (MODEL, VOICE, IGNORED, NOTICES)
"""Headers of answers that pages of other origins may read: whom OpenAI's names have meant, what was passed over, and
what is otherwise than one may expect."""
FIELDS: Final = {
    "engine": "model",
    "hints": "prompt",
    "rate": "speed",
    "recording": "file",
    "text": "input",
    "translate": "model",
}
"""Fields of ours, as this contract calls them."""


def headers(**told: str | Iterable[str]) -> dict[str, str]:
    """Of `model`, `voice`, `ignored`, `notices`: those that say something."""
    found: dict[str, str] = {}
    for name, value in told.items():
        words = value if isinstance(value, str) else ", ".join(value)
        if words:
            found[f"X-Pansori-{name.capitalize()}"] = one_line(words).encode("ascii", "replace").decode()
    if IGNORED in found:
        log.info("passed over in a request: %s", found[IGNORED])
    return found


def renamed(error: PansoriError) -> PansoriError:
    """The same, naming the field as this contract calls it."""
    error.field = "file" if isinstance(error, MediaError) else FIELDS.get(error.field or "", error.field)
    return error


def data(told: JsonDict) -> bytes:
    """An event as OpenAI sends it: its type is within."""
    return event(json.dumps(told, ensure_ascii=False))


def telling(language: Language) -> Callable[[Exception], bytes]:
    """How a stream of events tells of its error."""

    def tell(error: Exception) -> bytes:
        known = renamed(error) if isinstance(error, PansoriError) else error
        return data({"type": "error", "error": error_of(failure_of(known, language))})

    return tell

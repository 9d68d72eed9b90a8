"""What a language model wrote as JSON, read though it is not quite: in fences, between sentences, with single quotes,
trailing commas, line breaks inside strings, or Python's names."""

from __future__ import annotations

import ast
import json
import re
from typing import Any, Final

from pansori.domain.jobs import JsonDict
from pansori.net import parse_json

LONGEST: Final = 65_536  #: characters that are looked at
_FENCE: Final = re.compile(r"```(?:json|JSON)?(.*?)```", re.DOTALL)
_TRAILING: Final = re.compile(r",(\s*[}\]])")
_NAMES: Final = {"true": "True", "false": "False", "null": "None"}


def read_object(text: str) -> JsonDict | None:
    """The object that stands in it. None: there is none that could be made out."""
    text = text[:LONGEST]
    for part in _candidates(text):
        for read in (_strict, _lenient, _without_trailing_commas, _literal):
            told = read(part)
            if isinstance(told, dict):
                return told
    return None


def _candidates(text: str) -> list[str]:
    """Where an object may be, the likeliest first."""
    fenced = [match[1] for match in _FENCE.finditer(text)]
    first, last = text.find("{"), text.rfind("}")
    between = [text[first : last + 1]] if 0 <= first < last else []
    whole = [text.strip()] if text.strip() not in ("", *between) else []
    return [part.strip() for part in (*fenced, *between, *whole)]


def _strict(text: str) -> Any:
    try:
        return parse_json(text.encode(errors="replace"))
    except ValueError:
        return None


def _lenient(text: str) -> Any:
    """With line breaks and tabs inside strings."""
    try:
        return _strict(json.dumps(json.loads(text, strict=False)))
    except (ValueError, RecursionError):
        return None


def _without_trailing_commas(text: str) -> Any:
    return _lenient(_TRAILING.sub(r"\1", text))


def _literal(text: str) -> Any:
    """As Python writes objects. Only literals are read; nothing is carried out."""
    named = re.sub(r"\b(?:true|false|null)\b", lambda match: _NAMES[match[0]], text)
    for one in (text, named):
        try:
            return _strict(json.dumps(ast.literal_eval(one)))
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            continue
    return None

"""JSON that strangers send, read so that whoever keeps it and sends it on has no trouble with it."""

from __future__ import annotations

import json
import math
from typing import Any, Final

DEEPEST: Final = 100  #: levels of lists and objects


def parse_json(content: bytes) -> Any:
    """Raises `ValueError` for what is no JSON (RFC 8259), and for what others could not take: numbers beyond a double,
    halves of surrogate pairs, more than a hundred levels."""
    try:
        told = json.loads(content, parse_constant=_refuse, parse_float=_finite, parse_int=_whole)
        json.dumps(told, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("too many levels") from error
    _check_depth(told)
    return told


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON's")


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError("a number is too large")
    return value


def _whole(number: str) -> int:
    if len(number) > 300:
        raise ValueError("a number is too large")
    return int(number)


def _check_depth(told: Any) -> None:
    level = [told]
    for _ in range(DEEPEST):
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [one for members in inner for one in members]
        if not level:
            return
    raise ValueError("too many levels")

"""What may stand in a task: what both databases keep, and give back whole."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from pydantic import BaseModel

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.jobs import JsonDict

UNKEPT = re.compile("[\x00\ud800-\udfff]")  #: PostgreSQL takes their escapes into JSON of which it then reads no field


def keepable(task: BaseModel) -> JsonDict:
    """The task as JSON. Raises `InvalidRequest` for a NUL character, half a surrogate pair, a number that JSON does not
    know, and for more levels than are written."""
    try:
        for field, value in task.model_dump().items():
            if not all(map(_is_kept, _leaves(value))):
                raise _not_kept(field)
        told: JsonDict = task.model_dump(mode="json")
    except ValueError as error:  # of hundreds of levels
        raise _not_kept(None) from error
    return told


def _not_kept(field: str | None) -> InvalidRequest:
    return InvalidRequest(
        Text("It contains what cannot be kept.", "저장할 수 없는 값이 들어 있어요."),
        field=field,
        cure=Text(
            "Leave out NUL characters, halves of surrogate pairs, endless numbers and hundreds of levels.",
            "NUL 문자, 짝 없는 서로게이트, 무한대, 수백 겹의 목록은 빼 주세요.",
        ),
    )


def _is_kept(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, str) or UNKEPT.search(value) is None


def _leaves(value: object) -> Iterator[object]:
    """All that is in it, names of fields among them."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            left += one
        else:
            yield one

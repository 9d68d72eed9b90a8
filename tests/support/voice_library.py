"""Scripts, actors and tokens, kept by requests."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

KINDS = {"/scripts": {"title": "산새"}, "/actors": {"name": "소월"}, "/tokens": {"name": "첫 마디"}}
LINES = [{"text": "산새도 오리나무"}, {"text": "위에서 운다", "role": "새"}, {"text": "산새는 왜 우노"}]
NOWHERE = str(uuid4())


async def make(client: httpx.AsyncClient, path: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post(path, json={**KINDS[path], **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def places(answer: httpx.Response) -> list[str]:
    """Where the request is wrong."""
    assert answer.status_code == 422, answer.text
    return [".".join(map(str, one["loc"][1:])) for one in answer.json()["detail"]]

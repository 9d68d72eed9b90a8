"""OpenAI's own client against a server of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import openai

KEY: Final = "sk-whatever"


@contextmanager
def client(url: str, key: str = KEY) -> Iterator[openai.OpenAI]:
    """It asks once, and waits long."""
    with openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=120) as made:
        yield made


def error_of(refused: openai.APIStatusError) -> dict[str, Any]:
    """What the answer says, which has nothing but what OpenAI's have."""
    told = refused.response.json()
    assert told.keys() == {"error"}
    assert told["error"].keys() == {"message", "type", "param", "code"}
    error: dict[str, Any] = told["error"]
    return error

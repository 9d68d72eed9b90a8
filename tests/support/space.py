"""A Space in the words of Gradio's protocol, for tests that change one of its answers."""

from __future__ import annotations

import io
import json
import wave
from typing import Any

from pansori.domain.tasks import ComposeTask
from pansori.engines.compose.base import Song
from pansori.engines.compose.space import SpaceComposer, SpaceOptions
from pansori.settings import Settings
from support.context import MemoryContext
from support.origin import Answer, Origin

TASK = ComposeTask(genre="calm", seed=1)
CONFIG: dict[str, Any] = {
    "version": "5.0.0",
    "protocol": "sse_v3",
    "components": [
        {"id": 1, "type": "textbox", "props": {"label": "Prompt"}},
        {"id": 2, "type": "audio", "props": {"label": "Music"}},
    ],
    "dependencies": [{"id": 0, "inputs": [1], "outputs": [2], "api_name": "predict"}],
}


def as_json(value: Any, status: int = 200) -> Answer:
    return lambda exchange: exchange.answer(status, json.dumps(value).encode(), "application/json")


def events(*messages: Any) -> Answer:
    body = b"".join(b"data: " + json.dumps(message).encode() + b"\n\n" for message in messages)
    return lambda exchange: exchange.answer(body=body, media_type="text/event-stream")


def done(*outputs: Any) -> dict[str, Any]:
    return {"msg": "process_completed", "event_id": "e", "success": True, "output": {"data": list(outputs)}}


def a_wav(seconds: float = 0.5) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(2 * int(8_000 * seconds)))
    return buffer.getvalue()


def compose(url: str, context: MemoryContext, task: ComposeTask = TASK, **options: Any) -> Song:
    return SpaceComposer(Settings(data_dir=context.scratch, hf_space_id=url)).run(
        task, SpaceOptions(**options), context
    )


def paths(origin: Origin) -> list[str]:
    return [request.path.partition("?")[0] for request in origin.requests]


def page(words: str, status: int = 200) -> Answer:
    body = f"<!doctype html><title>x</title><style>.sign-in{{}}</style><p>{words}</p>".encode()
    return lambda exchange: exchange.answer(status, body, "text/html")


def in_turn(*answers: Answer) -> Answer:
    """The last one again and again."""
    rest = list(answers)
    return lambda exchange: (rest.pop(0) if len(rest) > 1 else rest[0])(exchange)

"""A server that speaks the protocol of OpenAI's chat completions, and says what a test lets it say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from support.origin import Exchange, Origin, serving

MODEL = "tiny"
Turn = Callable[["Asked"], "Said"]


@dataclass(frozen=True)
class Asked:
    """One request to it."""

    body: dict[str, Any]
    authorization: str

    @property
    def last(self) -> str:
        """The text of the last message."""
        content: str = self.body["messages"][-1]["content"]
        return content


@dataclass(frozen=True)
class Said:
    """What it says: text, piece by piece, and tools that it wants called, as (name, arguments). `status` not 200: it
    refuses, with `text` for a reason. `ends` False: the stream breaks off."""

    text: Sequence[str] = ()
    calls: Sequence[tuple[str, str]] = ()
    status: int = 200
    ends: bool = True


@dataclass
class Model:
    """`turns`: what it says to the first request, the second …; the last one goes on for ever."""

    url: str
    origin: Origin
    turns: list[Turn]
    asked: list[Asked] = field(default_factory=list)

    def answer(self, exchange: Exchange) -> None:
        asked = Asked(json.loads(exchange.body), exchange.headers.get("Authorization", ""))
        self.asked.append(asked)
        said = self.turns[min(len(self.asked), len(self.turns)) - 1](asked)
        if said.status != 200:
            error = {"error": {"message": "".join(said.text), "type": "invalid_request_error"}}
            exchange.answer(said.status, json.dumps(error).encode(), "application/json")
        elif asked.body.get("stream"):
            self._stream(exchange, said)
        else:
            message = {"role": "assistant", "content": "".join(said.text), "tool_calls": None}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            whole = {"object": "chat.completion", "model": MODEL, "choices": [choice]}
            exchange.answer(200, json.dumps(whole).encode(), "application/json")

    def _stream(self, exchange: Exchange, said: Said) -> None:
        exchange.start(200, Content_Type="text/event-stream", Connection="close")
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *({"content": one} for one in said.text)]
        for index, (name, arguments) in enumerate(said.calls):
            begun = {"index": index, "id": f"call_{index}", "type": "function"}
            deltas.append({"tool_calls": [{**begun, "function": {"name": name, "arguments": ""}}]})
            halves = arguments[: len(arguments) // 2], arguments[len(arguments) // 2 :]
            deltas += [{"tool_calls": [{"index": index, "function": {"arguments": half}}]} for half in halves]
        for delta in deltas:
            _event(exchange, {"delta": delta, "index": 0, "finish_reason": None})
        if said.ends:
            _event(exchange, {"delta": {}, "index": 0, "finish_reason": "tool_calls" if said.calls else "stop"})
            exchange.wfile.write(b"data: [DONE]\n\n")


def _event(exchange: Exchange, choice: dict[str, Any]) -> None:
    chunk = {"object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}
    exchange.wfile.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
    exchange.wfile.flush()


@contextmanager
def model(*turns: Turn) -> Iterator[Model]:
    """One that serves at `url` until the end."""
    with serving() as origin:
        made = Model(f"{origin.url}/v1", origin, list(turns))
        listed = json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}).encode()
        origin.routes["/v1/models"] = lambda exchange: exchange.answer(200, listed, "application/json")
        origin.routes["/v1/chat/completions"] = made.answer
        yield made


def says(*text: str) -> Turn:
    return lambda asked: Said(text)


def calls(name: str, arguments: str, *text: str) -> Turn:
    return lambda asked: Said(text, [(name, arguments)])


def refuses(status: int, reason: str = "no") -> Turn:
    return lambda asked: Said((reason,), status=status)

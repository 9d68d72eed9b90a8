"""The chat completions of a server: what it says, piece by piece, and which tools it wants called.

The form is that of `POST /v1/chat/completions`: with `stream`, events whose data is a piece of the answer each, until
one says `[DONE]`. Servers differ: some answer whole though asked to stream, some give a tool's arguments at once and
some in pieces, some think aloud in `<think>`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from pansori.domain.errors import EngineFailed, FetchFailed, Text, Unreachable
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Bytes, Seconds
from pansori.engines.elsewhere import EVENTS, Body, Elsewhere, events
from pansori.net import Response, parse_json, said_in

WITHIN: Final = Seconds(180.0)  #: for a whole answer; a model on a processor takes its time
ANSWER: Final = Bytes(8 * 1024 * 1024)  #: of a stream, which says a word in three hundred bytes
DONE: Final = "[DONE]"
CALLS: Final = 16  #: tools that are called at once, at most
THINKING: Final = ("<think>", "</think>")


@dataclass
class ToolCall:
    """A tool that the model wants called. `arguments` as it wrote them: JSON, or something like it."""

    id: str = ""
    name: str = ""
    arguments: str = ""

    def told(self) -> JsonDict:
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


@dataclass
class Answer:
    """What came; it grows as it comes."""

    calls: dict[int, ToolCall] = field(default_factory=dict)
    text: str = ""
    ended: str = ""
    """Why it ended: `stop`, `length`, `tool_calls` … Empty: it has not."""


class Chat:
    """With one model. `model`: empty: the first one that the server lists."""

    def __init__(self, server: Elsewhere, model: str, *, look: Callable[[], None]) -> None:
        self._server = server
        self._look = look
        self._model = model

    @property
    def model(self) -> str:
        """Raises a `NetworkError`."""
        if not self._model:
            listed = self._server.told("GET", "models", look=self._look).get("data")
            first = listed[0].get("id") if isinstance(listed, list) and listed and isinstance(listed[0], dict) else None
            if not isinstance(first, str):
                raise self._server.garbled("…", "a list of models")
            self._model = first
        return self._model

    def complete(self, messages: Sequence[JsonDict], **asked: Any) -> str:
        """The whole answer at once. Raises a `NetworkError`, `EngineFailed`."""
        told = self._server.told(
            "POST", "chat/completions", self._body(messages, asked), within=WITHIN, look=self._look
        )
        answer = Answer()
        return "".join(_spoken(self._taken(told, answer)))

    def stream(self, messages: Sequence[JsonDict], answer: Answer, **asked: Any) -> Iterator[str]:
        """What is said, as it comes; `answer` grows with it. Raises a `NetworkError`, `EngineFailed`."""
        body = self._body(messages, {**asked, "stream": True})
        with self._server.ask(
            "POST", "chat/completions", body, accept=EVENTS, within=WITHIN, size=ANSWER, look=self._look
        ) as response:
            yield from _spoken(self._pieces(response, answer))
        if not answer.ended and not answer.text and not answer.calls:
            raise self._server.garbled("nothing", "an answer")

    def _body(self, messages: Sequence[JsonDict], asked: Mapping[str, Any]) -> Body:
        return Body.json({"model": self.model, "messages": list(messages), **asked})

    def _pieces(self, response: Response, answer: Answer) -> Generator[str, None, None]:
        if response.media_type != EVENTS:
            yield from self._taken(self._server.read_object(response), answer)
            return
        for data in events(response):
            self._look()
            if data.strip() == DONE:
                answer.ended = answer.ended or "stop"
                return
            yield from self._taken(self._parsed(data), answer)
        if not answer.ended:
            raise self._broken_off()

    def _parsed(self, data: str) -> JsonDict:
        try:
            told = parse_json(data.encode())
        except ValueError as error:
            raise self._server.garbled("something else", "JSON") from error
        if not isinstance(told, dict):
            raise self._server.garbled("something else", "an object in JSON")
        return told

    def _taken(self, told: JsonDict, answer: Answer) -> Generator[str, None, None]:
        """What one piece, or a whole answer, says."""
        if told.get("error"):
            raise self._failed(said_in(told))
        choices = told.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            if isinstance(choices, list):
                return  # a piece that only counts tokens
            raise self._server.garbled("an object without choices", "an answer")
        part = choice.get("delta") or choice.get("message") or {}
        if not isinstance(part, dict):
            raise self._server.garbled("something else", "a message")
        _collect(part.get("tool_calls"), answer)
        ended = choice.get("finish_reason")
        answer.ended = ended if isinstance(ended, str) else answer.ended
        said = part.get("content")
        if isinstance(said, str) and said:
            answer.text += said
            yield said

    def _broken_off(self) -> Unreachable:
        return Unreachable(
            Text(
                f"{self._server.url.authority} broke off in the middle of its answer.",
                f"{self._server.url.authority}: 답하다가 중간에 끊겼어요.",
            )
        )

    def _failed(self, said: str) -> FetchFailed:
        colon = f": {said}" if said else "."
        return FetchFailed(
            Text(
                f"{self._server.url.authority} failed while it answered{colon}",
                f"{self._server.url.authority}: 답하는 중에 오류가 났어요{colon}",
            )
        )


def _collect(calls: Any, answer: Answer) -> None:
    """Pieces of tool calls. A call is continued by its index; some servers give none, and each call whole."""
    for number, told in enumerate(calls if isinstance(calls, list) else ()):
        if not isinstance(told, dict):
            continue
        index = told.get("index")
        if not isinstance(index, int):
            index = len(answer.calls) if told.get("id") else number
        if index not in answer.calls and len(answer.calls) >= CALLS:
            raise EngineFailed(
                Text(
                    "The language model wants too much done at once.", "언어 모델이 한 번에 너무 많은 일을 하려고 해요."
                )
            )
        call = answer.calls.setdefault(index, ToolCall(id=f"call_{index}"))
        function = told.get("function")
        function = function if isinstance(function, dict) else {}
        call.id = told["id"] if isinstance(told.get("id"), str) and told["id"] else call.id
        call.name += function["name"] if isinstance(function.get("name"), str) else ""
        arguments = function.get("arguments")
        call.arguments += arguments if isinstance(arguments, str) else ""


def _spoken(pieces: Generator[str, None, None]) -> Iterator[str]:
    """What is to be heard, without what is thought aloud before it."""
    aloud = _Aloud()
    with closing(pieces):
        for piece in pieces:
            yield from aloud.hear(piece)
    yield from aloud.rest()


@dataclass
class _Aloud:
    """Takes thoughts out, however their marks are cut into pieces."""

    held: str = ""
    thinking: bool = False

    def hear(self, piece: str) -> Iterator[str]:
        self.held += piece
        while True:
            before, found, after = self.held.partition(THINKING[self.thinking])
            if not found:
                break
            if before and not self.thinking:
                yield before
            self.held, self.thinking = after, not self.thinking
        ready = len(self.held) - _beginning(self.held, THINKING[self.thinking])
        if ready and not self.thinking:
            yield self.held[:ready]
        self.held = self.held[ready:]

    def rest(self) -> Iterator[str]:
        if self.held and not self.thinking:
            yield self.held


def _beginning(text: str, mark: str) -> int:
    """How many characters at the end of `text` may be the beginning of `mark`."""
    return next((size for size in range(min(len(mark) - 1, len(text)), 0, -1) if text.endswith(mark[:size])), 0)


def unsupported(error: Exception) -> bool:
    """Whether a server refused what not every one has, such as tools, or answers in a schema."""
    return isinstance(error, FetchFailed) and error.status in (400, 404, 415, 422, 500, 501)

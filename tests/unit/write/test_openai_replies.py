"""Replies by language models: said as they come, with tools on the way, and what goes wrong told apart."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from pansori.domain.errors import (
    Cancelled,
    Conflict,
    EngineFailed,
    EngineUnavailable,
    FetchFailed,
    GarbledAnswer,
    NetworkError,
    Unreachable,
)
from pansori.domain.tasks import Message, ReplyTask
from pansori.engines.write.base import Tool
from pansori.engines.write.openai import OpenaiWriter, OpenaiWriterOptions
from pansori.settings import Settings
from support.chat import MODEL, Model, Said, Turn, calls, model, refuses, says
from support.context import MemoryContext
from support.origin import Exchange
from support.services import free_port


class Song(BaseModel):
    prompt: str = Field(min_length=1)


class Band:
    """A tool that remembers what it was asked."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.asked: list[str] = []
        self._refuses = refuses

    @property
    def tools(self) -> dict[str, Tool]:
        return {"make_song": Tool("make_song", "Begin to make a song.", Song, self._make)}

    def _make(self, song: Song) -> dict[str, Any]:
        if self._refuses:
            raise Conflict("The band has gone home.", cure="Come back tomorrow.")
        self.asked.append(song.prompt)
        return {"state": "queued", "prompt": song.prompt}


class Asking:
    def __init__(self, server: Model, folder: Path, **settings: Any) -> None:
        self.server = server
        self.engine = OpenaiWriter(Settings(data_dir=folder, openai_url=server.url, **settings))
        self.context = MemoryContext(seed=1, scratch=folder)

    def pieces(self, text: str = "hello", band: Band | None = None, **task: Any) -> Iterator[str]:
        return self.engine.reply(ReplyTask(text=text, **task), None, self.context, band.tools if band else None)

    def reply(self, text: str = "hello", band: Band | None = None, **task: Any) -> str:
        return "".join(self.pieces(text, band, **task))


@contextmanager
def asking(folder: Path, *turns: Turn, **settings: Any) -> Iterator[Asking]:
    with model(*turns) as server:
        yield Asking(server, folder, **settings)


# -- said ------------


def test_it_is_said_as_it_comes(tmp_path: Path) -> None:
    with asking(tmp_path, says("Good ", "morning", ".")) as one:
        assert list(one.pieces()) == ["Good ", "morning", "."]


def test_the_model_is_told_what_was_said_before_and_how_to_answer(tmp_path: Path) -> None:
    before = (Message(role="user", text="안녕"), Message(role="assistant", text="안녕하세요!"))
    with asking(tmp_path, says("네."), openai_key="secret") as one:
        one.reply("뭐 해?", history=before, instructions="Speak like a pirate.")
        asked = one.server.asked[0]
    system, *messages = asked.body["messages"]
    assert (asked.body["model"], asked.body["stream"], asked.authorization) == (MODEL, True, "Bearer secret")
    assert system["role"] == "system"
    assert system["content"].startswith("Speak like a pirate.")
    assert "Answer in Korean" in system["content"]
    assert messages == [
        {"role": "user", "content": "안녕"},
        {"role": "assistant", "content": "안녕하세요!"},
        {"role": "user", "content": "뭐 해?"},
    ]


def test_the_model_that_is_set_is_asked_and_none_is_looked_up(tmp_path: Path) -> None:
    with asking(tmp_path, says("Yes."), openai_write_model="large") as one:
        one.reply()
        asked = OpenaiWriterOptions(model="larger")
        assert "".join(one.engine.reply(ReplyTask(text="hello"), asked, one.context))
    assert [one.body["model"] for one in one.server.asked] == ["large", "larger"]
    assert all(request.path != "/v1/models" for request in one.server.origin.requests)


def test_a_server_that_answers_whole_is_understood(tmp_path: Path) -> None:
    with asking(tmp_path) as one:
        told = {"choices": [{"message": {"role": "assistant", "content": "All at once."}, "finish_reason": "stop"}]}
        body = json.dumps(told).encode()
        one.server.origin.routes["/v1/chat/completions"] = lambda exchange: exchange.answer(
            200, body, "application/json"
        )
        assert one.reply() == "All at once."


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (("<think>hm", "m</think>Yes."), "Yes."),
        (("<thi", "nk>a < b</th", "ink>", "No."), "No."),
        (("1 <", " 2"), "1 < 2"),
        (("<th", "at>"), "<that>"),
        (("Well. <think>x</think>", "Yes."), "Well. Yes."),
    ],
)
def test_what_is_thought_aloud_is_not_said(tmp_path: Path, said: tuple[str, ...], heard: str) -> None:
    with asking(tmp_path, says(*said)) as one:
        assert one.reply() == heard


# -- tools ------------


def test_a_tool_is_called_and_the_model_told_what_came_of_it(tmp_path: Path) -> None:
    band = Band()
    with asking(tmp_path, calls("make_song", '{"prompt": "rain"}', "Let me see."), says("It has begun.")) as one:
        assert one.reply(band=band) == "Let me see. It has begun."
        first, second = one.server.asked
    assert band.asked == ["rain"]
    described = first.body["tools"][0]["function"]
    assert (described["name"], described["parameters"]["required"]) == ("make_song", ["prompt"])
    called, told = second.body["messages"][-2:]
    assert called["tool_calls"][0]["function"] == {"name": "make_song", "arguments": '{"prompt": "rain"}'}
    assert (told["role"], told["tool_call_id"]) == ("tool", called["tool_calls"][0]["id"])
    assert json.loads(told["content"]) == {"state": "queued", "prompt": "rain"}


@pytest.mark.parametrize(
    "arguments",
    ["{'prompt': 'rain'}", '```json\n{"prompt": "rain",}\n```', 'Sure: {"prompt": "rain"}', "{prompt: 1}"],
)
def test_arguments_that_are_not_quite_json_are_mended_or_asked_for_again(tmp_path: Path, arguments: str) -> None:
    band = Band()
    again = calls("make_song", '{"prompt": "rain"}')
    with asking(tmp_path, calls("make_song", arguments), again, says("Done.")) as one:
        one.reply(band=band)
        told = json.loads(one.server.asked[1].body["messages"][-1]["content"])
    assert band.asked[0] == "rain"
    assert ("error" in told) == (arguments == "{prompt: 1}")


def test_what_a_tool_cannot_do_is_told_to_the_model(tmp_path: Path) -> None:
    call = calls("make_song", '{"prompt": "rain"}')
    with asking(tmp_path, call, calls("fly", "{}"), says("I cannot.")) as one:
        assert one.reply(band=Band(refuses=True)) == "I cannot."
        refused, unknown = (json.loads(asked.last) for asked in one.server.asked[1:])
    assert refused == {"error": "The band has gone home.", "cure": "Come back tomorrow."}
    assert "There is no tool “fly”" in unknown["error"]


def test_it_has_to_say_something_in_the_end(tmp_path: Path) -> None:
    band = Band()
    with asking(tmp_path, calls("make_song", '{"prompt": "rain"}')) as one, pytest.raises(EngineFailed):
        one.reply(band=band)
    assert len(band.asked) < 6
    assert "tools" not in one.server.asked[-1].body


def test_a_server_without_tools_is_asked_without(tmp_path: Path) -> None:
    with asking(tmp_path, refuses(400, "tools are not supported"), says("Hello.")) as one:
        assert one.reply(band=Band()) == "Hello."
    assert "tools" not in one.server.asked[1].body


# -- what goes wrong ------------


def test_nothing_listens_there(tmp_path: Path) -> None:
    engine = OpenaiWriter(Settings(data_dir=tmp_path, openai_url=f"http://127.0.0.1:{free_port()}/v1"))
    with pytest.raises(Unreachable) as failed:
        list(engine.reply(ReplyTask(text="hello"), None, MemoryContext(seed=1, scratch=tmp_path)))
    assert "PANSORI_OPENAI_URL" in str(failed.value.cure)


def test_a_wrong_key_is_named(tmp_path: Path) -> None:
    key_refused = refuses(401, "Incorrect API key")
    with (
        asking(tmp_path, key_refused, openai_key="x") as one,
        pytest.raises(FetchFailed, match="401: Incorrect API key") as failed,
    ):
        one.reply()
    assert "PANSORI_OPENAI_KEY" in str(failed.value.cure)


def test_a_stream_that_breaks_off_is_no_answer(tmp_path: Path) -> None:
    with asking(tmp_path, lambda asked: Said(("Once upon",), ends=False)) as one:
        pieces = one.pieces()
        assert next(pieces) == "Once upon"
        with pytest.raises(Unreachable, match="broke off"):
            next(pieces)


def _page(exchange: Exchange) -> None:
    exchange.answer(200, b"<html>Welcome to nginx!</html>", "text/html")


def _nonsense(exchange: Exchange) -> None:
    exchange.answer(200, b"data: {half an obj\n\n", "text/event-stream")


def _failure(exchange: Exchange) -> None:
    exchange.answer(200, b'data: {"error": {"message": "out of memory"}}\n\n', "text/event-stream")


def _numbers(exchange: Exchange) -> None:
    exchange.answer(200, b"[1, 2]", "application/json")


@pytest.mark.parametrize(
    ("route", "error", "words"),
    [
        (_page, GarbledAnswer, "text/html in place of JSON"),
        (_nonsense, GarbledAnswer, "in place of JSON"),
        (_numbers, GarbledAnswer, "list in place of JSON"),
        (_failure, FetchFailed, "out of memory"),
    ],
)
def test_nonsense_is_told_from_failure(tmp_path: Path, route: Any, error: type[NetworkError], words: str) -> None:
    with asking(tmp_path) as one:
        one.server.origin.routes["/v1/chat/completions"] = route
        with pytest.raises(error, match=words):
            one.reply()


def test_silence_is_a_failure(tmp_path: Path) -> None:
    with asking(tmp_path, says("", " ")) as one, pytest.raises(EngineFailed):
        one.reply()


def test_nothing_leaves_this_machine_without_an_address(tmp_path: Path) -> None:
    engine = OpenaiWriter(Settings(data_dir=tmp_path))
    assert (engine.status().state, engine.status().cure) == (
        "missing",
        "Set PANSORI_OPENAI_URL to the address of one.",
    )
    with pytest.raises(EngineUnavailable):
        list(engine.reply(ReplyTask(text="hello"), None, MemoryContext(seed=1, scratch=tmp_path)))


def test_whoever_cancels_does_not_wait_for_the_model(tmp_path: Path) -> None:
    with asking(tmp_path) as one:
        begun = threading.Event()

        def endless(exchange: Exchange) -> None:
            exchange.start(200, Content_Type="text/event-stream")
            exchange.wfile.write(b'data: {"choices": [{"delta": {"content": "Well"}}]}\n\n')
            exchange.wfile.flush()
            begun.set()
            one.server.origin.ending.wait()

        one.server.origin.routes["/v1/chat/completions"] = endless
        pieces = one.pieces()
        assert next(pieces) == "Well"
        assert begun.wait(120)
        one.context.cancel_at = 0.0
        one.context.progress("reply", 0.0)
        with pytest.raises(Cancelled):
            next(pieces)


def test_whoever_leaves_ends_the_request(tmp_path: Path) -> None:
    with asking(tmp_path) as one:

        def endless(exchange: Exchange) -> None:
            exchange.start(200, Content_Type="text/event-stream")
            while not one.server.origin.ending.wait(0.01):
                exchange.wfile.write(b'data: {"choices": [{"delta": {"content": "la "}}]}\n\n')
                exchange.wfile.flush()

        one.server.origin.routes["/v1/chat/completions"] = endless
        pieces = one.pieces()
        assert [next(pieces) for _ in range(3)] == ["la "] * 3
        assert isinstance(pieces, Generator)
        pieces.close()
        assert one.server.origin.gone.wait(120)

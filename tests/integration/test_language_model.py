"""The engine `openai` before a real server: llama.cpp's, with a language model of two megabytes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from pansori.domain.errors import FetchFailed
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import SAID_MAX_CHARACTERS, Message, ReplyTask, WriteTask
from pansori.engines.write.base import Tool
from pansori.engines.write.openai import OpenaiWriter, OpenaiWriterOptions
from pansori.settings import Settings
from pansori.workflows.voice import Acting
from support import tiny_llama
from support.context import MemoryContext
from support.services import Supervised, free_port
from support.waiting import eventually

SERVER = Path(tiny_llama.__file__).with_name("llama_server.py")
SAID = "".join(tiny_llama.SAID)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of the server, up to and with /v1."""
    folder, port = tmp_path_factory.mktemp("llama"), free_port()
    weights = folder / "tiny.gguf"
    tiny_llama.write(weights)
    server = Supervised([sys.executable, str(SERVER), str(weights), str(port)], log=folder / "log")
    address = f"http://127.0.0.1:{port}/v1"

    def answers() -> bool:
        try:
            return httpx.get(f"{address}/models").status_code == 200
        except httpx.TransportError:
            assert not server.ended, (folder / "log").read_text()
            return False

    try:
        eventually(answers)
        yield address
    finally:
        server.stop()


@pytest.fixture
def engine(url: str, tmp_path: Path) -> OpenaiWriter:
    return OpenaiWriter(Settings(data_dir=tmp_path, openai_url=url))


@pytest.fixture
def context(tmp_path: Path) -> MemoryContext:
    return MemoryContext(seed=5, scratch=tmp_path)


def test_a_reply_comes_word_by_word(engine: OpenaiWriter, context: MemoryContext) -> None:
    before = (Message(role="user", text="안녕"), Message(role="assistant", text="안녕하세요!"))
    pieces = list(engine.reply(ReplyTask(text="Hello?", history=before), None, context))
    assert "".join(pieces) == SAID
    assert len(pieces) > 2


def test_a_reply_may_be_left_and_another_begun(engine: OpenaiWriter, context: MemoryContext) -> None:
    with closing(engine.reply(ReplyTask(text="Hello?"), None, context)) as pieces:  # type: ignore[type-var]  # generators all
        assert next(pieces)
    assert "".join(engine.reply(ReplyTask(text="Hello?"), None, context)) == SAID


def test_tools_are_offered_to_who_does_not_call_them(engine: OpenaiWriter, context: MemoryContext) -> None:
    acting: Any = Acting(services=None, owner=None)  # type: ignore[arg-type]  # none is called
    assert "".join(engine.reply(ReplyTask(text="Hello?"), None, context, acting.tools)) == SAID
    assert acting.done == []


class Ring(BaseModel):
    times: int


def test_a_tool_is_called_and_its_facts_are_answered_from(engine: OpenaiWriter, context: MemoryContext) -> None:
    rung: list[int] = []

    def ring(asked: Ring) -> JsonDict:
        rung.append(asked.times)
        return {"rung": True}

    tools = {"ring": Tool("ring", "Rings the bell.", Ring, ring)}
    assert "".join(engine.reply(ReplyTask(text="Ring!"), None, context, tools)) == SAID
    assert rung == [3]


def test_a_song_is_planned_in_the_schema_that_was_asked_for(engine: OpenaiWriter, context: MemoryContext) -> None:
    task = WriteTask(purpose="lyrics", prompt="a sad song about rain, 80 bpm", language="en")
    writing = engine.run(task, OpenaiWriterOptions(), context)
    assert writing.lyrics == "[verse]\nRain on the roof\nRain on the road"
    assert writing.tempo == 80.0
    assert writing.voice in ("female", "male")


def test_more_than_the_model_takes_is_no_answer(engine: OpenaiWriter, context: MemoryContext) -> None:
    with pytest.raises(FetchFailed) as refused:
        list(engine.reply(ReplyTask(text="비" * SAID_MAX_CHARACTERS), None, context))
    assert "context" in refused.value.message.en
    assert "".join(engine.reply(ReplyTask(text="Hello?"), None, context)) == SAID

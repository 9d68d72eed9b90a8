"""What every engine that answers keeps to: one abstract suite, inherited for each."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from pansori.domain.errors import Cancelled, EngineUnavailable
from pansori.domain.tasks import Family, Message, ReplyTask
from pansori.engines.base import Offer, describe
from pansori.engines.registry import Registry
from pansori.engines.write.assistant import Assistant
from pansori.engines.write.base import REPLIES, Replying, Tool, Writer
from pansori.engines.write.debug import DebugWriter
from pansori.engines.write.openai import OpenaiWriter
from pansori.engines.write.ttot import TtotWriter
from pansori.lexicon.commands import INTENTS
from pansori.lexicon.hangul import is_block
from pansori.settings import Settings
from pansori.workflows import GenerationTask, GenerationWorkflow
from support.chat import Asked, Said, model
from support.commands import sentences
from support.context import MemoryContext
from support.origin import Exchange, serving

QUESTIONS = {"ko": "지금 몇 시야?", "en": "What time is it?"}


class Nothing(BaseModel):
    """No parameters."""


class ReplierSuite(ABC):
    @abstractmethod
    def made(self, settings: Settings) -> AbstractContextManager[Replying]:
        """The engine, with all that it asks."""

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Replying]:
        with self.made(Settings(data_dir=tmp_path)) as engine:
            yield engine

    @pytest.fixture
    def context(self, tmp_path: Path) -> MemoryContext:
        return MemoryContext(seed=1, scratch=tmp_path)

    def test_it_describes_itself(self, engine: Replying) -> None:
        assert isinstance(engine, Offer)
        shown = describe(engine)
        assert (shown["family"], shown["state"]) == (Family.WRITE.value, "ready")
        assert REPLIES in shown["card"]["abilities"]
        assert ("songs" in shown["card"]["abilities"]) == isinstance(engine, Writer)
        json.dumps(shown)

    @pytest.mark.parametrize("language", QUESTIONS)
    def test_it_answers_in_the_language_it_is_asked_in(
        self, engine: Replying, context: MemoryContext, language: str
    ) -> None:
        answer = "".join(engine.reply(ReplyTask(text=QUESTIONS[language]), None, context))
        assert answer.strip()
        assert any(map(is_block, answer)) == (language == "ko")

    def test_what_was_said_before_is_no_trouble(self, engine: Replying, context: MemoryContext) -> None:
        before = (
            Message(role="user", text="hello"),
            Message(role="assistant", text="Hi!"),
            Message(role="user", text=""),
        )
        assert "".join(engine.reply(ReplyTask(text="hello", history=before), None, context))

    def test_a_cancelled_reply_says_nothing(self, engine: Replying, tmp_path: Path) -> None:
        context = MemoryContext(seed=1, scratch=tmp_path, cancel_at=0.0)
        context.progress("reply", 0.0)
        with pytest.raises(Cancelled):
            list(engine.reply(ReplyTask(text="hello"), None, context))

    def test_it_may_be_left_before_it_has_said_all(self, engine: Replying, context: MemoryContext) -> None:
        with closing(engine.reply(ReplyTask(text="hello " * 100), None, context)) as pieces:  # type: ignore[type-var]  # generators all
            assert next(pieces)

    def test_tools_that_it_has_no_use_for_are_not_called(self, engine: Replying, context: MemoryContext) -> None:
        called: list[BaseModel] = []

        def call(asked: BaseModel) -> dict[str, object]:
            called.append(asked)
            return {}

        tools: Mapping[str, Tool] = {"explode": Tool("explode", "Never.", Nothing, call)}
        assert "".join(engine.reply(ReplyTask(text="hello"), None, context, tools))
        assert not called


class TestDebug(ReplierSuite):
    def made(self, settings: Settings) -> AbstractContextManager[Replying]:
        return nullcontext(DebugWriter(settings))


class TestAssistant(ReplierSuite):
    def made(self, settings: Settings) -> AbstractContextManager[Replying]:
        return nullcontext(Assistant(settings))


class TestTtot(ReplierSuite):
    @contextmanager
    def made(self, settings: Settings) -> Iterator[Replying]:
        def generate(exchange: Exchange) -> None:
            said = json.loads(exchange.body)["text"]
            told = {"user_id": 10, "ttot_text": "네." if any(map(is_block, said)) else "Yes."}
            exchange.answer(200, json.dumps(told).encode(), "application/json")

        with serving({"/generate": generate}) as origin:
            yield TtotWriter(settings.model_copy(update={"ttot_url": origin.url}))


class TestOpenai(ReplierSuite):
    @contextmanager
    def made(self, settings: Settings) -> Iterator[Replying]:
        def answer(asked: Asked) -> Said:
            return Said(("네, ", "알겠어요.") if any(map(is_block, asked.last)) else ("Yes, ", "sure."))

        with model(answer) as server:
            yield OpenaiWriter(settings.model_copy(update={"openai_url": server.url}))


# -- engines of the family that do the one and not the other ------------


@pytest.mark.parametrize(
    ("name", "what", "others"),
    [("assistant", Writer, "songsmith"), ("ttot", Writer, "songsmith"), ("songsmith", Replying, "assistant")],
)
def test_who_cannot_do_it_is_told_from_who_can(tmp_path: Path, name: str, what: type[Any], others: str) -> None:
    registry = Registry(Settings(data_dir=tmp_path, ttot_url="http://127.0.0.1:8002"))
    with pytest.raises(EngineUnavailable) as refused:
        registry.find(Family.WRITE, name, what)
    assert name in refused.value.message.en
    assert others in str(refused.value.cure)
    assert registry.find(Family.WRITE, "debug", what)


def test_songs_are_not_written_by_who_only_answers(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, write_engine="assistant")
    workflow = GenerationWorkflow(Registry(settings), settings)
    with pytest.raises(EngineUnavailable, match="assistant") as refused:
        workflow.accept(GenerationTask(prompt="a song"))
    assert "songsmith" in str(refused.value.cure)


def test_the_assistant_has_an_answer_to_every_command(tmp_path: Path) -> None:
    engine, context = Assistant(Settings(data_dir=tmp_path)), MemoryContext(seed=1, scratch=tmp_path)
    answered = set()
    for one in sentences("commands.tsv"):
        if one.intent:
            answer = "".join(engine.reply(ReplyTask(text=one.text), None, context))
            assert "PANSORI_REPLY_ENGINE" not in answer, one
            assert any(map(is_block, answer)) == any(map(is_block, one.text)), one
            answered.add(one.intent)
    assert answered == set(INTENTS)


def test_what_the_assistant_does_not_understand_needs_a_model_and_it_says_so(tmp_path: Path) -> None:
    engine, context = Assistant(Settings(data_dir=tmp_path)), MemoryContext(seed=1, scratch=tmp_path)
    for text in ("대통령이 누구야?", "Tell me a joke."):
        assert "PANSORI_REPLY_ENGINE=openai" in "".join(engine.reply(ReplyTask(text=text), None, context))

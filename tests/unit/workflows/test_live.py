"""A live conversation from within: what goes wrong in it, and what is left of it then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import delete

from pansori import jobs
from pansori.accounts import Client
from pansori.bootstrap import build
from pansori.db.tables import Conversation
from pansori.domain.errors import Cancelled, EngineFailed, InvalidRequest, Text
from pansori.domain.jobs import JobState, JobView
from pansori.domain.tasks import Message
from pansori.domain.units import Seconds
from pansori.engines.speak.base import SpokenPart
from pansori.engines.speak.script import SENTENCE_PAUSE
from pansori.engines.transcribe.base import Transcript
from pansori.engines.write.base import Tool
from pansori.library import conversations, turns
from pansori.library.turns import TurnView
from pansori.settings import load
from pansori.workflows import Services
from pansori.workflows.voice import Acting, Choice, Parts
from pansori.workflows.voice.live import Live, Outbox, Start
from pansori.workflows.voice.live.journal import Journal
from pansori.workflows.voice.live.session import IN_LINE
from pansori.workflows.voice.live.turn import LiveTurn, Question
from pansori.workflows.voice.live.utterance import LONGEST
from pansori.workflows.voice.live.vocabulary import (
    Acted,
    Audio,
    Cancel,
    Done,
    Event,
    Failed,
    Played,
    SpeechEnd,
    SpeechStarted,
    Typed,
    Understood,
)
from support.accounts import CHEAP, PASSWORD
from support.live import pcm, said
from support.origin import serving
from support.talking import RATE, tones
from support.voice import ENGINES
from support.waiting import PATIENCE, eventually

TOO_LONG = "You have spoken for 60 seconds"


@pytest.fixture
def live(services: Services, owner: UUID) -> Iterator[Live]:
    live = Live(services, owner, Start(type="start"))
    yield live
    live.close()
    live.wait(Seconds(PATIENCE))


def tell(live: Live, text: str) -> Done:
    """How a turn in writing ends."""
    live.ask(Typed(type="text", text=text))
    live.wait(Seconds(PATIENCE))
    [done] = [one for one in said(live) if isinstance(one, Done)]
    return done


def job_of(services: Services, owner: UUID, turn: UUID) -> JobView:
    with services.database.read() as session:
        row = turns.get(session, owner, turn)
        assert row.job_id is not None
        return jobs.get(session, row.job_id, owner=owner)


class Asked:
    """One turn of a conversation, which is kept: its words come when `understand` gives them."""

    def __init__(self, services: Services, owner: UUID, understand: Callable[[], Transcript], parts: Parts) -> None:
        with services.database.write() as session:
            conversation = conversations.begin(session, owner).id
        question = Question(1, understand, tuple[Message, ...], "en", "")
        self.outbox = Outbox()
        self.turn = LiveTurn(question, parts, lambda _: Acting(services, owner), self.outbox)
        self._services, self._owner = services, owner
        self._journal = Journal(services, owner, 10, conversation, parts.choice)

    def carry_out(self) -> None:
        with self._services.kernel.folder() as folder, self._journal.entry(self.turn, None, folder) as entry:
            self.turn.run(folder, entry.begin)
            entry.end()

    @property
    def kept(self) -> tuple[TurnView, JobView]:
        with self._services.database.read() as session:
            row = turns.get(session, self._owner, self.turn.id)
            assert row.job_id is not None
            return row, jobs.get(session, row.job_id, owner=self._owner)


def words(text: str = "five") -> Transcript:
    return Transcript(text=text, language="en", duration=Seconds(0.0))


def parts_of(services: Services, kind: type[Parts] = Parts) -> Parts:
    return kind(services.registry, services.settings, Choice.of(services.settings), user=10)


def test_who_is_interrupted_before_being_understood_is_kept_all_the_same(services: Services, owner: UUID) -> None:
    def understand() -> Transcript:
        asked.turn.interrupt()
        return words()

    asked = Asked(services, owner, understand, parts_of(services))
    asked.carry_out()
    row, job = asked.kept
    assert (row.heard, row.reply) == ("five", None)
    assert job.state is JobState.CANCELLED


class Faulty(Parts):
    """Answers by a fault of the program."""

    def answer(self, text: str, folder: Path, **options: Any) -> Iterator[str]:
        yield "Well, "
        raise ZeroDivisionError


def test_a_turn_that_meets_a_fault_of_the_program_is_kept_as_failed(services: Services, owner: UUID) -> None:
    asked = Asked(services, owner, words, parts_of(services, Faulty))
    asked.carry_out()
    row, job = asked.kept
    assert (row.state, row.heard) == ("failed", "five")
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert job.error.code == "internal_error"


class Mute(Parts):
    """Fails to speak while more is being written."""

    called_off = False

    def answer(
        self, text: str, folder: Path, *, look: Callable[[], None] = lambda: None, **options: Any
    ) -> Iterator[str]:
        yield "One sentence. And "
        pause = threading.Event()
        try:
            for _ in range(round(PATIENCE / 0.01)):
                look()
                pause.wait(0.01)
        except Cancelled:
            self.called_off = True
            raise

    def speak(self, text: str, folder: Path, **options: Any) -> Generator[SpokenPart]:
        raise EngineFailed(Text("It broke.", "고장 났어요."))
        yield


def test_nobody_waits_for_an_answer_that_cannot_be_spoken(services: Services, owner: UUID) -> None:
    parts = Mute(services.registry, services.settings, Choice.of(services.settings), user=10)
    asked = Asked(services, owner, words, parts)
    asked.carry_out()
    assert parts.called_off
    assert asked.turn.reply == "One sentence. And "
    row, _ = asked.kept
    assert row.error is not None
    assert row.error["message"] == "It broke."


class Doing(Parts):
    """Says something, does something, and says no more."""

    def answer(
        self, text: str, folder: Path, *, tools: Mapping[str, Tool] | None = None, **options: Any
    ) -> Iterator[str]:
        yield "Here it comes."
        song = (tools or {})["make_song"]
        song.call(song.Parameters(prompt="rain"))


def test_what_is_done_behind_the_last_words_is_told_too(services: Services, owner: UUID) -> None:
    asked = Asked(services, owner, words, parts_of(services, Doing))
    asked.carry_out()
    told = [message.event for message in iter(asked.outbox.next, None)]
    assert [event.name for event in told if isinstance(event, Acted)] == ["make_song"]


def test_who_holds_the_button_for_more_than_a_minute_is_answered_once(services: Services, owner: UUID) -> None:
    live = Live(services, owner, Start(type="start", hands_free=False))
    try:
        live.hear(pcm(tones(5, pause=LONGEST)))
        live.hear(pcm(tones(6)))  # the button is still held
        live.wait(Seconds(PATIENCE))
        live.ask(SpeechEnd(type="speech_end"))
        told = said(live)
        assert [one.state for one in told if isinstance(one, Done)] == ["done"]
        assert [(one.turn, one.message[:30]) for one in told if isinstance(one, Failed)] == [(1, TOO_LONG)]
        live.hear(pcm(tones(7)))
        live.ask(SpeechEnd(type="speech_end"))
        live.wait(Seconds(PATIENCE))
        assert [one.text for one in said(live) if isinstance(one, Understood)] == ["seven"]
        with pytest.raises(InvalidRequest, match="speaking"):
            live.ask(SpeechEnd(type="speech_end"))
    finally:
        live.close()


def test_who_speaks_for_more_than_a_minute_on_end_is_told_when_they_are_heard_again(live: Live) -> None:
    def heard() -> list[Event]:
        live.wait(Seconds(PATIENCE))
        told = said(live)
        return [one for one in told if isinstance(one, SpeechStarted | Failed | Understood)]

    live.hear(pcm(np.tile(tones(8, pause=0.0), round((LONGEST + 2.0) / 0.65))))  # of so many seconds
    began, failed, understood = heard()
    assert (began.type, failed.type, understood.type) == ("speech_started", "error", "final")
    assert isinstance(failed, Failed)
    assert (failed.turn, failed.message[:30]) == (1, TOO_LONG)
    live.hear(pcm(tones(6, pause=0.0)))  # still without a pause
    assert heard() == []
    live.hear(pcm(np.concatenate((np.zeros(RATE), tones(7)))))
    assert [one.type for one in heard()] == ["speech_started", "final"]


def test_who_speaks_is_heard_though_what_they_interrupt_cannot_be_noted(
    live: Live, services: Services, owner: UUID
) -> None:
    assert tell(live, "five").turn_id is not None
    live.ask(Played(type="played", turn=1, seconds=Seconds(0.1)))
    with services.database.write() as session:
        session.execute(delete(Conversation).where(Conversation.id == live.conversation_id))
    live.hear(pcm(tones(5)))
    live.wait(Seconds(PATIENCE))
    assert [one.text for one in said(live) if isinstance(one, Understood)] == ["five"]


def test_whoever_interrupts_waits_for_no_database(live: Live, services: Services, owner: UUID) -> None:
    turn = tell(live, "five").turn_id
    assert turn is not None
    live.ask(Played(type="played", turn=1, seconds=Seconds(0.1)))
    with services.database.write():  # which nobody else may meanwhile
        live.ask(Cancel(type="cancel"))
    live.wait(Seconds(PATIENCE))
    with services.database.read() as session:
        assert turns.get(session, owner, turn).timings["interrupted"]["seconds"] == 0.1


def test_a_character_that_no_database_keeps_is_left_out(live: Live, services: Services, owner: UUID) -> None:
    done = tell(live, "five\0six")
    assert done.turn_id is not None
    with services.database.read() as session:
        assert turns.get(session, owner, done.turn_id).heard == "five six"


def test_who_floods_it_with_silence_is_heard_behind_those_who_speak(live: Live) -> None:
    assert live.since == 0.0
    live.hear(pcm(np.zeros(60 * RATE)))
    assert live.since > 0.0


def test_there_is_a_pause_between_sentences(live: Live) -> None:
    live.ask(Typed(type="text", text="One. Two."))
    live.wait(Seconds(PATIENCE))
    told = ((one.event, np.frombuffer(one.sound, "<i2")) for one in iter(live.outbox.next, None))
    first, second = ((event, sound) for event, sound in told if isinstance(event, Audio))
    assert first[1][: first[0].rate // 10].any()
    assert not second[1][: round(SENTENCE_PAUSE * second[0].rate)].any()
    assert second[0].words[0].start == pytest.approx(SENTENCE_PAUSE)


def test_who_begins_more_turns_than_are_answered_is_listened_to_no_more(live: Live, services: Services) -> None:
    with services.database.write():  # nothing is kept meanwhile, so no turn ends
        for number in range(IN_LINE):
            assert not live.is_crowded
            live.ask(Typed(type="text", text=f"number {number}"))
        assert live.is_crowded
    eventually(lambda: not live.is_crowded)


def test_what_is_run_again_sounds_as_it_did(services: Services, owner: UUID) -> None:
    live = Live(services, owner, Start(type="start", language="en", voice="high"))
    try:
        done = tell(live, "five")
        assert done.turn_id is not None
        task = job_of(services, owner, done.turn_id).task
        assert (task["language"], task["voice"], task["rate"], task["volume"]) == ("en", "high", 1.0, 0.0)
    finally:
        live.close()


def test_what_failed_goes_on_from_where_it_failed(tmp_path: Path) -> None:
    with serving({"/generate": lambda exchange: exchange.answer(500)}) as ttot:
        own = {**ENGINES, "reply_engine": "ttot", "ttot_url": ttot.url}
        services = build(load(data_dir=tmp_path, workers=0, **own))
        live = Live(services, owner := services.accounts.local().known("write").id, Start(type="start", voice="high"))
        try:
            live.hear(pcm(tones(5)))
            live.wait(Seconds(PATIENCE))
            [done] = [one for one in said(live) if isinstance(one, Done)]
            assert done.turn_id is not None
            failed = job_of(services, owner, done.turn_id)
            ttot.routes["/generate"] = lambda exchange: exchange.answer(200, b'{"ttot_text": "hi"}', "application/json")
            heard = [one.path for one in ttot.requests]
            with services.database.write() as session:
                jobs.retry(session, failed.id)
            again = jobs.run_inline(services.kernel, failed.id)
            assert (again.state, [step.attempt for step in again.steps][:2]) == (JobState.SUCCEEDED, [1, 2])
            assert [one.path for one in ttot.requests] == [*heard, "/generate"]
            with services.database.read() as session:
                row = turns.get(session, owner, done.turn_id)
            assert (row.heard, row.reply, row.state) == ("five", "hi", "done")
            assert row.conversation_id == live.conversation_id
            assert row.output_id is not None
        finally:
            live.close()
            services.close()


class LoggingIn(Parts):
    """While it answers, the guest who asks logs in."""

    log_in: Callable[[], object]

    def answer(self, text: str, folder: Path, **options: Any) -> Iterator[str]:
        yield "Well, "
        self.log_in()
        yield "hello."


def test_who_logs_in_while_they_talk_takes_along_what_they_say(tmp_path: Path) -> None:
    services = build(load(data_dir=tmp_path, workers=0, mode="accounts", password_memory=CHEAP, **ENGINES))
    try:
        accounts, client = services.accounts, Client("127.0.0.1")
        member = accounts.office.create("nari@mail.example", PASSWORD)
        guest = accounts.logins.as_guest(client).account
        parts = LoggingIn(services.registry, services.settings, Choice.of(services.settings), user=10)
        parts.log_in = lambda: accounts.logins.by_password("nari@mail.example", PASSWORD, client, guest)
        asked = Asked(services, guest.id, words, parts)
        asked.carry_out()
        with services.database.read() as session:
            row = turns.get(session, member.id, asked.turn.id)
            assert (row.reply, row.state) == ("Well, hello.", "done")
            assert row.output_id is not None
            assert services.assets.info(session, row.output_id, owner=member.id).id == row.output_id
            assert turns.recent(session, guest.id, limit=9) == []
        assert job_of(services, member.id, asked.turn.id).state is JobState.SUCCEEDED
    finally:
        services.close()

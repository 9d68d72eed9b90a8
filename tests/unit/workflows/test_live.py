"""A live conversation from within: what goes wrong in it, and what is left of it then."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
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
from pansori.domain.errors import Busy, Cancelled, EngineFailed, InvalidRequest, Text
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
from pansori.workflows.voice.live import Live, Outbox, Sessions, Start
from pansori.workflows.voice.live.journal import Journal
from pansori.workflows.voice.live.session import IN_LINE
from pansori.workflows.voice.live.turn import LiveTurn, Question
from pansori.workflows.voice.live.utterance import LONGEST
from pansori.workflows.voice.live.vocabulary import Acted, Audio, Done, Event, Played, SpeechEnd, Typed, Understood
from support.accounts import CHEAP, PASSWORD
from support.talking import RATE, tones
from support.waiting import PATIENCE, eventually

ENGINES = {"transcribe_engine": "debug", "reply_engine": "debug", "speak_engine": "debug"}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = build(load(data_dir=tmp_path, workers=0, **ENGINES))
    yield services
    services.close()


@pytest.fixture
def owner(services: Services) -> UUID:
    return services.accounts.local().known("write").id


@pytest.fixture
def live(services: Services, owner: UUID) -> Iterator[Live]:
    live = Live(services, owner, Start(type="start"))
    yield live
    live.close()
    live.wait(Seconds(PATIENCE))


def said(live: Live) -> list[Event]:
    """What has come that nobody has read yet."""
    return list(iter(lambda: getattr(live.outbox.next(), "event", None), None))


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
        assert [one.state for one in said(live) if isinstance(one, Done)] == ["done"]
        live.hear(pcm(tones(7)))
        live.ask(SpeechEnd(type="speech_end"))
        live.wait(Seconds(PATIENCE))
        assert [one.text for one in said(live) if isinstance(one, Understood)] == ["seven"]
        with pytest.raises(InvalidRequest, match="speaking"):
            live.ask(SpeechEnd(type="speech_end"))
    finally:
        live.close()


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


def test_nothing_is_left_of_a_conversation_that_cannot_begin(services: Services, owner: UUID) -> None:
    with pytest.raises(InvalidRequest):
        Live(services, owner, Start(type="start", voice="nobody"))
    with services.database.read() as session:
        assert conversations.listed(session, owner) == []


def test_the_place_of_one_that_has_ended_is_free_though_its_connection_broke(services: Services, owner: UUID) -> None:
    sessions = Sessions(services, 1)
    ended, reader = sessions.open(owner, Start(type="start"))
    ended.close()
    sessions.leave(ended, reader)
    assert sessions.count == 0


def test_one_account_leaves_places_for_others(tmp_path: Path) -> None:
    services = build(load(data_dir=tmp_path, workers=0, mode="accounts", **ENGINES))
    one, other = (services.accounts.logins.as_guest(Client("127.0.0.1")).account.id for _ in range(2))
    sessions, start = Sessions(services, 4), Start(type="start")
    try:
        for owner in (one, one, other):
            sessions.open(owner, start)
        with pytest.raises(Busy, match="one account"):
            sessions.open(one, start)
        sessions.open(other, start)
        with pytest.raises(Busy, match="Everybody"):
            sessions.open(other, start)
    finally:
        sessions.close()
        services.close()


def test_of_several_that_take_it_up_at_the_same_moment_one_wins(services: Services, owner: UUID) -> None:
    sessions = Sessions(services, 2)
    live, first = sessions.open(owner, Start(type="start"))
    again = Start(type="start", resume=live.token)
    with ThreadPoolExecutor(8) as pool:
        readers = [seat.reader for seat in pool.map(lambda _: sessions.open(owner, again), range(8))]
    assert len({first, *readers}) == 9
    assert [reader for reader in (first, *readers) if live.outbox.next(reader) is not None] == [max(readers)]
    sessions.close()


def test_what_is_run_again_sounds_as_it_did(services: Services, owner: UUID) -> None:
    live = Live(services, owner, Start(type="start", language="en", voice="high"))
    try:
        done = tell(live, "five")
        assert done.turn_id is not None
        task = job_of(services, owner, done.turn_id).task
        assert (task["language"], task["voice"], task["rate"], task["volume"]) == ("en", "high", 1.0, 0.0)
    finally:
        live.close()


LENDER = """
from pansori.engines.transcribe.base import Listening
from pansori.engines.transcribe.debug import DebugTranscriber

class Lender(DebugTranscriber):
    name = "lender"
    lent = []
    def listen(self, task, options, context):
        self.lent.append(Lent(super().listen(task, options, context)))
        return self.lent[-1]

class Lent(Listening):
    def __init__(self, heard):
        self.heard, self.is_back = heard, False
    def feed(self, samples):
        if abs(samples).max() > 0.9:
            raise ZeroDivisionError
        return self.heard.feed(samples)
    def finish(self):
        return self.heard.finish()
    def close(self):
        self.is_back = True
"""
"""An engine that has to get back what it lends to those who listen. It cannot stand what is loud."""


@pytest.fixture
def lent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What an engine of somebody else's has lent so far, in an installation that has it."""
    info = tmp_path / "lender-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lender\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pansori.engines]\ntranscribe.lender = lender_of_tests:Lender\n")
    (tmp_path / "lender_of_tests.py").write_text(LENDER)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("lender_of_tests").Lender.lent
    del sys.modules["lender_of_tests"]


def pcm(sound: np.ndarray) -> bytes:
    return bytes((np.clip(sound, -1, 1) * 32_767).astype("<i2").data)


def test_whoever_listens_gives_back_what_they_hold_however_it_ends(lent: list[Any], tmp_path: Path) -> None:
    services = build(load(data_dir=tmp_path, workers=0, **{**ENGINES, "transcribe_engine": "lender"}))
    try:
        owner = services.accounts.local().known("write").id
        live = Live(services, owner, Start(type="start"))
        assert [one.is_back for one in lent] == [True], "that it was tried with"
        speech = pcm(tones(6, pause=0.0))
        live.hear(pcm(tones(5)))
        live.wait(Seconds(PATIENCE))
        eventually(lambda: [one.is_back for one in lent] == [True] * 2)
        live.hear(speech)
        live.ask(Typed(type="text", text="in place of it"))
        assert [one.is_back for one in lent] == [True] * 3
        live.wait(Seconds(PATIENCE))
        live.hear(pcm(np.zeros(RATE)))
        with pytest.raises(ZeroDivisionError):
            live.hear(pcm(4 * tones(6, pause=0.0)))
        live.hear(pcm(np.zeros(RATE)))
        live.hear(speech)
        assert [one.is_back for one in lent] == [True] * 4 + [False]
        live.close()
        assert all(one.is_back for one in lent)
        assert [one.state for one in said(live) if isinstance(one, Done)] == [
            "done",
            "nothing",
            "done",
            "nothing",
            "nothing",
        ]
    finally:
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

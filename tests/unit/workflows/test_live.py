"""A live conversation from within: what goes wrong in it, and what is left of it then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pansori import jobs
from pansori.accounts import Client
from pansori.bootstrap import build
from pansori.domain.errors import Busy, Cancelled, EngineFailed, InvalidRequest, Text
from pansori.domain.jobs import JobState, JobView
from pansori.domain.tasks import Message
from pansori.domain.units import Seconds
from pansori.engines.speak.base import SpokenPart
from pansori.engines.transcribe.base import Transcript
from pansori.library import conversations, turns
from pansori.library.turns import TurnView
from pansori.settings import load
from pansori.workflows import Services
from pansori.workflows.voice import Acting, Choice, Parts
from pansori.workflows.voice.live import Live, Outbox, Sessions, Start
from pansori.workflows.voice.live.journal import Journal
from pansori.workflows.voice.live.session import IN_LINE
from pansori.workflows.voice.live.turn import LiveTurn, Question
from pansori.workflows.voice.live.vocabulary import Done, Event, Typed
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


class Asked:
    """One turn of a conversation, which is kept: its words come when `understand` gives them."""

    def __init__(self, services: Services, owner: UUID, understand: Callable[[], Transcript], parts: Parts) -> None:
        with services.database.write() as session:
            conversation = conversations.begin(session, owner).id
        question = Question(1, understand, tuple[Message, ...], "en", "")
        self.turn = LiveTurn(question, parts, lambda _: Acting(services, owner), Outbox())
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


def test_a_character_that_no_database_keeps_is_left_out(live: Live, services: Services, owner: UUID) -> None:
    done = tell(live, "five\0six")
    assert done.turn_id is not None
    with services.database.read() as session:
        assert turns.get(session, owner, done.turn_id).heard == "five six"


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
    ended = sessions.open(owner, Start(type="start"))
    ended.close()
    sessions.leave(ended, ended.outbox.reader)
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

"""Live conversations side by side: who may begin one, who takes it up, and what is given back when it ends."""

from __future__ import annotations

import importlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from pansori.accounts import Client
from pansori.bootstrap import build
from pansori.domain.errors import Busy, InvalidRequest
from pansori.domain.units import Seconds
from pansori.library import conversations
from pansori.settings import load
from pansori.workflows import Services
from pansori.workflows.voice.live import Live, Sessions, Start
from pansori.workflows.voice.live.vocabulary import Done, Typed
from support.live import pcm, said
from support.talking import RATE, tones
from support.voice import ENGINES
from support.waiting import PATIENCE, eventually


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

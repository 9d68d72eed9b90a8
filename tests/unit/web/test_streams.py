"""Parts of pages that are kept true: not more often than somebody can listen, and to the end."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pansori.accounts import local_account
from pansori.api.deps import Server
from pansori.bootstrap import build
from pansori.domain.errors import NotFound, Text
from pansori.library import TemplateDraft, templates
from pansori.settings import load
from pansori.web.streams import FINISHED, Look, kept_true
from pansori.workflows import Services
from support.sse import Event, parse


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = build(load(data_dir=tmp_path, workers=0))
    yield made
    made.close()


@contextmanager
def restless(services: Services) -> Iterator[None]:
    """Meanwhile something is committed all the time, so that every stream has reason to look again."""
    enough = threading.Event()

    def write() -> None:
        with services.database.write() as session:
            owner = local_account(session)
            kept = templates.save(session, owner, TemplateDraft(name="one", prompt="a song"))
        for number in itertools.count():
            if enough.is_set():
                return
            with services.database.write() as session:
                templates.save(session, owner, TemplateDraft(name=f"{number}", prompt="a song"), str(kept.id))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        enough.set()
        writer.join()


def read(chunk: bytes) -> list[Event]:
    return list(parse(chunk.decode().split("\n")))


def test_what_changes_all_the_time_is_told_once_a_second(services: Services) -> None:
    """Screen readers read it out. A busy machine makes it later, and never sooner."""
    looks = itertools.count()

    async def collect() -> list[float]:
        moments: list[float] = []
        async for _ in kept_true(Server(services), lambda: Look({"part": f"look {next(looks)}"})):
            moments.append(time.monotonic())
            if len(moments) == 3:
                break
        return moments

    with restless(services):
        moments = asyncio.run(collect())
    assert all(later - sooner > 0.9 for sooner, later in itertools.pairwise(moments))


def test_what_has_not_changed_is_not_told_again(services: Services) -> None:
    looks = iter([Look({"a": "1", "b": "1"}), Look({"a": "1", "b": "1"}), Look({"a": "1", "b": "2"}, end="/there")])

    async def collect() -> list[bytes]:
        return [chunk async for chunk in kept_true(Server(services), lambda: next(looks))]

    with restless(services):
        first, second, last = (read(chunk)[0] for chunk in asyncio.run(collect()))
    assert '"#a"' in first.data
    assert '"#b"' in first.data
    assert '"#a"' not in second.data
    assert (last.type, last.data) == (FINISHED, "/there")


def test_what_was_deleted_meanwhile_ends_its_stream(services: Services) -> None:
    def look() -> Look:
        raise NotFound(Text("gone", "없어요"))

    async def collect() -> list[bytes]:
        return [chunk async for chunk in kept_true(Server(services), look)]

    (end,) = asyncio.run(collect())
    assert end.startswith(f"event: {FINISHED}\n".encode())

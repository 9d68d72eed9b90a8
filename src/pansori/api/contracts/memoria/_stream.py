"""`/events`: the state of all songs of one owner, worked out once for every change however many are watching."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from pansori import jobs
from pansori.api.contracts.memoria._views import songs_of
from pansori.api.deps import Server
from pansori.api.sse import KEEP_ALIVE, LOOK_EVERY, Waiter, event, resume_after
from pansori.db import AWAY, reason
from pansori.domain.errors import Language
from pansori.domain.jobs import JobState
from pansori.domain.units import Seconds
from pansori.jobs import JobSummary

log = logging.getLogger(__name__)

EVENT = "job_update"
PAUSE = Seconds(0.1)  #: between two looks at the database, so that a busy server sends ten snapshots a second at most


@dataclass
class Snapshot:
    """The songs as they were after the event `number`. Whoever saw the event `complete_from` misses nothing by it."""

    number: int
    complete_from: int
    songs: list[JobSummary]
    _frames: dict[Language, bytes] = field(default_factory=dict)

    @property
    def active(self) -> UUID | None:
        """The song that has been running for longest."""
        running = [song.id for song in self.songs if song.state is JobState.RUNNING]
        return running[-1] if running else None

    def frame(self, language: Language) -> bytes:
        """The event as it is sent; the same bytes for all who read the same language."""
        if language not in self._frames:
            data = songs_of(self.songs, self.active, language).model_dump_json()
            self._frames[language] = event(data, name=EVENT, number=self.number)
        return self._frames[language]


class Snapshots:
    """The newest snapshot of one owner's songs, shared by all of their streams in this process."""

    def __init__(self, server: Server, whose: tuple[str, UUID]) -> None:
        """`whose`: the contract, and the owner."""
        self._server = server
        self._origin, self._owner = whose
        self._window = timedelta(seconds=server.services.settings.memoria_events_window)
        self._lock = asyncio.Lock()
        self._newest: Snapshot | None = None
        self._seen = -1
        self._looked = float("-inf")

    async def newest(self, seen: int) -> Snapshot:
        """A snapshot not older than the feed's value `seen`."""
        async with self._lock:
            since = time.monotonic() - self._looked
            if self._newest is None or self._seen < seen or since >= LOOK_EVERY:
                await asyncio.sleep(max(0.0, PAUSE - since))
                self._seen = max(seen, self._server.services.kernel.feed.value)
                await self._renew()
            assert self._newest is not None
            return self._newest

    async def _renew(self) -> None:
        """While the database is away the last snapshot stays, for streams that end then would not come back."""
        try:
            self._newest = await run_in_threadpool(self._look, self._newest)
        except AWAY as error:
            if self._newest is None:
                raise
            log.warning("the songs are not known now: %s", reason(error))
        self._looked = time.monotonic()

    async def missed(self, after: int) -> Snapshot:
        """For one who saw nothing since the event `after`: also the songs that have ended and left since."""
        return await run_in_threadpool(self._look, None, after)

    def _look(self, before: Snapshot | None, after: int | None = None) -> Snapshot:
        if before is not None and not self._window:
            after = before.number  # a song leaves with the update that ends it, so that one has to show it
        with self._server.services.database.read() as session:
            number = jobs.latest_event_id(session)
            since = datetime.now(UTC) - self._window
            songs = jobs.summaries(session, origin=self._origin, owner=self._owner, since=since, after=after)
        # songs are compared and not numbers: on PostgreSQL an event may be committed after one with a higher number
        if before is not None and before.songs == songs:
            return before
        complete_from = after if after is not None else (0 if self._window else number)
        return Snapshot(number, complete_from, songs)


async def follow(server: Server, snapshots: Snapshots, seen: str | None, language: Language) -> AsyncIterator[bytes]:
    """The snapshot of now, then one for every change. A client that reads slowly gets fewer, never older ones.

    `seen`: the client's `Last-Event-ID`.
    """
    waiter = Waiter(server)
    shown = newest = await snapshots.newest(waiter.seen)
    after = resume_after(seen, newest.number)
    if 0 < after < newest.number:
        shown = await snapshots.missed(after)
    yield shown.frame(language)
    waiter.sent()
    while await waiter.sleep():
        before, newest = newest, await snapshots.newest(waiter.seen)
        if newest is not before:
            missing = newest.complete_from > shown.number
            shown = await snapshots.missed(shown.number) if missing else newest
            yield shown.frame(language)
            waiter.sent()
        elif waiter.keep_alive_due():
            yield KEEP_ALIVE
            waiter.sent()

"""How often what has happened, and how long it took: counted from the events, and kept when they are gone.

Whoever works writes nothing for it. Servers count now and then what has been appended since somebody last counted. The
count and the number of the last event in it are written in one transaction, and only where that number is still the one
that was read before. So every event is counted once, whoever died meanwhile, and all servers of an installation tell
the same.
"""

from __future__ import annotations

import json
import re
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, cast

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from pansori.db import Database, insert_into
from pansori.db import now as now_of
from pansori.db.tables import Event, Job, Step
from pansori.db.tables import Tally as TallyRow
from pansori.domain.jobs import FINISHED, StepState
from pansori.domain.units import Seconds

#: Upper bounds of the buckets of everything that is measured in seconds.
BOUNDS: tuple[Seconds, ...] = tuple(
    map(Seconds, (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600))
)
COUNTED: Final = "events_counted"  #: name of the row whose `count` is the number of the last event that is counted
AT_ONCE = 1_000  #: events that are read at once
PATIENCE = Seconds(1.0)  #: one call counts no longer than that
SETTLED = Seconds(5.0)  #: PostgreSQL: who took a lower number may commit later, but not later than that
ATTEMPTS = {"step_succeeded": "succeeded", "step_retried": "retried", "step_lost": "lost", "step_parked": "parked"}
TYPES = ("queued", "running", *ATTEMPTS, *sorted(FINISHED))
FIRST_TRY = 2  #: number of the event by which a job is begun for the first time; the one before it says that it waits
DIGITS = re.compile(r"\d+")

#: What a tally of each name is of. `outcome`: `succeeded`, `reused`, `failed`, `retried`, `lost` or `parked`.
LABELS: dict[str, tuple[str, ...]] = {
    "jobs_submitted": ("kind",),
    "jobs_finished": ("kind", "state"),
    "job_wait": ("kind",),
    "job_duration": ("kind",),
    "step_attempts": ("kind", "step", "outcome"),
    "step_duration": ("kind", "step"),
    "engine_failures": ("engine", "kind", "step", "code"),
}

Key = tuple[str, tuple[str, ...]]


class _Add(Protocol):
    def __call__(self, name: str, *labels: str, seconds: float | None = None) -> None: ...


@dataclass
class Tally:
    """Of one thing."""

    name: str
    """`jobs_submitted`, `jobs_finished`, `job_wait`, `job_duration`, `step_attempts`, `step_duration` or
    `engine_failures`."""
    labels: tuple[str, ...]
    """What it is of, in the order of `LABELS`."""
    count: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * len(BOUNDS))
    """How many took at most as long as `BOUNDS` of the same place; those that took longer are in `count` alone."""

    @property
    def key(self) -> Key:
        return self.name, self.labels

    def plus(self, other: Tally) -> Tally:
        both = [mine + theirs for mine, theirs in zip(self.buckets, other.buckets, strict=True)]
        return Tally(self.name, self.labels, self.count + other.count, self.seconds + other.seconds, both)

    def add(self, seconds: float | None) -> None:
        self.count += 1
        if seconds is not None:
            self.seconds += max(0.0, seconds)
            for place in range(bisect_left(BOUNDS, seconds), len(BOUNDS)):
                self.buckets[place] += 1


def tallies(session: Session) -> list[Tally]:
    """All that was counted so far."""
    rows = session.scalars(select(TallyRow).where(TallyRow.name != COUNTED).order_by(TallyRow.name, TallyRow.labels))
    return [Tally(row.name, tuple(json.loads(row.labels)), row.count, row.seconds, list(row.buckets)) for row in rows]


def count_events(database: Database) -> int:
    """Count the events that nobody has counted yet, as far as there is time. Returns how many there were.

    Whoever writes is held up for a moment only: what is to be counted is read before."""
    until, counted = time.monotonic() + PATIENCE, 0
    while batch := _read(database):
        with database.write() as session:
            if not _keep(session, batch):  # another server was faster
                break
        counted += batch.events
        if time.monotonic() >= until:
            break
    return counted


@dataclass(frozen=True)
class _Batch:
    """What some events add to the count: those after the one numbered `first`, up to the one numbered `last`."""

    first: int
    last: int
    events: int
    added: Sequence[Tally]


def _read(database: Database) -> _Batch | None:
    """None: all is counted."""
    with database.read() as session:
        first = session.scalars(select(TallyRow.count).where(TallyRow.name == COUNTED)).one_or_none() or 0
        events = _events(session, database, first)
        if not events:
            return None
        return _Batch(first, events[-1].id, len(events), _counted(events, _steps(session, events)))


def _keep(session: Session, batch: _Batch) -> bool:
    """False: somebody has counted since the batch was read."""
    beginning = insert_into(session, TallyRow).values(_row(Tally(COUNTED, ())))
    session.execute(beginning.on_conflict_do_nothing())
    cursor = (TallyRow.name == COUNTED, TallyRow.count == batch.first)
    moved = update(TallyRow).where(*cursor).values(count=batch.last).returning(TallyRow.count)
    if session.execute(moved).one_or_none() is None:
        return False
    before = {(one.name, one.labels): one for one in tallies(session)}
    known = [_row(one.plus(before[one.key])) for one in batch.added if one.key in before]
    new = [_row(one) for one in batch.added if one.key not in before]
    if known:
        session.execute(update(TallyRow), known)
    if new:
        session.execute(insert(TallyRow), new)
    return True


def _row(tally: Tally) -> dict[str, Any]:
    labels = json.dumps(tally.labels, ensure_ascii=False)
    kept = {"count": tally.count, "seconds": tally.seconds, "buckets": tally.buckets}
    return {"name": tally.name, "labels": labels, **kept}


def _events(session: Session, database: Database, after: int) -> Sequence[Row[Any]]:
    """Those that count, in the order in which they became visible, with what their job says."""
    engine = Job.task["engine"].as_string().label("engine")
    columns = (Event.id, Event.job_id, Event.seq, Event.type, Event.at, Event.data, Job.kind, Job.created_at)
    wanted = select(*columns, Job.started_at, engine).join(Job, Job.id == Event.job_id)
    wanted = wanted.where(Event.id > after, Event.type.in_(TYPES)).order_by(Event.id).limit(AT_ONCE)
    if database.dialect == "sqlite":  # which has one writer at a time
        return session.execute(wanted).all()
    settled = now_of(session) - timedelta(seconds=SETTLED)
    return list(_until(session.execute(wanted), settled))


def _until(events: Iterable[Row[Any]], settled: datetime) -> Iterable[Row[Any]]:
    for event in events:
        if event.at > settled:
            return
        yield event


@dataclass(frozen=True)
class _Steps:
    """What the rows of steps say of the last attempts at them."""

    rows: dict[tuple[Any, str], Row[Any]]

    def seconds(self, event: Row[Any], step: str) -> float | None:
        """How long the attempt took. None: another one has begun since."""
        row = self.rows.get((event.job_id, step))
        if row is None or row.started_at is None or row.attempt != event.data.get("attempt"):
            return None
        ended = row.finished_at or event.at  # what was kept afterwards ended before it was told
        return float((ended - row.started_at).total_seconds())

    def reused(self, event: Row[Any], step: str) -> bool:
        row = self.rows.get((event.job_id, step))
        return row is not None and bool(row.reused)

    def failed(self, event: Row[Any]) -> str | None:
        """The step by which a job failed. None: by its deadline, between two steps."""
        of_job = (row for (job_id, _), row in self.rows.items() if job_id == event.job_id)
        return next((row.name for row in of_job if row.state == StepState.FAILED), None)


def _steps(session: Session, events: Sequence[Row[Any]]) -> _Steps:
    columns = (Step.job_id, Step.name, Step.attempt, Step.state, Step.started_at, Step.finished_at, Step.reused)
    found = select(*columns).where(Step.job_id.in_({event.job_id for event in events}))
    return _Steps({(row.job_id, row.name): row for row in cast(Sequence[Row[Any]], session.execute(found).all())})


def _counted(events: Iterable[Row[Any]], steps: _Steps) -> list[Tally]:
    found: dict[Key, Tally] = {}

    def add(name: str, *labels: str, seconds: float | None = None) -> None:
        found.setdefault((name, labels), Tally(name, labels)).add(seconds)

    for event in events:
        _count(event, steps, add)
    return list(found.values())


def _count(event: Row[Any], steps: _Steps, add: _Add) -> None:
    kind, step = event.kind, event.data.get("step", "")
    if event.type == "queued":
        add("jobs_submitted", kind)
    elif event.type == "running":
        if event.seq == FIRST_TRY:  # later ones did not wait since the job was made
            add("job_wait", kind, seconds=(event.at - event.created_at).total_seconds())
    elif event.type in ATTEMPTS:
        reused = event.type == "step_succeeded" and steps.reused(event, step)
        add("step_attempts", kind, family(step), "reused" if reused else ATTEMPTS[event.type])
        if event.type == "step_succeeded" and not reused:
            seconds = steps.seconds(event, step)
            if seconds is not None:
                add("step_duration", kind, family(step), seconds=seconds)
        elif event.type == "step_retried":
            add("engine_failures", event.engine or "", kind, family(step), event.data["error"]["code"])
    else:
        _count_end(event, steps, add)


def _count_end(event: Row[Any], steps: _Steps, add: _Add) -> None:
    add("jobs_finished", event.kind, event.type)
    if event.started_at is not None and event.started_at <= event.at:
        add("job_duration", event.kind, seconds=(event.at - event.started_at).total_seconds())
    if event.type == "failed":
        step = family(steps.failed(event) or "")
        if step:
            add("step_attempts", event.kind, step, "failed")
        add("engine_failures", event.engine or "", event.kind, step, event.data["error"]["code"])


def family(step: str) -> str:
    """A step's name without its numbers, so that the scenes of a film are one thing that is measured."""
    return DIGITS.sub("#", step)

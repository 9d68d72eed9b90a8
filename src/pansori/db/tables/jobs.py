"""Jobs, their steps and events, and who works on them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, desc
from sqlalchemy.orm import Mapped, mapped_column

from pansori.db.tables.base import Base, BigId
from pansori.domain.jobs import JsonDict


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("owner", "idempotency_key"),
        Index("ix_jobs_owner_created", "owner", "created_at", "id"),
        Index("ix_jobs_created", "created_at", "id"),
        Index("ix_jobs_origin_state", "origin", "state"),
        Index("ix_jobs_origin_finished", "origin", "finished_at"),
        Index("ix_jobs_state_deadline", "state", "deadline", "kind"),  # the kind, so that counting reads no row
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(32))  #: the contract that asked for it: `memoria`, `v1`, `cli` …
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(default=0)
    task: Mapped[JsonDict]
    idempotency_key: Mapped[str | None] = mapped_column(String(255))
    request_hash: Mapped[str | None] = mapped_column(String(64))
    trace: Mapped[str | None] = mapped_column(String(55))  #: W3C trace context of the request that asked for it
    request_id: Mapped[str | None] = mapped_column(String(64))  #: of that request, by which the logs know it
    cancel: Mapped[bool] = mapped_column(default=False)
    seq: Mapped[int] = mapped_column(default=0)  #: number of its latest event
    progress: Mapped[JsonDict]
    progress_at: Mapped[datetime | None]  #: when it was last written; it may be only so often
    error: Mapped[JsonDict | None] = mapped_column(JSON(none_as_null=True))
    result: Mapped[JsonDict | None] = mapped_column(JSON(none_as_null=True))
    deadline: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Step(Base):
    __tablename__ = "steps"
    __table_args__ = (
        UniqueConstraint("job_id", "name"),
        Index("ix_steps_ready", "queue", "state", desc("priority"), "run_after", "id"),
        Index("ix_steps_lease", "state", "lease"),
        Index("ix_steps_cache_key", "cache_key"),
        CheckConstraint("blockers >= 0", name="blockers_not_negative"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    queue: Mapped[str] = mapped_column(String(16))
    params: Mapped[JsonDict]
    blockers: Mapped[int]  #: how many steps before it are not done yet
    dependents: Mapped[list[str]] = mapped_column(JSON)  #: names of the steps it blocks
    state: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int]
    attempt: Mapped[int] = mapped_column(default=0)  #: fencing token: grows with every claim
    failures: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)  #: workers that died while running it
    max_attempts: Mapped[int]
    timeout: Mapped[float | None]
    grace: Mapped[float] = mapped_column(default=0.0)
    cache_key: Mapped[str | None] = mapped_column(String(64))
    run_after: Mapped[datetime]
    lease: Mapped[datetime | None]
    deadline: Mapped[datetime | None]
    host: Mapped[str | None] = mapped_column(String(255))
    pid: Mapped[int | None]
    pid_started: Mapped[float | None]  #: start time of that process, so that a reused pid is told apart
    parked: Mapped[bool] = mapped_column(default=False)  #: it waits for a delivery, at most until `run_after`
    delivery: Mapped[JsonDict | None] = mapped_column(JSON(none_as_null=True))  #: what came for it from outside
    output: Mapped[JsonDict | None] = mapped_column(JSON(none_as_null=True))
    reused: Mapped[bool] = mapped_column(default=False)  #: its output is an earlier step's with the same cache key
    error: Mapped[JsonDict | None] = mapped_column(JSON(none_as_null=True))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Event(Base):
    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("job_id", "seq"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    seq: Mapped[int]
    type: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    data: Mapped[JsonDict]


class Tally(Base):
    """How often something has happened. It only grows, and outlives the events that it was counted from."""

    __tablename__ = "tallies"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    labels: Mapped[str] = mapped_column(String(255), primary_key=True)  #: of what: a JSON list of words
    count: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float]  #: how long all of them took together, where that is measured
    buckets: Mapped[list[int]] = mapped_column(JSON)  #: how many took at most so long, by the name's own bounds


class WorkerProcess(Base):
    """A process that hosts workers of a queue, and when it was last heard of."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    queue: Mapped[str] = mapped_column(String(16), primary_key=True)
    seen: Mapped[datetime]

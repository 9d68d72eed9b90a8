"""The tables. Times are UTC and aware in Python, whatever the database keeps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
    desc,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pansori.domain.jobs import JsonDict

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BigId = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER autoincrements in SQLite


class Utc(TypeDecorator[datetime]):
    """`timestamptz` in PostgreSQL; in SQLite, which knows no zones, UTC without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo is not None, "naive datetime"
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Utc, JsonDict: JSON, dict[str, Any]: JSON}  # noqa: RUF012 - SQLAlchemy's own form


class Account(Base):
    """Who owns jobs, assets and entries: one row each, with a login name and a whole-number alias."""

    __tablename__ = "accounts"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    login: Mapped[str] = mapped_column(String(320), unique=True)
    alias: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(16))  #: `local`; guests and Google accounts join later
    created_at: Mapped[datetime]


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("owner", "idempotency_key"),
        Index("ix_jobs_owner_created", "owner", "created_at", "id"),
        Index("ix_jobs_created", "created_at", "id"),
        Index("ix_jobs_origin_state", "origin", "state"),
        Index("ix_jobs_origin_finished", "origin", "finished_at"),
        Index("ix_jobs_state_deadline", "state", "deadline"),
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
    output: Mapped[JsonDict | None] = mapped_column(JSON(none_as_null=True))
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


class Asset(Base):
    """A stored file. It is `pending` from before its bytes are written until what it belongs to is committed, and
    `deleting` from before its bytes are deleted until its row is."""

    __tablename__ = "assets"
    __table_args__ = (Index("ix_assets_pending", "state", "step_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(255), unique=True)  #: where the store keeps it
    state: Mapped[str] = mapped_column(String(16))  #: `pending`, `ready` or `deleting`
    name: Mapped[str] = mapped_column(String(255))  #: shown to people and used for downloads
    media_type: Mapped[str] = mapped_column(String(127), default="application/octet-stream")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    duration: Mapped[float | None]
    step_id: Mapped[int | None] = mapped_column(BigId)  #: the step that is writing it, and that step's attempt
    attempt: Mapped[int | None]
    created_at: Mapped[datetime]


class Artifact(Base):
    """Says that an asset is a result of a step, and in what role."""

    __tablename__ = "artifacts"
    __table_args__ = (
        UniqueConstraint("step_id", "role"),
        Index("ix_artifacts_job", "job_id"),
        Index("ix_artifacts_asset", "asset_id"),  # deleting an asset looks for them
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("steps.id", ondelete="CASCADE"))
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(64))


class WorkerProcess(Base):
    """A process that hosts workers of a queue, and when it was last heard of."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    queue: Mapped[str] = mapped_column(String(16), primary_key=True)
    seen: Mapped[datetime]

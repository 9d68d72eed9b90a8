"""How many songs may be made at once before one who would wait on the line is asked to come back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pansori.db.tables import Account, Job
from pansori.domain.errors import Busy, Text
from pansori.domain.jobs import JobState
from pansori.domain.units import Seconds

ON_THE_LINE = 1  #: priority of a song that somebody waits for on an open connection; it also tells those songs apart
RETRY_AFTER = Seconds(10.0)
ALL_TAKEN = "현재 다른 음악 생성 요청이 처리 중입니다. 잠시 후 다시 시도해주세요."


def gate(origin: str, owner: UUID, places: int) -> Callable[[Session], None]:
    """Raises `Busy` unless fewer than `places` songs are being made.

    A song that somebody waits for takes its place when it is accepted, so of two who ask at once one is told to come
    back. Others take theirs when they begin.
    """

    def check(session: Session) -> None:
        # PostgreSQL lets two transactions count at once, so they queue at the account's row; SQLite has one writer
        session.execute(select(Account.id).where(Account.id == owner).with_for_update())
        waited_for = (Job.state == JobState.QUEUED) & (Job.priority == ON_THE_LINE)
        taking = (Job.state == JobState.RUNNING) | waited_for
        taken = session.execute(select(func.count()).where(Job.origin == origin, taking)).scalar_one()
        if taken >= places:
            raise Busy(Text(ALL_TAKEN, ALL_TAKEN), retry_after=RETRY_AFTER)

    return check

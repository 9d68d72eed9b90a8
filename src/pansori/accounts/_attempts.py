"""How often one may be wrong, or ask for mail, before one has to wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pansori import db
from pansori.db import Database, take_turns
from pansori.db.tables import LoginAttempt
from pansori.domain.errors import Text, TooManyAttempts
from pansori.domain.units import Seconds


@dataclass(frozen=True)
class Limit:
    """`most` within `window`, of each one who is counted under `what`."""

    what: str
    most: int
    window: Seconds


QUARTER: Final = Seconds(900.0)
HOUR: Final = Seconds(3600.0)
BY_LOGIN: Final = Limit("login", 10, QUARTER)  #: wrong passwords for one account's name, there being one or not
BY_ADDRESS: Final = Limit("address", 100, QUARTER)  #: wrong passwords from one address, which many may share
MAILS_TO: Final = Limit("mail", 5, HOUR)  #: letters to one e-mail address
MAILS_FROM: Final = Limit("asks", 30, HOUR)  #: letters asked for from one address
GUESTS_FROM: Final = Limit("guest", 300, HOUR)  #: guests made for one address
KEPT: Final = HOUR  #: the longest window


class Attempts:
    """Counts in the database, so that all servers of an installation count together."""

    def __init__(self, database: Database, clock: Callable[[Session], datetime] = db.now) -> None:
        self._database = database
        self._clock = clock

    def count(self, *attempts: tuple[Limit, str]) -> None:
        """Note an attempt under each limit. Raises `TooManyAttempts` where one is reached; then nothing is noted.

        Called before what is attempted, so that of many at once no more get through.
        """
        with self._database.write() as session:
            self.count_in(session, *attempts)

    def count_in(self, session: Session, *attempts: tuple[Limit, str]) -> None:
        """The same in the caller's transaction."""
        for limit, whose in attempts:
            take_turns(session, _subject(limit, whose))
        now = self._clock(session)
        session.execute(delete(LoginAttempt).where(LoginAttempt.at < now - timedelta(seconds=KEPT)))
        for limit, whose in attempts:
            self._check(session, limit, whose, now)
        session.add_all(LoginAttempt(subject=_subject(limit, whose), at=now) for limit, whose in attempts)

    def forgive(self, session: Session, limit: Limit, whose: str) -> None:
        """It was right, so nothing counts any more. In the caller's transaction."""
        session.execute(delete(LoginAttempt).where(LoginAttempt.subject == _subject(limit, whose)))

    def forgive_one(self, session: Session, limit: Limit, whose: str) -> None:
        """This one was right; others before it may be somebody else's. In the caller's transaction."""
        newest = select(func.max(LoginAttempt.id)).where(LoginAttempt.subject == _subject(limit, whose))
        session.execute(delete(LoginAttempt).where(LoginAttempt.id == newest.scalar_subquery()))

    def _check(self, session: Session, limit: Limit, whose: str, now: datetime) -> None:
        since = now - timedelta(seconds=limit.window)
        counted = (LoginAttempt.subject == _subject(limit, whose), LoginAttempt.at >= since)
        count, oldest = session.execute(select(func.count(), func.min(LoginAttempt.at)).where(*counted)).one()
        if count >= limit.most:
            wait = (oldest - since).total_seconds()
            minutes = max(1, round(wait / 60))
            raise TooManyAttempts(
                Text(
                    f"That was tried too often. Try again in about {minutes} min.",
                    f"너무 여러 번 시도했어요. {minutes}분쯤 뒤에 다시 해 주세요.",
                ),
                retry_after=wait,
            )


def _subject(limit: Limit, whose: str) -> str:
    return f"{limit.what}:{whose}"[:400]

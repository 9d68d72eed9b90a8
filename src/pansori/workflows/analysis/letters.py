"""Signed letters that came. No signature covers the address that a letter comes to, so each is good for one job."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from pansori.db import now as now_of
from pansori.db import take_turns
from pansori.db.tables import LoginAttempt
from pansori.domain.errors import Forbidden, Text
from pansori.domain.units import Seconds
from pansori.net import TOLERANCE

KEPT: Final = Seconds(2 * TOLERANCE)  #: a letter may be dated so much later than it is read, or earlier
PREFIX: Final = "letter:"


def take_letter(session: Session, letter_id: str, job_id: UUID) -> None:
    """Note that the letter is about this job. The same one may come again, as where its sender did not hear our answer.
    Raises `Forbidden` where it came about another job before."""
    subject = f"{PREFIX}{hashlib.sha256(letter_id.encode(errors='surrogatepass')).hexdigest()}:"
    take_turns(session, subject)
    now = now_of(session)
    session.execute(delete(LoginAttempt).where(_begins(PREFIX), LoginAttempt.at < now - timedelta(seconds=KEPT)))
    seen = session.scalars(select(LoginAttempt.subject).where(_begins(subject))).first()
    if seen is None:
        session.add(LoginAttempt(subject=f"{subject}{job_id}", at=now))
        session.flush()
    elif seen != f"{subject}{job_id}":
        raise Forbidden(Text("The letter came before, about another job.", "다른 작업에 이미 쓰인 편지예요."))


def _begins(prefix: str) -> ColumnElement[bool]:
    return LoginAttempt.subject.between(prefix, f"{prefix}\x7f")

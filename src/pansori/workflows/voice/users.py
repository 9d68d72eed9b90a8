"""Whose turn it is: users by number, within the account of whoever asks."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori.db.tables import Account
from pansori.domain.errors import NotFound
from pansori.library import turns
from pansori.settings import Settings
from pansori.telemetry import FIELDS
from pansori.workflows.services import Services

log = logging.getLogger(__name__)


def own_number(session: Session, settings: Settings, owner: UUID) -> int:
    """The user of a call that names none: `USER_ID` where there is one account for all, else the account's number."""
    if settings.mode == "open":
        return settings.user_id
    alias: int = session.execute(select(Account.alias).where(Account.id == owner)).scalar_one()
    return alias


def meant(session: Session, settings: Settings, owner: UUID, number: int | None) -> int:
    """The user whom a call means: its own where it names none. Raises `NotFound` for another one than the account's own
    where servers of the document are asked, for by that number alone they tell accounts apart."""
    alone = settings.mode == "accounts" and bool(settings.atot_url or settings.ttot_url)
    if number is not None and not alone:
        return number
    own = own_number(session, settings, owner)
    if number not in (None, own):
        raise NotFound(turns.NO_SUCH_USER, field="user_id")
    return own


def greet(services: Services, owner: UUID, number: int | None = None) -> turns.UserView:
    """The user, who is made where there is none. None: the account's own."""
    with services.database.read() as session:
        number = own_number(session, services.settings, owner) if number is None else number
        if turns.is_user(session, owner, number):
            return turns.user(session, owner, number)
    with services.database.write() as session:
        is_new = turns.ensure_user(session, owner, number)
        user = turns.user(session, owner, number)
    if is_new:
        log.info("✅ 새 사용자 생성: ID=%d", number, extra={FIELDS: {"user_id": number}})
    return user

"""Accounts that end: their jobs are cancelled, their files removed, and at last their rows.

What is asked for is committed at once: nobody is let in any more, and no work is begun. The rest is done as soon as no
worker writes for the account, now or by a chore of any server.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from pansori import jobs
from pansori.accounts import CLOSED
from pansori.db import OWNER, owned, owned_tables
from pansori.db.tables import Account, Asset, Job, LoginSession, MailedToken, VoiceUser
from pansori.domain.jobs import FINISHED
from pansori.domain.units import Seconds
from pansori.workflows.services import Services

log = logging.getLogger(__name__)

AT_ONCE = 100  #: accounts in one go
GREETED = VoiceUser.__table__  #: where everybody is who has asked for `/`: that is nothing which they have made
SETTLED = Seconds(86_400.0)  #: a guest younger than that is left alone
IDLE = Seconds(7 * 86_400.0)


def close_account(services: Services, account_id: UUID) -> None:
    """Let nobody in any more, cancel what is being made, and remove what there is as soon as that has ended."""
    with services.database.write() as session:
        _close(services, session, account_id)
    services.kernel.wake()
    _remove(services, account_id)


def clear_away(services: Services) -> None:
    """A chore: remove what is left of closed accounts, and close those of guests who are gone."""
    with services.database.read() as session:
        closed = session.scalars(select(Account.id).where(Account.kind == CLOSED).limit(AT_ONCE)).all()
        gone = session.scalars(select(Account.id).where(*_is_gone(services, session)).limit(AT_ONCE)).all()
    for account_id in closed:
        _remove(services, account_id)
    for account_id in gone:
        with services.database.write() as session:  # where the guest may have come back, or signed up, meanwhile
            still = select(Account.id).where(Account.id == account_id, *_is_gone(services, session))
            if session.execute(still.with_for_update()).first() is None:
                continue
            _close(services, session, account_id)
        services.kernel.wake()
        _remove(services, account_id)


def _close(services: Services, session: Session, account_id: UUID) -> None:
    services.accounts.close_in(session, account_id)
    unfinished = owned(select(Job.id).where(Job.state.not_in(FINISHED)), account_id)
    for job_id in session.scalars(unfinished).all():
        jobs.cancel(session, job_id)


def _is_gone(services: Services, session: Session) -> tuple[ColumnElement[bool], ...]:
    """Guests are known by their cookie alone, so one whose logins have all ended never comes back, unless by the link
    of a sign-up. Who has made nothing and was not here for a week, as machines that only look around, has nothing to
    come back for. The others are waited for as long as `retain_guests` says."""
    now = services.database.now(session)
    mine = (LoginSession.account == Account.id, LoginSession.revoked_at.is_(None), LoginSession.expires_at > now)
    has_login = exists().where(*mine)
    was_here = exists().where(*mine, LoginSession.seen_at > now - timedelta(seconds=IDLE))
    signs_up = exists().where(MailedToken.account == Account.id, MailedToken.expires_at > now)
    has_nothing = and_(*(~exists().where(table.c[OWNER] == Account.id) for table in owned_tables() if table != GREETED))
    ways = [~has_login, and_(~was_here, has_nothing)]
    if kept := services.settings.retain_guests:
        before = now - timedelta(seconds=kept)
        seen = exists().where(LoginSession.account == Account.id, LoginSession.seen_at >= before)
        works = exists().where(Job.owner == Account.id, Job.state.not_in(FINISHED))
        ways.append(and_(Account.created_at < before, ~seen, ~works))
    settled = Account.created_at < now - timedelta(seconds=SETTLED)
    return Account.kind == "guest", settled, ~signs_up, or_(*ways)


def _remove(services: Services, account_id: UUID) -> None:
    """Files first, then rows; nothing yet where a worker is still writing."""
    with services.database.write() as session:
        working = owned(select(Job.id).where(Job.state.not_in(FINISHED)), account_id)
        if session.execute(working.limit(1)).first() is not None:
            return
    services.uploads.end_all(account_id)
    with services.database.write() as session:
        services.assets.retire(session, session.scalars(owned(select(Asset.id), account_id)).all())
    services.assets.collect()
    with services.database.write() as session:
        if session.execute(owned(select(Asset.id), account_id).limit(1)).first() is None:
            session.execute(delete(Account).where(Account.id == account_id, Account.kind == CLOSED))
            log.info("the account %s is gone", account_id)

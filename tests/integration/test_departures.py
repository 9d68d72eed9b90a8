"""Accounts that end while something is being made for them, on both databases; and what comes of guests."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from pansori import jobs
from pansori.accounts import Accounts, AccountView
from pansori.bootstrap import build
from pansori.db import owned, owned_tables, upgrade
from pansori.db.tables import Account, Asset, Job, LoginSession, Step
from pansori.domain.errors import Conflict, TooManyAttempts
from pansori.domain.jobs import JobState
from pansori.settings import Settings, load
from pansori.workflows import Services, SongTask, clear_away, close_account, export_account
from support.accounts import CHEAP, HOME, PASSWORD
from support.waiting import eventually


@pytest.fixture(params=["sqlite", "postgresql"])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    settings: dict[str, Any] = {"data_dir": tmp_path, "compose_engine": "debug", "workers": 0, "mode": "accounts"}
    if request.param == "postgresql":
        settings["database_url"] = request.getfixturevalue("postgres_server").installation()
    made = build(load(**settings, password_memory=CHEAP))
    upgrade(made.database)
    yield made
    made.close()


def begin(services: Services, account: AccountView) -> Any:
    return services.submit("song", SongTask(genre="folk", lyrics="산새가 운다"), owner=account.id, origin="v1").id


def finish(services: Services) -> None:
    while jobs.claim_and_run(services.kernel, "cpu"):
        pass


def left(services: Services, account: AccountView) -> list[str]:
    """Tables that have rows of theirs."""
    with services.database.read() as session:
        found = [table.name for table in owned_tables() if session.execute(owned(select(table), account.id)).first()]
        return found + ["accounts"] * (session.get(Account, account.id) is not None)


def files(services: Services) -> int:
    return sum(1 for _ in services.store.objects())


def test_what_was_made_goes_with_its_account(services: Services) -> None:
    gone = services.accounts.office.create("mina@mail.example", PASSWORD)
    stays = services.accounts.office.create("jun@mail.example", PASSWORD)
    for account in (gone, stays):
        begin(services, account)
    finish(services)
    before = files(services)
    assert left(services, gone) == left(services, stays)
    close_account(services, gone.id)
    assert left(services, gone) == []
    assert "assets" in left(services, stays)
    assert files(services) == before // 2


def test_what_is_being_made_is_cancelled_first(services: Services) -> None:
    account = services.accounts.office.create("mina@mail.example", PASSWORD)
    waiting = begin(services, account)
    running = begin(services, account)
    with services.database.write() as session:  # as if a worker were at it
        row = jobs.get(session, running)
        assert row.state is JobState.QUEUED
        session.execute(update(Job).where(Job.id == running).values(state=JobState.RUNNING))
        session.execute(update(Step).where(Step.job_id == running).values(state="running", attempt=1))
    close_account(services, account.id)
    with services.database.read() as session:
        assert jobs.get(session, waiting).state is JobState.CANCELLED
        assert jobs.get(session, running).cancel_requested
    assert "accounts" in left(services, account)
    with services.database.write() as session:  # the worker has let go
        session.execute(update(Step).where(Step.job_id == running).values(state="cancelled"))
        session.execute(update(Job).where(Job.id == running).values(state=JobState.CANCELLED))
    clear_away(services)
    assert left(services, account) == []


def test_a_guest_whom_nobody_can_be_any_more_is_cleared_away(services: Services) -> None:
    gone, young, known = (services.accounts.logins.as_guest(HOME).account for _ in range(3))
    begin(services, gone)
    finish(services)
    with services.database.write() as session:
        long_ago = services.database.now(session) - timedelta(days=40)
        session.execute(update(Account).where(Account.id.in_((gone.id, known.id))).values(created_at=long_ago))
        ended = update(LoginSession).where(LoginSession.account.in_((gone.id, young.id)))
        session.execute(ended.values(expires_at=long_ago))
    clear_away(services)
    assert left(services, gone) == []
    assert files(services) == 0
    assert (left(services, young), left(services, known)) == (["accounts"], ["accounts"])


def test_so_is_one_who_made_nothing_and_was_not_here_for_a_week(services: Services) -> None:
    idle, maker, late = (services.accounts.logins.as_guest(HOME).account for _ in range(3))
    begin(services, maker)
    with services.database.write() as session:
        now = services.database.now(session)
        session.execute(update(Account).values(created_at=now - timedelta(days=20)))
        session.execute(update(LoginSession).values(seen_at=now - timedelta(days=8)))
        here = update(LoginSession).where(LoginSession.account == late.id)
        session.execute(here.values(seen_at=now - timedelta(days=6)))
    clear_away(services)
    assert left(services, idle) == []
    assert (left(services, maker), left(services, late)) == (["jobs", "accounts"], ["accounts"])


def test_one_who_logs_out_while_signing_up_keeps_everything(services: Services) -> None:
    login = services.accounts.logins.as_guest(HOME)
    begin(services, login.account)
    finish(services)
    services.accounts.sign_up.begin("mina@mail.example", PASSWORD, "Mina", HOME, login.account)
    services.accounts.sessions.end(login.account.id, login.session_id)
    with services.database.write() as session:
        session.execute(update(Account).values(created_at=services.database.now(session) - timedelta(days=2)))
    clear_away(services)
    assert "assets" in left(services, login.account)


def test_guests_who_stay_away_are_kept_as_long_as_the_setting_says(services: Services) -> None:
    gone, seen, busy = (services.accounts.logins.as_guest(HOME).account for _ in range(3))
    for guest in (gone, seen):
        begin(services, guest)
    finish(services)
    begin(services, busy)
    with services.database.write() as session:
        now = services.database.now(session)
        session.execute(update(Account).values(created_at=now - timedelta(days=100)))
        session.execute(update(LoginSession).values(seen_at=now - timedelta(days=61)))
        session.execute(
            update(LoginSession).where(LoginSession.account == seen.id).values(seen_at=now - timedelta(days=59))
        )
    clear_away(services)
    assert "assets" in left(services, gone)  # for ever, unless something else is set
    kept = Settings.model_validate({**services.settings.model_dump(), "retain_guests": 60 * 86_400.0})
    clear_away(replace(services, settings=kept))
    assert left(services, gone) == []
    assert "assets" in left(services, seen)
    assert left(services, busy) == ["jobs", "accounts"]


def test_a_guest_who_signs_up_at_the_last_moment_keeps_everything(services: Services) -> None:
    first, second = sorted((services.accounts.logins.as_guest(HOME).account for _ in range(2)), key=lambda one: one.id)
    for guest in (first, second):
        begin(services, guest)
    finish(services)
    with services.database.write() as session:
        long_ago = services.database.now(session) - timedelta(days=40)
        session.execute(update(Account).values(created_at=long_ago))
        session.execute(update(LoginSession).values(expires_at=long_ago))
    signed_up = []

    class Meanwhile(Accounts):
        """While one of them is closed, the other signs up."""

        def close_in(self, session: Session, account_id: UUID) -> None:
            other = next(one.id for one in (first, second) if one.id != account_id)
            session.execute(update(Account).where(Account.id == other).values(kind="local"))
            signed_up.append(other)
            super().close_in(session, account_id)

    clear_away(replace(services, accounts=Meanwhile(services.database, services.settings)))
    assert len(signed_up) == 1
    kept = next(one for one in (first, second) if one.id == signed_up[0])
    assert "assets" in left(services, kept)


def test_no_two_accounts_have_the_same_number(services: Services) -> None:
    with ThreadPoolExecutor(8) as pool:
        guests = list(pool.map(lambda _: services.accounts.logins.as_guest(HOME).account.alias, range(32)))
    assert sorted(guests) == list(range(11, 43))
    assert services.accounts.local().known("read").alias == 10


def test_of_many_who_ask_at_once_no_more_get_through(services: Services) -> None:
    def gets_through(_: int) -> bool:
        try:
            services.accounts.recovery.forgot("mina@mail.example", HOME)
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(14) as pool:
        assert sum(pool.map(gets_through, range(56))) == 5


def test_of_many_who_take_one_address_at_once_one_has_it(services: Services) -> None:
    def create(_: int) -> bool:
        try:
            services.accounts.office.create("mina@mail.example", PASSWORD)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(8))) == 1


def test_what_is_written_for_a_guest_who_logs_in_meanwhile_is_found(services: Services) -> None:
    account = services.accounts.office.create("mina@mail.example", PASSWORD)
    guest = services.accounts.logins.as_guest(HOME).account
    begin(services, guest)
    services.accounts.logins.by_password("mina@mail.example", PASSWORD, HOME, guest)
    finish(services)
    assert left(services, guest) == ["accounts"]
    with services.database.read() as session:
        assert session.scalars(owned(select(Asset.id), account.id)).all()


def test_logging_in_waits_for_what_is_just_being_finished(services: Services, tmp_path: Path) -> None:
    services.accounts.office.create("mina@mail.example", PASSWORD)
    guest = services.accounts.logins.as_guest(HOME).account
    job = begin(services, guest)
    (tmp_path / "note.txt").write_text("la")
    written = services.assets.write(guest.id, "note.txt", tmp_path / "note.txt")

    def waits() -> bool:
        with services.database.read() as session:
            if session.get_bind().dialect.name == "sqlite":
                return True  # which lets nobody else write in any case
            waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            return bool(session.execute(waiting).scalar_one())

    with ThreadPoolExecutor(1) as pool:
        with services.database.write() as session:  # as a worker does: the job first, then its files
            session.execute(select(Job.id).where(Job.id == job).with_for_update())
            login = pool.submit(services.accounts.logins.by_password, "mina@mail.example", PASSWORD, HOME, guest)
            eventually(waits)
            services.assets.commit(session, [written], owner=guest.id)
        login.result()
    assert left(services, guest) == ["accounts"]


def test_a_file_that_was_written_meanwhile_is_the_jobs_owners(services: Services, tmp_path: Path) -> None:
    account = services.accounts.office.create("mina@mail.example", PASSWORD)
    guest = services.accounts.logins.as_guest(HOME).account
    (tmp_path / "note.txt").write_text("la")
    written = services.assets.write(guest.id, "note.txt", tmp_path / "note.txt")
    with services.database.write() as session:
        services.assets.commit(session, [written], owner=account.id)
    assert (left(services, guest), left(services, account)) == (["accounts"], ["assets", "accounts"])


def test_those_who_read_their_export_slowly_keep_nobody_waiting(services: Services) -> None:
    account = services.accounts.office.create("mina@mail.example", PASSWORD)
    exports = [export_account(services, account) for _ in range(40)]  # more than there are connections
    for one in exports:
        next(one)
    with services.database.read() as session:
        assert session.get(Account, account.id)
    assert all(b"".join(one) for one in exports)

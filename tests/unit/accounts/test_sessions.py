"""Logins: renewed by themselves, ended at once, and void when somebody copied one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from pansori.accounts import Accounts, AccountView, Viewer
from pansori.db.tables import LoginSession
from pansori.domain.errors import NotFound, Unauthenticated
from pansori.settings import load
from support.accounts import CHEAP, HOME, House


def seen(house: House, token: str, *, renewing: bool = False) -> Viewer:
    return house.accounts.recognise(token, renewing=renewing).viewer


def renewed(house: House, token: str) -> str:
    newer = house.accounts.recognise(token, renewing=True).token
    assert newer is not None
    return newer


def sessions(house: House, account: AccountView) -> int:
    with house.database.read() as session:
        return len(house.accounts.sessions.listing(session, account.id))


def test_a_login_is_recognised(house: House) -> None:
    login = house.guest()
    viewer = seen(house, login.token)
    assert (viewer.account, viewer.session_id) == (login.account, login.session_id)
    assert viewer.known("account") == login.account


def test_a_bearer_token_is_valid_for_a_quarter_of_an_hour(house: House) -> None:
    token = house.guest().token
    house.clock.pass_by(minutes=14, seconds=59)
    seen(house, token)
    house.clock.pass_by(seconds=1)
    with pytest.raises(Unauthenticated):
        seen(house, token)
    assert seen(house, token, renewing=True).account  # and its login lives on


def test_a_cookie_is_renewed_when_its_token_has_expired_and_not_before(house: House) -> None:
    login = house.guest()
    assert house.accounts.recognise(login.token, renewing=True).token is None
    house.clock.pass_by(minutes=20)
    newer = renewed(house, login.token)
    assert newer != login.token
    assert seen(house, newer).session_id == login.session_id


def test_tabs_that_come_at_once_all_get_in_with_the_same_new_token(house: House) -> None:
    token = house.guest().token
    house.clock.pass_by(minutes=20)
    with ThreadPoolExecutor(8) as pool:
        newer = set(pool.map(lambda _: renewed(house, token), range(16)))
    assert len(newer) == 1
    house.clock.pass_by(seconds=59)  # one whose answer was lost asks again
    assert seen(house, renewed(house, token)).account == seen(house, newer.pop()).account


def test_an_old_token_that_is_replayed_ends_the_login_for_everybody(house: House) -> None:
    token = house.guest().token
    house.clock.pass_by(minutes=20)
    newer = renewed(house, token)
    house.clock.pass_by(seconds=61)
    seen(house, newer)
    with pytest.raises(Unauthenticated):
        seen(house, token, renewing=True)
    with pytest.raises(Unauthenticated):
        seen(house, newer)


def test_a_token_two_rotations_old_ends_it_at_once(house: House) -> None:
    first = house.guest().token
    third = house.accounts.sessions.refresh(house.accounts.sessions.refresh(first).token).token
    with pytest.raises(Unauthenticated):
        seen(house, first)
    with pytest.raises(Unauthenticated):
        seen(house, third)


def test_a_page_with_a_renewed_cookie_may_renew_the_token_that_its_script_kept(house: House) -> None:
    first = house.guest().token
    house.clock.pass_by(minutes=20)
    cookie = renewed(house, first)
    house.clock.pass_by(minutes=5)
    newer = house.accounts.sessions.refresh(first, cookie).token
    assert seen(house, newer).session_id == seen(house, cookie).session_id


def test_an_outdated_token_beside_a_renewed_cookie_is_refused_and_harms_nobody(house: House) -> None:
    first = house.guest().token
    cookie = house.accounts.sessions.refresh(first).token
    house.clock.pass_by(minutes=5)
    with pytest.raises(Unauthenticated):
        house.accounts.recognise(first, beside=cookie)
    assert seen(house, cookie).account


def test_a_copied_token_is_not_excused_by_a_login_of_ones_own(house: House) -> None:
    first, other = house.guest().token, house.guest().token
    newer = house.accounts.sessions.refresh(first).token
    house.clock.pass_by(minutes=5)
    for beside in (other, first, "x", newer[:-2]):
        with pytest.raises(Unauthenticated):
            house.accounts.sessions.refresh(first, beside)
    with pytest.raises(Unauthenticated):
        seen(house, newer)
    assert seen(house, other).account


def test_an_expired_bearer_token_that_is_forgotten_somewhere_harms_nobody(house: House) -> None:
    token = house.guest().token
    house.clock.pass_by(minutes=20)
    newer = renewed(house, token)
    house.clock.pass_by(minutes=5)
    with pytest.raises(Unauthenticated):
        seen(house, token)
    assert seen(house, newer).account


def test_a_program_renews_its_token(house: House) -> None:
    login = house.guest()
    house.clock.pass_by(days=29)
    newer = house.accounts.sessions.refresh(login.token)
    assert (newer.account, newer.session_id) == (login.account, login.session_id)
    house.clock.pass_by(days=29)  # each use begins the thirty days anew
    assert house.accounts.sessions.refresh(newer.token).token


def test_a_login_that_is_not_used_ends(house: House) -> None:
    login = house.guest()
    house.clock.pass_by(days=30, seconds=1)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            seen(house, login.token, renewing=True)
    assert sessions(house, login.account) == 0


def test_a_login_that_ends_while_it_is_renewed_is_not_renewed(house: House) -> None:
    login = house.guest()
    house.clock.pass_by(minutes=20)
    looks = []

    def clock(session: Session) -> datetime:
        """When it is looked at for the second time, the login has just been deleted."""
        looks.append(session)
        if len(looks) == 2:
            session.execute(delete(LoginSession))
        return house.clock.now

    settings = load(mode="accounts", password_memory=CHEAP)
    other = Accounts(house.database, settings, mailer=house.letters, clock=clock)
    with pytest.raises(Unauthenticated):
        other.recognise(login.token, renewing=True)
    other.close()


def test_ending_a_login_ends_it_at_once(house: House) -> None:
    login = house.guest()
    house.accounts.sessions.revoke(login.account.id, login.session_id)
    with pytest.raises(Unauthenticated):
        seen(house, login.token)
    with pytest.raises(NotFound):
        house.accounts.sessions.revoke(login.account.id, login.session_id)


def test_nobody_ends_the_login_of_another(house: House) -> None:
    mine, other = house.guest(), house.guest()
    with pytest.raises(NotFound):
        house.accounts.sessions.revoke(mine.account.id, other.session_id)
    assert seen(house, other.token).account == other.account


def test_of_too_many_logins_the_oldest_end(house: House) -> None:
    account = house.local()
    first = house.login()
    for _ in range(100):
        house.clock.pass_by(seconds=1)
        house.accounts.logins.of_account(account.id, HOME)
    assert sessions(house, account) == 100
    with pytest.raises(Unauthenticated):
        seen(house, first.token)


def test_another_secret_ends_all_logins(house: House) -> None:
    token = house.guest().token
    other = House(house.database, jwt_secret="dev-secret-change-me")  # short, as documents have it
    with pytest.raises(Unauthenticated):
        seen(other, token)
    assert seen(other, other.guest().token).account
    other.accounts.close()


def test_servers_of_one_database_share_their_secret(house: House) -> None:
    other = House(house.database)
    assert other.accounts.key("links") == house.accounts.key("links")
    assert other.accounts.key("links") != other.accounts.key("other links")
    assert seen(other, house.guest().token).account
    other.accounts.close()

"""API keys: shown once, and good for what they say."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from pansori.accounts import SCOPES, KeyView, Scope
from pansori.db.tables import ApiKey
from pansori.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound, Unauthenticated
from pansori.domain.units import Seconds
from support.accounts import House


def listed(house: House, account_id: object) -> list[KeyView]:
    with house.database.read() as session:
        return house.accounts.keys.listing(session, account_id)  # type: ignore[arg-type]


def test_a_key_is_good_for_its_scopes(house: House) -> None:
    account = house.local()
    key, view = house.accounts.keys.make(account, "  studio\n ", ["write", "read"])
    assert key.startswith("psk_")
    assert len(key) > 40
    assert (view.name, view.scopes, view.prefix) == ("studio", ("read", "write"), key[:12])
    viewer = house.accounts.recognise(key).viewer
    assert (viewer.known("read"), viewer.known("write"), viewer.key_id) == (account, account, view.id)
    with pytest.raises(Forbidden):
        viewer.known("account")


def test_only_its_hash_is_kept(house: House) -> None:
    key, _ = house.accounts.keys.make(house.local(), "studio", SCOPES)
    with house.database.read() as session:
        [row] = session.execute(select(*ApiKey.__table__.columns)).all()
    assert key not in str(row)


@pytest.mark.parametrize("key", ["psk_", "psk_x", "psk_" + "x" * 10_000, "psk_\ud800"])
def test_other_keys_are_refused(house: House, key: str) -> None:
    with pytest.raises(Unauthenticated):
        house.accounts.recognise(key)


def test_a_revoked_key_is_refused_at_once(house: House) -> None:
    account = house.local()
    key, view = house.accounts.keys.make(account, "studio", ["read"])
    house.accounts.keys.revoke(account.id, view.id)
    assert listed(house, account.id) == []
    with pytest.raises(Unauthenticated):
        house.accounts.recognise(key)
    with pytest.raises(NotFound):
        house.accounts.keys.revoke(account.id, view.id)


def test_a_key_may_expire(house: House) -> None:
    key, _ = house.accounts.keys.make(house.local(), "studio", ["read"], Seconds(60.0))
    house.clock.pass_by(seconds=59)
    house.accounts.recognise(key)
    house.clock.pass_by(seconds=1)
    with pytest.raises(Unauthenticated):
        house.accounts.recognise(key)


def test_its_last_use_is_known_to_the_minute(house: House) -> None:
    account = house.local()
    key, _ = house.accounts.keys.make(account, "studio", ["read"])
    assert listed(house, account.id)[0].used_at is None
    first = house.clock.now
    house.accounts.recognise(key)
    house.clock.pass_by(seconds=59)
    house.accounts.recognise(key)
    assert listed(house, account.id)[0].used_at == first
    house.clock.pass_by(seconds=1)
    house.accounts.recognise(key)
    assert listed(house, account.id)[0].used_at == house.clock.now


def test_nobody_revokes_the_key_of_another(house: House) -> None:
    mina, jun = house.local(), house.local("jun@mail.example")
    _, view = house.accounts.keys.make(mina, "studio", ["read"])
    with pytest.raises(NotFound):
        house.accounts.keys.revoke(jun.id, view.id)
    with house.database.read() as session, pytest.raises(NotFound):
        house.accounts.keys.get(session, jun.id, view.id)


def test_guests_have_none(house: House) -> None:
    with pytest.raises(Forbidden):
        house.accounts.keys.make(house.guest().account, "studio", ["read"])


@pytest.mark.parametrize(("name", "scopes"), [("", ["read"]), ("x", []), ("x", ["all"])])
def test_a_key_needs_a_name_and_scopes_that_there_are(house: House, name: str, scopes: list[Scope]) -> None:
    with pytest.raises(InvalidRequest):
        house.accounts.keys.make(house.local(), name, scopes)


def test_its_name_is_shown_on_one_line(house: House) -> None:
    _, view = house.accounts.keys.make(house.local(), " my\0\nstudio \u202e", ["read"])
    assert view.name == "my studio"


def test_there_are_not_too_many(house: House) -> None:
    account = house.local()
    for _ in range(100):
        house.accounts.keys.make(account, "x", ["read"])
    with pytest.raises(Conflict):
        house.accounts.keys.make(account, "x", ["read"])

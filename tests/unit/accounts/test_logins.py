"""Ways in, and what is learnt by trying them."""

from __future__ import annotations

import unicodedata
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update

from pansori.accounts import NOBODY, AccountView, Client, local_account
from pansori.accounts._passwords import Passwords
from pansori.db import now
from pansori.db.tables import Account, Base, Job, LoginAttempt
from pansori.domain.errors import InvalidRequest, TooManyAttempts, Unauthenticated
from pansori.domain.units import Bytes
from support.accounts import CHEAP, HOME, PASSWORD, House

MINA = "mina@mail.example"


def jobs_of(house: House, account: AccountView) -> int:
    with house.database.read() as session:
        return len(session.scalars(select(Job.id).where(Job.owner == account.id)).all())


def make_job(house: House, account: AccountView, key: str | None = None) -> None:
    row = {"id": uuid4(), "kind": "song", "origin": "v1", "owner": account.id, "state": "queued", "task": {}}
    with house.database.write() as session:
        values = {**row, "progress": {}, "created_at": now(session), "idempotency_key": key}
        session.execute(insert(Job).values(values))


def test_the_right_password_opens(house: House) -> None:
    account = house.local()
    assert house.login().account == account
    assert house.login(" MINA@Mail.Example ").account == account


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (MINA, "wrong horse battery"),
        ("nobody@mail.example", PASSWORD),
        (MINA, ""),
        (MINA, "x" * 100_000),
        (MINA, PASSWORD + " "),
        (MINA, "\ud800"),
    ],
)
def test_anything_else_does_not_and_tells_nothing(house: House, email: str, password: str) -> None:
    house.local()
    with pytest.raises(Unauthenticated) as raised:
        house.login(email, password)
    assert raised.value.message.en == "The e-mail address or the password is wrong."


def test_an_account_without_a_password_is_not_opened_by_one(house: House) -> None:
    with house.database.write() as session:
        local_account(session)
        session.execute(update(Account).values(email=MINA))
    with pytest.raises(Unauthenticated):
        house.login(MINA, "")


def test_a_bad_address_is_told(house: House) -> None:
    with pytest.raises(InvalidRequest) as raised:
        house.login("mina")
    assert raised.value.field == "email"


def test_an_address_alone_opens_nobodys_account(house: House) -> None:
    account = house.local()
    claimed = house.accounts.logins.by_claim(NOBODY, MINA, HOME)
    assert claimed.account.id != account.id
    assert (claimed.account.kind, claimed.account.email) == ("guest", MINA)
    again = house.accounts.logins.by_claim(claimed.viewer, "other@mail.example", HOME)
    assert (again.account.id, again.account.email) == (claimed.account.id, "other@mail.example")
    beside = house.accounts.logins.by_claim(house.login().viewer, MINA, HOME)
    assert beside.account.kind == "guest"


def test_after_ten_wrong_passwords_even_the_right_one_has_to_wait(house: House) -> None:
    house.local()
    for number in range(10):
        with pytest.raises(Unauthenticated):
            house.login(password="wrong horse", client=Client(f"192.0.2.{number}"))
    with pytest.raises(TooManyAttempts) as raised:
        house.login(client=Client("192.0.2.99"))
    assert 0 < raised.value.retry_after <= 900
    house.clock.pass_by(minutes=15, seconds=1)
    assert house.login().account


def test_accounts_that_there_are_not_have_to_wait_alike(house: House) -> None:
    for _ in range(10):
        with pytest.raises(Unauthenticated):
            house.login("nobody@mail.example", "wrong horse")
    with pytest.raises(TooManyAttempts):
        house.login("nobody@mail.example", "wrong horse")


def test_a_right_password_forgives_the_wrong_ones(house: House) -> None:
    house.local()
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(Unauthenticated):
                house.login(password="wrong horse")
        house.login()


def tried(house: House, subject: str, times: int) -> None:
    """As if it had been tried so often just now."""
    with house.database.write() as session:
        session.add_all(LoginAttempt(subject=subject, at=house.clock.now) for _ in range(times))


def test_an_address_that_tries_one_account_after_another_has_to_wait(house: House) -> None:
    house.local()
    tried(house, "address:192.0.2.1", 97)
    for number in range(3):
        with pytest.raises(Unauthenticated):
            house.login(f"a{number}@mail.example", "x")
    with pytest.raises(TooManyAttempts):
        house.login("b@mail.example", "x")
    assert house.login(client=Client("198.51.100.7")).account  # others go on


def test_who_has_an_account_cannot_guess_without_end_in_between(house: House) -> None:
    house.local()
    tried(house, "address:192.0.2.1", 97)
    for number in range(3):
        if number < 2:
            house.login()
        with pytest.raises(Unauthenticated):
            house.login(f"a{number}@mail.example", "x")
    with pytest.raises(TooManyAttempts):
        house.login()


def test_what_does_not_count_any_more_is_forgotten(house: House) -> None:
    with pytest.raises(Unauthenticated):
        house.login(password="wrong horse")
    house.clock.pass_by(hours=2)
    house.guest()
    with house.database.read() as session:
        assert [row.subject for row in session.scalars(select(LoginAttempt))] == ["guest:192.0.2.1"]


def test_guests_have_to_come_from_somewhere(house: House) -> None:
    tried(house, "guest:203.0.113.5", 299)
    house.accounts.logins.as_guest(Client("203.0.113.5"))
    with pytest.raises(TooManyAttempts):
        house.accounts.logins.as_guest(Client("203.0.113.5"))
    assert house.guest().account


def test_what_a_guest_made_comes_along(house: House) -> None:
    account, guest = house.local(), house.guest()
    make_job(house, account, key="same")
    make_job(house, guest.account, key="same")
    login = house.accounts.logins.by_password(MINA, PASSWORD, HOME, guest.account)
    assert login.account == account
    assert (jobs_of(house, account), jobs_of(house, guest.account)) == (2, 0)
    with pytest.raises(Unauthenticated):
        house.accounts.recognise(guest.token)


def test_what_another_account_made_does_not(house: House) -> None:
    mina, jun = house.local(), house.local("jun@mail.example")
    make_job(house, jun)
    house.accounts.logins.by_password(MINA, PASSWORD, HOME, jun)
    assert (jobs_of(house, mina), jobs_of(house, jun)) == (0, 1)


def test_a_password_is_hashed_anew_when_the_parameters_have_changed(house: House) -> None:
    account = house.local()

    def hashed() -> str:
        with house.database.read() as session:
            return session.execute(select(Account.password).where(Account.id == account.id)).scalar_one() or ""

    before = hashed()
    house.login()
    assert hashed() == before
    dearer = House(house.database, password_memory=2 * CHEAP)
    dearer.login()
    assert hashed() != before
    assert "m=2048," in hashed()
    assert dearer.login().account == house.login().account
    dearer.accounts.close()


def test_hashes_are_argon2id_as_recommended() -> None:
    made = Passwords(Bytes(64 * 1024 * 1024)).hash(PASSWORD)
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert Passwords(CHEAP).verify(made, PASSWORD)
    assert not Passwords(CHEAP).verify(None, PASSWORD)
    assert not Passwords(CHEAP).verify("no hash", PASSWORD)


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [("x" * 7, False), ("여덟글자예요네!", True), ("한글비밀번호예요", True), ("x" * 1025, False)],
)
def test_lengths_of_passwords(password: str, is_taken: bool) -> None:
    if is_taken:
        assert Passwords(CHEAP).hash(password)
        return
    with pytest.raises(InvalidRequest) as raised:
        Passwords(CHEAP).hash(password)
    assert raised.value.field == "password"


def test_closing_an_account_leaves_nothing_to_come_back_by(house: House) -> None:
    login = house.login(house.local().email or "")
    with house.database.write() as session:
        house.accounts.close_in(session, login.account.id)
    with pytest.raises(Unauthenticated):
        house.accounts.recognise(login.token)
    with pytest.raises(Unauthenticated):
        house.login()
    assert house.local().alias == 12  # the address may sign up again; the number is not given again
    with house.database.read() as session:
        for table in Base.metadata.sorted_tables:
            rows = session.execute(select(table)).all() if "account" in table.c else []
            assert not [row for row in rows if row.account == login.account.id]


def test_a_keyboard_that_composes_otherwise_types_the_same(house: House) -> None:
    hashed = house.accounts.passwords.hash(unicodedata.normalize("NFD", "비밀번호예요요요"))
    assert house.accounts.passwords.verify(hashed, unicodedata.normalize("NFC", "비밀번호예요요요"))

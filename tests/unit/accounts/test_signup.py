"""Addresses are somebody's once a mailed link was followed, and not before."""

from __future__ import annotations

import pytest

from pansori.accounts import NOBODY, Client, Verified, Viewer
from pansori.domain.errors import Conflict, Forbidden, InvalidRequest, TooManyAttempts, Unauthenticated
from support.accounts import HOME, PASSWORD, House, token_in

MINA = "mina@mail.example"


def begin(house: House, email: str = MINA, guest: Viewer = NOBODY, password: str = PASSWORD) -> None:
    house.accounts.sign_up.begin(email, password, "Mina", HOME, guest.account)


def follow(house: House, viewer: Viewer = NOBODY) -> Verified:
    return house.accounts.sign_up.verify(token_in(house.letters.next()), HOME, viewer)


def test_an_account_is_there_once_the_link_was_followed(house: House) -> None:
    begin(house)
    with pytest.raises(Unauthenticated):
        house.login()
    verified = follow(house)
    assert (verified.account.kind, verified.account.email, verified.account.name) == ("local", MINA, "Mina")
    assert verified.login is None  # whoever reads the mail may sit elsewhere
    assert house.login().account == verified.account


def test_a_guest_stays_who_they_are(house: House) -> None:
    guest = house.guest()
    begin(house, guest=guest.viewer)
    assert house.accounts.recognise(guest.token).viewer.account == guest.account  # nothing has changed yet
    verified = follow(house, guest.viewer)
    assert verified.account.id == guest.account.id
    assert verified.login is not None
    assert house.accounts.recognise(verified.login.token).viewer.account == verified.account
    with pytest.raises(Unauthenticated):  # somebody else may have put it into their browser
        house.accounts.recognise(guest.token)


def test_a_link_is_valid_once_and_for_a_day(house: House) -> None:
    begin(house)
    token = token_in(house.letters.next())
    house.accounts.sign_up.verify(token, HOME, NOBODY)
    with pytest.raises(InvalidRequest) as raised:
        house.accounts.sign_up.verify(token, HOME, NOBODY)
    assert raised.value.field == "token"
    begin(house, "jun@mail.example")
    house.clock.pass_by(days=1)
    with pytest.raises(InvalidRequest):
        follow(house)


@pytest.mark.parametrize("token", ["", "x", "x" * 1000, "\ud800", "a\0b"])
def test_other_links_mean_nothing(house: House, token: str) -> None:
    with pytest.raises(InvalidRequest):
        house.accounts.sign_up.verify(token, HOME, NOBODY)
    with pytest.raises(InvalidRequest):
        house.accounts.recovery.reset(token, PASSWORD, HOME)


def test_signing_up_with_a_taken_address_writes_to_its_owner(house: House) -> None:
    account = house.local()
    begin(house, password="another password")
    letter = house.letters.next()
    assert (letter.to, letter.subject) == (MINA, "You have an account already")
    assert "/app/reset?token=" in letter.body
    assert house.login().account == account


def test_of_two_who_sign_up_with_one_address_the_first_to_follow_the_link_has_it(house: House) -> None:
    begin(house, password="first password")
    begin(house, password="second password")
    first, second = house.letters.next(), house.letters.next()
    house.accounts.sign_up.verify(token_in(second), HOME, NOBODY)
    with pytest.raises(InvalidRequest):
        house.accounts.sign_up.verify(token_in(first), HOME, NOBODY)
    assert house.login(password="second password").account


def test_a_link_is_sent_again(house: House) -> None:
    begin(house)
    house.letters.next()
    house.accounts.sign_up.resend(MINA, HOME)
    follow(house)
    assert house.login().account
    house.accounts.sign_up.resend("nobody@mail.example", HOME)  # looks the same


def test_letters_are_few(house: House) -> None:
    for _ in range(5):
        house.accounts.recovery.forgot(MINA, HOME)
    with pytest.raises(TooManyAttempts):
        house.accounts.recovery.forgot(MINA, HOME)
    for number in range(25):
        house.accounts.recovery.forgot(f"a{number}@mail.example", HOME)
    with pytest.raises(TooManyAttempts):
        house.accounts.recovery.forgot("b@mail.example", HOME)
    house.accounts.recovery.forgot("b@mail.example", Client("198.51.100.7"))
    assert house.letters.sent == []  # none of them has an account


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_whoever_has_one_address_of_ipv6_has_many(address: str, place: str) -> None:
    assert Client(address).place == place


def test_letters_are_few_from_wherever_they_are_asked_for(house: House) -> None:
    for number in range(30):
        house.accounts.recovery.forgot(f"a{number}@mail.example", Client(f"2001:db8::{number:x}"))
    with pytest.raises(TooManyAttempts):
        house.accounts.recovery.forgot("b@mail.example", Client("2001:db8::ffff"))
    house.accounts.recovery.forgot("b@mail.example", Client("2001:db8:0:1::1"))


def test_a_forgotten_password_is_chosen_anew(house: House) -> None:
    account = house.local()
    login = house.login()
    key, _ = house.accounts.keys.make(account, "studio", ["read"])
    house.accounts.recovery.forgot(MINA, Client("192.0.2.1", "", "ko"))
    letter = house.letters.next()
    assert letter.subject == "비밀번호 다시 정하기"
    house.accounts.recovery.reset(token_in(letter), "another password", HOME)
    for known in (login.token, key):
        with pytest.raises(Unauthenticated):
            house.accounts.recognise(known)
    with pytest.raises(Unauthenticated):
        house.login()
    assert house.login(password="another password").account == account
    assert house.letters.next().subject == "Your password was changed"


def test_a_password_that_is_too_short_costs_no_link(house: House) -> None:
    house.local()
    house.accounts.recovery.forgot(MINA, HOME)
    token = token_in(house.letters.next())
    with pytest.raises(InvalidRequest):
        house.accounts.recovery.reset(token, "short", HOME)
    house.accounts.recovery.reset(token, "long enough", HOME)


def test_changing_a_password_ends_the_other_logins(house: House) -> None:
    account = house.local()
    mine, other = house.login(), house.login()
    with pytest.raises(Forbidden):
        house.accounts.recovery.change(account, mine.session_id, "wrong password", "new password", HOME)
    house.accounts.recovery.change(account, mine.session_id, PASSWORD, "new password", HOME)
    assert house.accounts.recognise(mine.token).viewer.account
    with pytest.raises(Unauthenticated):
        house.accounts.recognise(other.token)


def test_an_address_is_changed_by_a_link_to_the_new_one(house: House) -> None:
    account = house.local()
    with pytest.raises(Forbidden):
        house.accounts.sign_up.change_address(account, "new@mail.example", "wrong password", HOME)
    house.accounts.sign_up.change_address(account, "New@mail.example", PASSWORD, HOME)
    assert house.login().account.email == MINA
    letter = house.letters.next()
    assert letter.to == "new@mail.example"
    house.accounts.sign_up.verify(token_in(letter), HOME, NOBODY)
    assert house.login("new@mail.example").account.id == account.id
    with pytest.raises(Unauthenticated):
        house.login(MINA)
    told = house.letters.next()
    assert (told.to, told.subject) == (MINA, "Your e-mail address was changed")


def test_a_new_password_voids_the_links_of_whoever_knew_the_old_one(house: House) -> None:
    account = house.local()
    house.accounts.sign_up.change_address(account, "thief@mail.example", PASSWORD, HOME)
    theirs = token_in(house.letters.next())
    house.accounts.recovery.forgot(MINA, HOME)
    house.accounts.recovery.reset(token_in(house.letters.next()), "another password", HOME)
    with pytest.raises(InvalidRequest):
        house.accounts.sign_up.verify(theirs, HOME, NOBODY)
    assert house.login(password="another password").account.email == MINA


@pytest.mark.parametrize("how", ["change", "set"])
def test_so_does_one_that_is_chosen_otherwise(house: House, how: str) -> None:
    account = house.local()
    house.accounts.recovery.forgot(MINA, HOME)
    theirs = token_in(house.letters.next())
    if how == "change":
        house.accounts.recovery.change(account, None, PASSWORD, "another password", HOME)
    else:
        house.accounts.office.set_password(MINA, "another password")
    with pytest.raises(InvalidRequest):
        house.accounts.recovery.reset(theirs, PASSWORD, HOME)


def test_who_reads_the_mail_of_the_old_address_gets_in_no_more(house: House) -> None:
    account = house.local()
    house.accounts.recovery.forgot(MINA, HOME)
    old = token_in(house.letters.next())
    house.accounts.sign_up.change_address(account, "new@mail.example", PASSWORD, HOME)
    house.accounts.sign_up.verify(token_in(house.letters.next()), HOME, NOBODY)
    with pytest.raises(InvalidRequest):
        house.accounts.recovery.reset(old, "another password", HOME)


def test_nobody_takes_the_address_of_another(house: House) -> None:
    mina = house.local()
    house.accounts.sign_up.change_address(mina, "new@mail.example", PASSWORD, HOME)
    letter = house.letters.next()
    house.local("new@mail.example")
    with pytest.raises((Conflict, InvalidRequest)):
        house.accounts.sign_up.verify(token_in(letter), HOME, NOBODY)
    house.accounts.sign_up.change_address(mina, "new@mail.example", PASSWORD, HOME)  # looks the same
    assert house.login().account.email == MINA


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "::1"])
def test_links_lead_to_where_the_settings_say(house: House, host: str) -> None:
    other = House(house.database, host=host, port=9000)
    begin(other)
    shown = {"0.0.0.0": "localhost", "::1": "[::1]"}.get(host, host)
    assert f"http://{shown}:9000/app/verify?token=" in other.letters.next().body
    other.accounts.close()


def test_links_lead_to_the_public_address(house: House) -> None:
    other = House(house.database, public_url="https://music.example/")
    begin(other)
    assert "https://music.example/app/verify?token=" in other.letters.next().body
    other.accounts.close()


@pytest.mark.parametrize(
    "email",
    ["", "a", "@", "a@", "@b", "a b@c.d", "a@b@c", "a@b\nBcc: x@y.z", "a\r\n@b.c", "a@b.c,d@e.f", "<a@b.c>", ".a@b.c",
     "a..b@c.d", "a@.b", "a@b.", "a@b..c", "a" * 65 + "@b.c", "a@" + "b" * 260, "a\0@b.c", "a\u202e@b.c", '"a b"@c.d'],
)  # fmt: skip
def test_what_is_no_address(house: House, email: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        begin(house, email)
    assert raised.value.field == "email"


@pytest.mark.parametrize("email", ["a@localhost", "민아@메일.한국", "a+b@c.d", "o'hara@x.ie", "Σ@b.c"])
def test_what_is_one(house: House, email: str) -> None:
    begin(house, email)
    assert follow(house).account.email == email.lower()


def test_a_name_is_shown_on_one_line(house: House) -> None:
    account = house.local()
    assert house.accounts.rename(account, "  미\n나\u202e \x07<b>").name == "미 나 <b>"
    with pytest.raises(InvalidRequest):
        house.accounts.rename(account, "x" * 101)

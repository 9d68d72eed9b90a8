"""Signing up, in and out, and the account in a real browser."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from support.accounts import PASSWORD
from support.browser import Browsing
from support.guests import Guest, SignedIn
from support.pages import LOOKS, PHONE, barriers, visit_and_check
from support.server import Server
from support.waiting import eventually

ACCOUNT = "/app/account"
LINK = re.compile(r"https?://\S+/app/(?:verify|reset)\?token=\S+")


def mailed(server: Server, email: str) -> str:
    """Path of the last link in a letter to this address, which goes to the log."""

    def links() -> list[str]:
        letters = [part for part in server.log.split("a letter to ") if part.startswith(f"{email}:")]
        return [link for letter in letters for link in LINK.findall(letter)]

    eventually(links)
    parts = urlsplit(links()[-1])
    return f"{parts.path}?{parts.query}"


def enter(page: Page, server: Server, email: str, password: str = PASSWORD) -> None:
    page.goto(f"{server.url}/app/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture(scope="module")
def member(accounts_server: Server) -> SignedIn:
    member = SignedIn(accounts_server, f"jiwoo.{uuid4().hex[:8]}@mail.example")
    member.post("/v1/account/keys", json={"name": "작업실 컴퓨터", "expires_in": 90 * 86_400})
    return member


@pytest.mark.parametrize(("locale", "language", "scheme"), LOOKS)
def test_they_are_for_everybody(
    visit: Browsing, accounts_server: Server, member: SignedIn, locale: str, language: str, scheme: str
) -> None:
    visit.tolerated.append("410")
    page = visit.open(locale=locale, color_scheme=scheme, viewport=PHONE)
    for path in ("sign-in", "sign-up", "reset?token=x", "verify?token=x"):  # the others have less of the same
        visit_and_check(page, f"{accounts_server.url}/app/{path}", language=language)
    page = visit.open(locale=locale, color_scheme=scheme, viewport=PHONE, storage_state=member.storage)
    visit_and_check(page, accounts_server.url + ACCOUNT, language=language)
    page.locator("details").evaluate_all("(all) => all.forEach((one) => (one.open = true))")
    assert barriers(page) == []


def see_password(page: Page) -> None:
    """It is shown while one wants to see it."""
    field = page.get_by_label("Password")
    expect(field).to_have_attribute("autocomplete", "new-password")
    expect(page.get_by_label("E-mail")).to_have_attribute("autocomplete", "username")
    field.fill("what is it")
    shows = page.get_by_role("button", name="Show Password")
    shows.click()
    expect(field).to_have_attribute("type", "text")
    expect(shows).to_have_attribute("aria-pressed", "true")
    assert barriers(page) == []
    shows.click()
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_value("what is it")


def test_a_guest_signs_up_and_keeps_the_songs(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.make("Made as a guest")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(accounts_server.url + ACCOUNT)
    page.get_by_role("link", name="Sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign up")
    see_password(page)
    page.get_by_label("E-mail").fill("sora@mail.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
    assert barriers(page) == []
    page.goto(accounts_server.url + mailed(accounts_server, "sora@mail.example"))
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(re.compile("/app/library$"))
    expect(page.locator("#rows")).to_contain_text("Made as a guest")
    page.get_by_role("link", name="Account").click()
    expect(page.locator("#profile")).to_contain_text("sora@mail.example")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    enter(page, accounts_server, "sora@mail.example")
    expect(page.locator("#rows")).to_contain_text("Made as a guest")


def test_what_is_wrong_is_said_and_what_was_typed_stays(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("40[13]|422")
    page = visit.open(locale="ko-KR", java_script_enabled=False)
    page.goto(f"{accounts_server.url}/app/sign-in")
    page.get_by_label("이메일").fill("nobody@mail.example")
    page.get_by_label("비밀번호").fill("not the password")
    page.get_by_role("button", name="로그인").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("이메일")).to_have_value("nobody@mail.example")
    expect(page.get_by_label("비밀번호")).to_have_value("")
    page.goto(f"{accounts_server.url}/app/sign-up")
    page.get_by_label("이메일").fill("narae@mail.example")
    page.get_by_label("비밀번호").fill("12345678")
    page.get_by_role("button", name="가입하기").click()
    expect(page.locator("#e-f-password")).to_be_visible()
    expect(page.get_by_label("비밀번호")).to_be_focused()


def test_whoever_signs_up_is_in_where_they_did_so_and_signs_in_elsewhere(
    visit: Browsing, accounts_server: Server
) -> None:
    for email, elsewhere in (("here@mail.example", False), ("there@mail.example", True)):
        page = visit.open(locale="en-GB")
        page.goto(f"{accounts_server.url}/app/sign-up")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_text(email)).to_be_visible()
        link = accounts_server.url + mailed(accounts_server, email)
        if elsewhere:
            page = visit.open(locale="en-GB")
        page.goto(link)
        page.get_by_role("button", name="Confirm").click()
        if not elsewhere:
            expect(page).to_have_url(re.compile("/app/library$"))
            continue
        expect(page.get_by_text("The address is confirmed.")).to_be_visible()
        enter(page, accounts_server, email)
        expect(page).to_have_url(re.compile("/app/library$"))


def test_a_link_that_is_over_says_so_before_anything_is_filled_in(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("410")
    SignedIn(accounts_server, "sebin@mail.example")
    page = visit.open(locale="en-GB")
    page.goto(f"{accounts_server.url}/app/verify?token=nonsense")
    expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")
    expect(page.locator("#main").get_by_role("link", name="Sign in")).to_be_visible()
    accounts_server.post("/app/forgot", data={"email": "sebin@mail.example"})
    used = accounts_server.url + mailed(accounts_server, "sebin@mail.example")
    page.goto(used)
    page.get_by_label("New password").fill("another good password")
    page.get_by_role("button", name="Use this password").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    page.goto(used)
    expect(page.get_by_label("New password")).to_have_count(0)
    page.get_by_label("E-mail").fill("sebin@mail.example")  # where a new one is asked for
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")


def test_a_link_that_is_over_when_it_is_used_says_so_too(accounts_server: Server) -> None:
    form = {"token": "nonsense", "new_password": "another good password"}
    for path in ("verify", "reset"):
        answer = accounts_server.post(f"/app/{path}", data=form, headers={"Accept-Language": "ko"})
        assert answer.status_code == 410
        assert "이제 쓸 수 없는 링크예요" in answer.text


def test_nobody_learns_who_has_an_account(accounts_server: Server, member: SignedIn) -> None:
    strangers = ("nobody-here@mail.example", member.email)
    for path in ("forgot", "resend"):
        told = {accounts_server.post(f"/app/{path}", data={"email": email}).text.count("<p") for email in strangers}
        assert len(told) == 1, path
    form = {"password": "wrong, wrong", "own_name": ""}
    refused = [accounts_server.post("/app/sign-in", data={**form, "email": email}) for email in strangers]
    assert [answer.status_code for answer in refused] == [401, 401]
    assert len({answer.text.partition('role="alert"')[2][:200] for answer in refused}) == 1


def test_a_stranger_is_told_to_sign_in_and_not_to_send_a_key(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("401")
    page = visit.open(locale="ko-KR")
    page.goto(f"{accounts_server.url}/app/tracks/00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("heading", level=1)).to_have_text("로그인이 필요해요")
    expect(page.locator("#main")).not_to_contain_text("API")
    page.locator("#main").get_by_role("link", name="로그인").click()
    expect(page).to_have_url(re.compile("/app/sign-in.next="))


def test_a_forgotten_password_is_chosen_anew(visit: Browsing, accounts_server: Server) -> None:
    SignedIn(accounts_server, "hana@mail.example")
    page = visit.open(locale="en-GB")
    page.goto(f"{accounts_server.url}/app/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Forgotten password")
    page.get_by_label("E-mail").fill("hana@mail.example")
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
    page.goto(accounts_server.url + mailed(accounts_server, "hana@mail.example"))
    page.get_by_label("New password").fill("another good password")
    page.get_by_role("button", name="Use this password").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    enter(page, accounts_server, "hana@mail.example", "another good password")
    expect(page).to_have_url(re.compile("/app/library$"))


def test_a_key_is_shown_once_and_revoked(visit: Browsing, accounts_server: Server, member: SignedIn) -> None:
    page = visit.open(locale="en-GB", storage_state=member.storage, permissions=["clipboard-read", "clipboard-write"])
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(accounts_server.url + ACCOUNT)
    keys = page.locator("#api-keys")
    keys.locator("summary").click()
    keys.get_by_label("Name").fill("A <studio>")
    keys.get_by_role("button", name="Make a key").click()
    key = keys.locator("#new-key").input_value()
    assert key.startswith("psk_")
    assert barriers(page) == []
    keys.get_by_role("button", name="Copy").click()
    expect(keys.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key
    bearer = {"Authorization": f"Bearer {key}"}
    assert accounts_server.get("/v1/library", headers=bearer).status_code == 200
    page.goto(accounts_server.url + ACCOUNT + "/keys")
    expect(page.locator("#new-key")).to_have_count(0)
    expect(keys.get_by_role("listitem").filter(has_text="A <studio>")).to_contain_text("look, make and change")
    keys.get_by_role("button", name="Revoke A <studio>").click()
    expect(page.get_by_text("The key is revoked.")).to_be_visible()
    assert accounts_server.get("/v1/library", headers=bearer).status_code == 401


def test_a_key_gives_no_more_than_it_has(accounts_server: Server, member: SignedIn) -> None:
    made = member.post("/v1/account/keys", json={"name": "managing", "scopes": ["account"]}).json()
    bearer = {"Authorization": f"Bearer {made['key']}"}
    form = {"name": "more", "write": "1"}
    assert accounts_server.post(f"{ACCOUNT}/keys", headers=bearer, data=form).status_code == 403
    assert member.get("/v1/account/keys").json()["keys"][0]["name"] == "managing"


def test_logins_end_and_the_name_and_password_change(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("403")
    member = SignedIn(accounts_server, "duri@mail.example")
    page = visit.open(locale="en-GB")
    enter(page, accounts_server, "duri@mail.example")
    expect(page).to_have_url(re.compile("/app/library$"))
    page.goto(accounts_server.url + ACCOUNT)
    page.locator("#profile").get_by_label("Name").fill("두리")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The name is changed.")).to_be_visible()
    expect(page.locator("#profile").get_by_label("Name")).to_have_value("두리")
    page.locator("#sessions").get_by_role("button", name="End the login of guest").click()
    expect(page.get_by_text("The login has ended.")).to_be_visible()
    assert member.get("/v1/account").status_code == 401
    page.locator("summary").filter(has_text="Change the password").click()
    part = page.locator("details").filter(has_text="Every other login ends.")
    part.get_by_label("Present password").fill("wrong, wrong")
    part.get_by_label("New password").fill("a better password")
    change = part.get_by_role("button", name="Change the password")
    change.click()
    expect(page.locator("#e-old-password")).to_have_text("The password is wrong.")
    part.get_by_label("Present password").fill(PASSWORD)
    part.get_by_label("New password").fill("a better password")
    change.click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()


def test_an_account_is_exported_and_deleted_once_its_name_was_typed(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("422")
    member = SignedIn(accounts_server, "byeol@mail.example")
    member.make("A last song")
    page = visit.open(locale="en-GB", storage_state=member.storage)
    page.goto(accounts_server.url + ACCOUNT)
    expect(page.locator("#room")).to_contain_text("of 50 MB")
    expect(page.locator("#room")).to_contain_text("1 song in")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything").click()
    assert download.value.suggested_filename.endswith(".zip")
    page.locator("#delete summary").click()
    page.get_by_label("Type “byeol@mail.example” to confirm").fill("something else")
    page.locator("#delete").get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Delete everything").click()
    expect(page.locator("#e-typed")).to_have_text("This is not what stands above.")
    page.get_by_label("Type “byeol@mail.example” to confirm").fill("byeol@mail.example")
    page.locator("#delete").get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Delete everything").click()
    expect(page).to_have_url(accounts_server.url + "/")
    assert member.get("/v1/account").status_code == 401


def test_where_there_is_no_login_the_pages_say_so(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="en-GB")
    visit_and_check(page, f"{shared_server.url}/app/sign-in")
    for path in ("sign-in", "sign-up", "forgot", "verify?token=x", "reset?token=x"):
        page.goto(f"{shared_server.url}/app/{path}")
        expect(page.get_by_role("heading", level=1)).to_have_text("There is no login here")
    visit_and_check(page, shared_server.url + ACCOUNT)
    expect(page.locator("#delete")).to_have_count(0)
    expect(page.get_by_role("link", name="Download everything")).to_be_visible()


def test_a_stranger_is_led_on_after_signing_in_and_to_nowhere_else(
    visit: Browsing, accounts_server: Server, member: SignedIn
) -> None:
    page = visit.open(locale="en-GB")
    page.goto(accounts_server.url + ACCOUNT)
    expect(page).to_have_url(re.compile("/app/sign-in\\?next="))
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(accounts_server.url + ACCOUNT)
    answer = member.get("/app/sign-in?next=//elsewhere.example/", allow_redirects=False)
    assert answer.headers["Location"] == "/"

"""Prompt templates in a real browser: filled in, used, copied, changed, deleted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from support.browser import Browsing
from support.guests import Guest
from support.pages import LOOKS, PHONE, barriers, visit_and_check
from support.server import Server

TEMPLATES = "/app/templates"


@pytest.fixture
def page(visit: Browsing, accounts_server: Server) -> Page:
    """As nobody: whoever saves something becomes a guest."""
    page = visit.open(locale="en-GB")
    page.goto(accounts_server.url + TEMPLATES)
    return page


@pytest.mark.parametrize(("locale", "language", "scheme"), LOOKS)
def test_it_is_for_everybody(visit: Browsing, accounts_server: Server, locale: str, language: str, scheme: str) -> None:
    page = visit.open(locale=locale, color_scheme=scheme, viewport=PHONE)
    visit_and_check(page, accounts_server.url + TEMPLATES, language=language)
    expect(page.locator("template-card").first).to_have_attribute("lang", language)
    visit_and_check(page, f"{accounts_server.url}{TEMPLATES}/new", language=language)


def test_those_in_the_other_language_are_shown_when_asked_for_and_blanks_fill_the_form(page: Page) -> None:
    expect(page.locator("template-card[lang=ko]")).to_have_count(0)
    page.get_by_role("link", name="한국어로 된 템플릿 보기").click()
    expect(page.locator("template-card[lang=ko]")).to_have_count(page.locator("template-card[lang=en]").count())
    assert barriers(page) == []
    card = page.locator("#t-summer-single-en")
    card.get_by_label("place", exact=True).fill("a roof in July")
    expect(card.locator(".filled")).to_contain_text("dance song for a roof in July, 120 BPM")
    card.get_by_role("button", name="Use Summer single").click()
    expect(page).to_have_url(re.compile("/app/make"))
    expect(page.get_by_label("What should it sound like?")).to_have_value(
        re.compile("a roof in July, 120 BPM.*the last week of summer")
    )


def test_lyrics_and_length_come_along_also_without_scripts(visit: Browsing, accounts_server: Server) -> None:
    page = visit.open(locale="ko-KR", java_script_enabled=False)
    page.goto(accounts_server.url + TEMPLATES)
    card = page.locator("#t-shop-jingle-ko")
    card.get_by_label("가게", exact=True).fill("<i>달빛</i> 서점")
    card.get_by_role("button", name="가게 로고송 쓰기").click()
    expect(page.locator("#f-lyrics")).to_have_value(re.compile("<i>달빛</i> 서점"))
    expect(page.locator("#f-duration")).to_have_value("8")


def test_one_is_copied_changed_and_deleted(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Copy and change: Quiet ballad").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(re.compile("November"))
    page.get_by_label("Name", exact=True).fill("My <ballad>")
    page.get_by_label("Prompt", exact=True).fill("A song for {who}, {tempo=80} BPM")
    page.get_by_label("Length in seconds, if it matters").fill("9")
    page.get_by_role("button", name="Save").click()
    own = page.locator("template-card").filter(has_text="My <ballad>")
    expect(own).to_contain_text("A song for who, 80 BPM")
    expect(own).to_contain_text("9 s")
    own.get_by_role("button", name="Use").click()
    expect(page).to_have_url(re.compile(f"{TEMPLATES}"))  # the browser asks for `who` first
    own.get_by_label("who", exact=True).fill("you")
    own.get_by_role("link", name="Edit My <ballad>").click()
    page.get_by_label("Name", exact=True).fill("Other name")
    page.get_by_role("button", name="Save").click()
    own = page.locator("template-card").filter(has_text="Other name")
    own.get_by_role("button", name="Delete Other name").click()
    expect(page.get_by_text("The template was deleted.")).to_be_visible()
    expect(own).to_have_count(0)


def test_what_is_wrong_stands_at_its_field(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("422")
    guest = Guest(accounts_server)
    answer = guest.post("/v1/templates", json={"name": "Needs a word", "prompt": "A song for {who}"})
    guest_template = answer.json()["id"]
    page = visit.open(locale="en-GB", java_script_enabled=False, storage_state=guest.storage)
    page.goto(accounts_server.url + TEMPLATES)
    page.locator(f"#t-{guest_template} input").evaluate("(field) => field.removeAttribute('required')")
    page.locator(f"#t-{guest_template}").get_by_role("button", name="Use Needs a word").click()
    expect(page.locator(f"#t-{guest_template} .error")).to_have_text("This variable needs a value.")
    page.goto(f"{accounts_server.url}{TEMPLATES}/new")
    page.locator("#f-name").fill("Far too long")
    page.locator("#f-prompt").fill("A song")
    page.locator("#f-duration").evaluate("(field) => { field.type = 'text'; field.value = 'eternity'; }")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#e-duration")).to_have_text("This has to be 1 to 600 seconds.")
    expect(page.locator("#f-name")).to_have_value("Far too long")


def test_nobody_reaches_what_is_somebody_elses(accounts_server: Server) -> None:
    mine, other = Guest(accounts_server), Guest(accounts_server)
    template = mine.post("/v1/templates", json={"name": "Secret", "prompt": "A secret song"}).json()["id"]
    other.post("/v1/templates", json={"name": "Own", "prompt": "A song"})
    assert "Secret" not in other.get(TEMPLATES).text
    for path, method in (("edit", other.get), ("delete", other.post), ("use", other.post)):
        assert method(f"{TEMPLATES}/{template}/{path}").status_code == 404
    assert other.post(f"{TEMPLATES}/{template}", data={"name": "x", "prompt": "y"}).status_code == 404
    assert mine.get(f"{TEMPLATES}/{template}/edit").status_code == 200

"""The page of the engines in a real browser: what is here, what is missing, and what it would take; and that of what
others made, to which every page leads."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.browser import Browsing
from support.pages import LOOKS, PHONE, visit_and_check
from support.server import Server

ENGINES = "/app/engines"


@pytest.mark.parametrize(("locale", "language", "scheme"), LOOKS)
def test_they_are_for_everybody(
    visit: Browsing, shared_server: Server, locale: str, language: str, scheme: str
) -> None:
    page = visit.open(locale=locale, color_scheme=scheme, viewport=PHONE)
    visit_and_check(page, shared_server.url + ENGINES, language=language)
    if language == "ko":
        expect(page.locator("#compose-space")).to_contain_text("정해 둔 Space가 없어요.")
        expect(page.locator("#compose-house_band")).to_contain_text("한국어, 영어")
        expect(page.locator("#write-songsmith p[lang=ko]")).to_contain_text("가사를")
    page.get_by_role("contentinfo").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/app/licences$"))
    visit_and_check(page, f"{shared_server.url}/app/licences", language=language)
    expect(page.get_by_role("region")).to_have_count(4)


def test_what_is_missing_says_what_it_would_take_and_what_is_here_makes_a_song(
    visit: Browsing, shared_server: Server
) -> None:
    page = visit.open(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    page.goto(shared_server.url + ENGINES)
    space = page.locator("#compose-space")
    expect(space).to_contain_text("Not here")
    expect(space).to_contain_text("No Space is set.")
    expect(space).to_contain_text("Set HF_SPACE_ID")
    expect(page.locator("#compose-house_band")).to_contain_text("Longest song")
    expect(page.locator("#compose-debug")).to_contain_text("Used unless you choose another")
    space.get_by_role("button", name="Copy “HF_SPACE_ID”").click()
    expect(space.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "HF_SPACE_ID"
    page.locator("#compose-house_band").get_by_role("link", name="Make a song with it").click()
    expect(page).to_have_url(re.compile("/app/make\\?engine=house_band$"))
    expect(page.locator("#f-engine")).to_have_value("house_band")

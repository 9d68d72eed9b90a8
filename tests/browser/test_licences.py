"""The page of what others made, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.browser import Browsing
from support.pages import LOOKS, PHONE, visit_and_check
from support.server import Server


@pytest.mark.parametrize(("locale", "language", "scheme"), LOOKS)
def test_it_is_for_everybody(visit: Browsing, shared_server: Server, locale: str, language: str, scheme: str) -> None:
    page = visit.open(locale=locale, color_scheme=scheme, viewport=PHONE)
    visit_and_check(page, f"{shared_server.url}/app/engines", language=language)
    page.get_by_role("contentinfo").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/app/licences$"))
    visit_and_check(page, f"{shared_server.url}/app/licences", language=language)
    expect(page.get_by_role("region")).to_have_count(4)

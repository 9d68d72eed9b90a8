"""Pages are watched: whatever goes wrong on one is known at the test's end, unless it was meant."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Error

from support.browser import Browsing, browsing
from support.server import Server
from support.waiting import eventually

ELSEWHERE = "http://elsewhere.example/picture.png"


def page_with(script: str) -> str:
    """The address of a page that is no server's."""
    return f"data:text/html,{quote(f'<!doctype html><title>a page</title><script>{script}</script>')}"


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('too', 'bad')", "too bad"),
        ("console.assert(1 > 2, 'no more')", "no more"),
        ("throw new TypeError('not caught')", "not caught"),
        ("Promise.reject(new Error('not awaited'))", "not awaited"),
        (f"new Image().src = '{ELSEWHERE}'", f"asked another host: GET {ELSEWHERE}"),
    ],
    ids=["error", "assertion", "exception", "rejection", "another-host"],
)
def test_what_goes_wrong_fails_the_test_unless_it_was_meant(chromium: Browser, script: str, complaint: str) -> None:
    def look(visit: Browsing) -> None:
        page = visit.open()
        page.goto(page_with(script))
        eventually(lambda: page.evaluate("0") or [said for said in visit.complaints if complaint in said])

    with pytest.raises(AssertionError, match=re.escape(complaint)), browsing(chromium) as watched:
        look(watched)
    with browsing(chromium) as tolerant:
        tolerant.tolerated += [re.escape(complaint), "Failed to load resource"]
        look(tolerant)


def test_nothing_is_wrong_with_what_pages_usually_do(visit: Browsing, shared_server: Server) -> None:
    page = visit.open()
    page.goto(page_with("console.log('well'); console.warn('hm'); new Image().src = 'data:image/gif;base64,'"))
    page.goto(f"{shared_server.url}/docs")
    assert visit.complaints == []


def test_other_hosts_are_not_reached(visit: Browsing) -> None:
    """Neither by name nor by number."""
    page = visit.open()
    for address in (ELSEWHERE, "http://192.0.2.1/"):
        with page.expect_event("requestfailed"), pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
            page.goto(address)
    visit.tolerated.append("another host")
    assert len(visit.complaints) == 2


def test_each_page_begins_with_nothing(visit: Browsing, shared_server: Server) -> None:
    first, second = visit.open(), visit.open(locale="ko-KR")
    for page in (first, second):
        page.goto(f"{shared_server.url}/health")
    first.evaluate("document.cookie = 'known=1'; localStorage.known = 1")
    assert second.evaluate("[document.cookie, localStorage.length]") == ["", 0]
    assert second.evaluate("navigator.language") == "ko-KR"

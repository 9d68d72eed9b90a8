"""What changes in an open library: songs that appear when they are done, takes told apart, times that go on."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from support.browser import Browsing
from support.guests import Guest
from support.server import Server

LIBRARY = "/app/library"


def test_a_song_appears_when_it_is_done(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("There already")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(accounts_server.url + LIBRARY)
    page.evaluate("window.once = true")
    guest.make("Made meanwhile")
    expect(page.locator("#rows .prompt")).to_have_text(["Made meanwhile", "There already"])
    expect(page.locator("#making .job")).to_have_count(0)
    assert page.evaluate("window.once"), "the page was not loaded anew"


def test_a_song_appears_that_was_done_before_the_page_listened(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("There already")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    held: list[Route] = []
    page.route("**/app/library/making", lambda route: held.append(route))
    with page.expect_request("**/app/library/making"):
        page.goto(accounts_server.url + LIBRARY)
    guest.make("Made meanwhile")
    held[0].continue_()
    expect(page.locator("#rows .prompt")).to_have_text(["Made meanwhile", "There already"])


def test_a_song_appears_also_where_its_row_cannot_be_had_at_first(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("503")
    guest = Guest(accounts_server)
    guest.keep("There already")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(accounts_server.url + LIBRARY)
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        refused.append(route.request.url)
        if len(refused) > 1:
            route.continue_()
        else:
            route.fulfill(status=503, content_type="text/html", body="<h1>Not now</h1>")

    page.route(re.compile(r"/app/library(\?|$)"), refuse_once)
    guest.make("Made meanwhile")
    expect(page.locator("#rows .prompt")).to_have_text(["Made meanwhile", "There already"])
    assert len(refused) > 1


def test_takes_of_one_title_are_told_apart(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("Rain", "rain", "Once")
    page = visit.open(locale="ko-KR", storage_state=guest.storage)
    page.goto(accounts_server.url + LIBRARY)
    expect(page.locator("#rows .titled")).to_have_text(["Once", "rain 2번째", "Rain 1번째"])
    expect(page.get_by_role("button", name="rain · 2번째 재생")).to_have_count(1)


def test_times_are_those_of_the_readers_clock(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("New Year")  # at midnight, by UTC
    there = {"timezone_id": "America/Los_Angeles", "storage_state": guest.storage}
    for language, scripts, told in (
        ("en-GB", True, "31 December 2025, 16:00"),
        ("ko-KR", True, "2025년 12월 31일 16:00"),
        ("en-GB", False, "1 January 2026, 00:00 UTC"),
    ):
        page = visit.open(locale=language, java_script_enabled=scripts, **there)
        page.goto(accounts_server.url + LIBRARY)
        expect(page.locator("#rows .date time")).to_have_attribute("title", told)


def test_times_go_on(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.make("Just made")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.clock.install()
    page.goto(accounts_server.url + LIBRARY)
    expect(page.locator("#rows .date time")).to_have_text(re.compile("just now|a minute ago"))
    page.clock.fast_forward("05:00:00")
    expect(page.locator("#rows .date time")).to_have_text("5 hours ago")

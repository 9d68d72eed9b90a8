"""The queue in a real browser: it is kept true, and whatever is in it can be cancelled."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.browser import Browsing
from support.guests import Guest
from support.pages import LOOKS, PHONE, barriers, visit_and_check
from support.server import Server

QUEUE = "/app/queue"


@pytest.fixture
def guest(patient_server: Server) -> Guest:
    return Guest(patient_server)


@pytest.fixture
def waiting(guest: Guest) -> list[str]:
    """Two jobs of the guest's that nobody begins."""
    return [guest.ask("The first in line"), guest.ask("The second in line")]


@pytest.mark.parametrize(("locale", "language", "scheme"), LOOKS)
def test_it_is_for_everybody(
    visit: Browsing, guest: Guest, waiting: list[str], locale: str, language: str, scheme: str
) -> None:
    page = visit.open(locale=locale, color_scheme=scheme, viewport=PHONE, storage_state=guest.storage)
    visit_and_check(page, guest.server.url + QUEUE, language=language)
    expect(page.locator(".job")).to_have_count(2)


def test_it_is_kept_true_all_that_wait_are_cancelled_and_one_is_tried_again(
    visit: Browsing, guest: Guest, waiting: list[str]
) -> None:
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(guest.server.url + QUEUE)
    page.evaluate("window.once = true")
    expect(page.locator(".job header a")).to_have_text(["The first in line", "The second in line"])
    third = guest.ask("The third in line")
    expect(page.locator(".job header a")).to_have_text(["The first in line", "The second in line", "The third in line"])
    guest.post(f"/v1/jobs/{third}/cancel")
    expect(page.locator(".job")).to_have_count(2)
    expect(page.locator(".ended")).to_contain_text("The third in line")
    page.locator(".job").first.get_by_role("button", name="Cancel").click()
    expect(page.locator(".job")).to_have_count(1)
    expect(page).to_have_url(guest.server.url + QUEUE)
    assert page.evaluate("window.once"), "the page was not loaded anew"
    guest.ask("The fourth in line")
    expect(page.locator(".job")).to_have_count(2)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel all that wait").click()
    expect(page.get_by_role("heading", name="Nothing is being made")).to_be_visible()
    assert barriers(page) == []
    row = page.locator(f"#ended-{waiting[0]}")
    expect(row).to_contain_text("Cancelled")
    row.get_by_role("button", name="Try again").click()
    expect(page).to_have_url(re.compile(f"/app/jobs/{waiting[0]}$"))
    expect(page.locator(".job")).to_contain_text("Waiting")


def test_a_finished_song_is_reached_from_here_also_without_scripts(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    (track,) = guest.make("Done in no time")
    page = visit.open(locale="en-GB", java_script_enabled=False, storage_state=guest.storage)
    page.goto(accounts_server.url + QUEUE)
    page.get_by_role("link", name="Done in no time").click()
    expect(page).to_have_url(re.compile(f"/app/tracks/{track}$"))


def test_nobody_sees_or_cancels_what_is_somebody_elses(accounts_server: Server) -> None:
    mine, other = Guest(accounts_server), Guest(accounts_server)
    mine.make("Mine alone")
    other.make("Theirs alone")
    assert "Mine alone" not in other.get(QUEUE).text
    assert other.post(f"{QUEUE}/cancel", allow_redirects=False).status_code == 303

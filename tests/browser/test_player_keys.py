"""Each key of the player moves by what is written beside it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from support.pages import goes_on
from support.server import Server
from support.texttune import make

AUDIO = "document.getElementById('audio')"
MOVES = (("ArrowLeft", 6, 1), ("ArrowRight", 1, 6), ("j", 11, 1), ("l", 1, 11), ("ArrowLeft", 2, 0), ("L", 1, 11))
"""Which key leads from which second to which."""


@pytest.fixture
def page(page: Page, shared_server: Server) -> Page:
    """A song, loaded and paused."""
    track = make(shared_server, "A slow piece", duration=12)["id"]
    page.goto(f"{shared_server.url}/app/tracks/{track}")
    page.locator("track-view .play-button").click()
    goes_on(page)
    page.evaluate(f"{AUDIO}.pause()")
    page.locator("#main").focus()
    return page


def test_each_moves_as_far_as_it_says_and_space_is_the_boxs_that_has_the_focus(page: Page) -> None:
    for key, begun, ended in MOVES:
        page.evaluate(f"{AUDIO}.currentTime = {begun}")
        page.keyboard.press(key)
        page.wait_for_function(f"() => Math.abs({AUDIO}.currentTime - {ended}) < 0.2")
    page.locator('.places a[href="/app/library"]').click()
    box = page.locator("#rows .pick input").first
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    assert page.evaluate(f"{AUDIO}.paused")

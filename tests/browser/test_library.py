"""The library in a real browser: looking, searching, choosing, deleting, and songs that appear when they are done."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from support.browser import Browsing
from support.guests import Guest
from support.pages import ENDLESS, LOOKS, PHONE, barriers, goes_on, overflow, visit_and_check
from support.server import Server

PROMPTS = ("A slow piano ballad about rain", "여름 바다로 떠나는 신나는 댄스", "<b>Loud</b> rock & roll")
LIBRARY = "/app/library"


@pytest.fixture(scope="module")
def guest(accounts_server: Server) -> Guest:
    """Somebody with three songs, who deletes none."""
    guest = Guest(accounts_server)
    for prompt in PROMPTS:  # one after the other, which several workers might not keep to
        guest.make(prompt, lyrics="la la la", duration=8)
    return guest


@pytest.fixture
def page(visit: Browsing, guest: Guest) -> Page:
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(guest.server.url + LIBRARY)
    return page


def expect_songs(page: Page, prompts: list[str]) -> None:
    """Of the rows, from the top."""
    expect(page.locator("#rows .prompt")).to_have_text(prompts)


@pytest.mark.parametrize(("locale", "language", "scheme"), LOOKS)
def test_it_is_for_everybody(visit: Browsing, guest: Guest, locale: str, language: str, scheme: str) -> None:
    page = visit.open(locale=locale, color_scheme=scheme, storage_state=guest.storage)
    visit_and_check(page, guest.server.url + LIBRARY, language=language)
    expect(page.locator("#rows tr")).to_have_count(3)
    page.locator("#rows .pick input").first.check()
    assert barriers(page) == []


@pytest.mark.parametrize(
    ("locale", "words"), [("ko-KR", "첫 곡 만들기"), ("en-GB", "Make the first song")], ids=["ko", "en"]
)
def test_an_empty_one_shows_how_to_begin(visit: Browsing, accounts_server: Server, locale: str, words: str) -> None:
    page = visit.open(locale=locale)
    visit_and_check(page, accounts_server.url + "/library.html")
    expect(page.get_by_role("searchbox")).to_have_count(0)
    page.get_by_role("link", name=words).click()
    expect(page).to_have_url(re.compile("/app/make$"))


def test_a_first_song_made_in_another_tab_is_seen(visit: Browsing, accounts_server: Server) -> None:
    page = visit.open(locale="en-GB")
    page.goto(accounts_server.url + LIBRARY)
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    other = page.context.new_page()
    other.goto(accounts_server.url + "/app/make?prompt=Somebody+new")
    other.get_by_role("button", name="Make the song").click()
    expect(page.locator("#rows .prompt")).to_have_text("Somebody new")


def test_a_phone_is_wide_enough_and_reaches_the_players_keys(visit: Browsing, guest: Guest) -> None:
    page = visit.open(locale="ko-KR", viewport=PHONE, storage_state=guest.storage)
    visit_and_check(page, guest.server.url + LIBRARY)
    page.locator("#rows .pick input").first.check()
    expect(page.locator("#bulk")).to_be_in_viewport()
    assert overflow(page) <= 0
    page.locator("#rows .pick input").first.uncheck()
    page.locator("#rows .play-button").first.click()
    goes_on(page)
    page.locator('.player [data-player="queue"]').click()
    expect(page.locator("#player-queue")).to_be_visible()
    assert barriers(page) == []
    page.locator(".tabs a").first.click()
    expect(page).to_have_url(re.compile("/app/make$"))
    expect(page.locator("#player-queue")).to_be_hidden()


def test_it_is_searched_while_one_types_and_sorted(page: Page) -> None:
    expect(page.locator("#rows")).to_contain_text("<b>Loud</b> rock & roll")
    expect(page.locator("#rows b")).to_have_count(0)
    page.keyboard.press("/")
    field = page.get_by_role("searchbox", name="Search")
    expect(field).to_be_focused()
    field.press_sequentially("ballad")
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.locator("#count")).to_have_text("1 song found")
    expect(page).to_have_url(re.compile(r"q=ballad"))
    expect(field, "the field is not swapped").to_be_focused()
    field.fill("여름")
    expect(page.locator("#rows .prompt")).to_have_text(["여름 바다로 떠나는 신나는 댄스"])
    field.fill("nowhere at all")
    expect(page.get_by_role("heading", name="No song has “nowhere at all”")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("link", name="Show all songs").click()
    expect(page.locator("#rows tr")).to_have_count(3)
    expect_songs(page, list(reversed(PROMPTS)))
    page.get_by_role("link", name="Made", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text(re.compile("Made"))
    expect_songs(page, list(PROMPTS))
    page.get_by_label("Sort by").select_option("Title, A to Z")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text(re.compile("Title"))
    titles = page.locator("#rows .title a").all_inner_texts()
    assert titles == sorted(titles, key=str.casefold)
    expect(page).to_have_url(re.compile("sort=title"))


def test_a_star_keeps_favourites(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("One song", "Another song")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(accounts_server.url + LIBRARY)
    star = page.locator("#rows tr").filter(has_text="One song").get_by_role("button", name=re.compile("Favourite"))
    with page.expect_response("**/v1/tracks/*"):
        star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(star).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Favourites", exact=True).check()
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("favourites=1"))
    with page.expect_response("**/v1/tracks/*"):
        star.click()
    page.reload()
    expect(page.get_by_role("heading", name="No favourites yet")).to_be_visible()


def test_songs_play_in_the_list_one_after_the_other_and_go_on_elsewhere(page: Page) -> None:
    page.evaluate(ENDLESS)
    page.locator("#rows tr").nth(2).locator(".play-button").click()
    goes_on(page)
    for row in (0, 1):
        page.locator("#rows .pick input").nth(row).check()
    page.get_by_role("button", name="Play afterwards").click()
    expect(page.locator("#bulk")).to_be_hidden()
    queue = page.get_by_role("button", name="Up next")
    queue.click()
    expect(page.locator("#player-list li:visible")).to_have_count(2)
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#player-queue")).to_be_hidden()
    expect(queue).to_be_focused()
    page.locator(".player").get_by_role("button", name="Next", exact=True).click()
    expect(page.locator("#player-list li")).to_have_count(1)
    expect(page.locator("#rows tr").first.locator(".play-button")).to_have_class(re.compile("playing"))
    goes_on(page)
    play = page.locator("#rows tr").first.locator(".play-button")
    page.get_by_role("searchbox").fill("rock")
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(play).to_have_class(re.compile("playing"))
    page.get_by_role("link", name="Engines").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Engines")
    goes_on(page)


def choose_three(page: Page) -> None:
    boxes = page.locator("#rows .pick input")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.locator("#chosen")).to_have_text("3 chosen")


def test_several_are_chosen_and_deleted_unless_that_is_undone(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("First", "Second", "Third", "Fourth")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(accounts_server.url + LIBRARY)
    rows, toast = page.locator("#rows tr:visible"), page.locator("#toast")
    expect(page.locator("#bulk")).to_be_hidden()
    choose_three(page)
    page.get_by_role("searchbox").fill("Second")
    expect(rows).to_have_count(1)
    expect(page.locator("#chosen")).to_have_text("3 chosen")
    page.get_by_role("button", name="Delete").click(delay=500)  # nothing takes the button away under a slow press
    expect(toast).to_contain_text("3 songs were deleted.")
    toast.hover()  # it waits for whoever is about to press its button
    expect(rows).to_have_count(0)
    assert barriers(page) == []
    expect(page.locator("#count")).to_have_text("0 songs found")
    page.get_by_role("searchbox").fill("")
    expect(rows).to_have_count(1)
    expect(page.locator("#count")).to_have_text("1 song")
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(4)
    expect(page.locator("#count")).to_have_text("4 songs")
    expect(toast).to_be_hidden()
    choose_three(page)
    page.get_by_role("button", name="Delete").click()
    page.goto(accounts_server.url + LIBRARY)  # who leaves does not undo any more
    expect(page.locator("#rows .prompt")).to_have_text(["First"])
    page.get_by_label("Choose all that are shown").check()
    page.keyboard.press("Escape")
    expect(page.locator("#bulk")).to_be_hidden()


def test_what_is_not_undone_is_gone_a_while_later_wherever_one_is(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("Goes", "Stays")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.clock.install()
    page.goto(accounts_server.url + LIBRARY)
    page.get_by_label("Choose Goes").check()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("link", name="Engines").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Engines")
    expect(page.locator("#toast")).to_be_visible()
    with page.expect_response("**/v1/library/delete"):
        page.clock.fast_forward(11_000)
    expect(page.locator("#toast")).to_be_hidden()
    assert [item["title"] for item in guest.get("/v1/library").json()["items"]] == ["Stays"]


def test_what_could_not_be_deleted_comes_back(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("503")
    guest = Guest(accounts_server)
    guest.keep("Stays")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.clock.install()
    page.route("**/v1/library/delete", lambda route: route.fulfill(status=503))
    page.goto(accounts_server.url + LIBRARY)
    page.get_by_label("Choose Stays").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#rows tr:visible")).to_have_count(0)
    page.clock.fast_forward(11_000)
    expect(page.locator("#rows tr:visible")).to_have_count(1)
    expect(page.get_by_text("The server does not answer")).to_be_visible()


def test_what_is_on_its_way_out_does_not_come_back(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("First", "Second", "Stays")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.route("**/v1/library/delete", lambda route: None)  # the server is slow
    page.goto(accounts_server.url + LIBRARY)
    for title in ("First", "Second"):
        page.get_by_label(f"Choose {title}").check()
        page.get_by_role("button", name="Delete").click()
    expect(page.locator("#rows tr:visible .prompt")).to_have_text(["Stays"])
    page.unroute_all(behavior="ignoreErrors")


def test_what_was_deleted_elsewhere_is_passed_over(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    gone, _ = guest.keep("Gone", "Stays")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(accounts_server.url + LIBRARY)
    page.get_by_label("Choose all that are shown").check()
    guest.post("/v1/library/delete", json={"ids": [gone]})
    page.get_by_role("button", name="Delete").click()
    page.goto(accounts_server.url + LIBRARY)
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()


def test_nobody_deletes_or_marks_what_is_somebody_elses(guest: Guest) -> None:
    other = Guest(guest.server)
    other.keep("Their own")
    mine = [item["id"] for item in guest.get("/v1/library").json()["items"]]
    for path, fields in (("delete", {"sure": "1"}), ("favourite", {"favourite": "1"})):
        answer = other.post(f"{LIBRARY}/{path}", data={"id": mine, **fields}, allow_redirects=False)
        assert answer.status_code == 303
    found = guest.get("/v1/library").json()["items"]
    assert [item["id"] for item in found] == mine
    assert not any(item["favourite"] for item in found)


def test_what_is_being_made_stands_above_and_can_be_cancelled(visit: Browsing, patient_server: Server) -> None:
    guest = Guest(patient_server)
    asked = [guest.ask(f"Waits as number {n}") for n in range(1, 5)]
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(patient_server.url + LIBRARY)
    jobs = page.locator("#making .job")
    expect(jobs).to_have_count(3)
    expect(jobs.first).to_contain_text("Waits as number 1")
    expect(page.get_by_role("link", name="1 more in the queue")).to_be_visible()
    assert barriers(page) == []
    jobs.first.get_by_role("button", name="Cancel").click()
    expect(jobs.first).to_contain_text("Waits as number 2")
    expect(page.get_by_role("link", name="more in the queue")).to_have_count(0)
    for one in asked:
        guest.post(f"/v1/jobs/{one}/cancel")
    expect(jobs).to_have_count(0)


def test_more_are_shown_when_asked_for(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep(*(f"Song {n:02}" for n in range(61)))
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(accounts_server.url + LIBRARY + "?sort=title")
    expect(page.locator("#count")).to_have_text("61 songs")
    expect(page.locator("#rows tr")).to_have_count(50)
    page.get_by_role("link", name="Show more").click()
    expect(page.locator("#rows tr")).to_have_count(61)
    expect(page.get_by_role("link", name="Show more")).to_have_count(0)
    titles = page.locator("#rows .title a").all_inner_texts()
    assert len(set(titles)) == 61


def test_it_works_without_scripts(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("Keep me", "Delete me")
    page = visit.open(locale="en-GB", java_script_enabled=False, storage_state=guest.storage)
    page.goto(accounts_server.url + LIBRARY)
    page.locator("#search").fill("delete")
    page.get_by_role("button", name="Search", exact=True).click()
    expect_songs(page, ["Delete me"])
    page.get_by_role("button", name=re.compile("^Favourite:")).click()
    expect(page.get_by_role("button", name=re.compile("^Favourite:"))).to_have_attribute("aria-pressed", "true")
    page.locator("#rows .pick input").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete this song?")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("1 song was deleted.")).to_be_visible()
    page.goto(accounts_server.url + LIBRARY)
    expect_songs(page, ["Keep me"])


def test_the_keyboard_is_enough(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("Only one")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(accounts_server.url + LIBRARY)
    page.locator("#all").focus()
    page.keyboard.press("Space")
    expect(page.locator("#chosen")).to_have_text("1 chosen")
    page.get_by_role("button", name="Delete", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 song was deleted.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#rows tr:visible")).to_have_count(1)
    page.get_by_label("Choose Only one").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#rows tr:visible")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator("#rows tr:visible")).to_have_count(1)

"""What goes wrong while somebody looks at a page: connections, logins, things deleted elsewhere, many tabs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from support.browser import Browsing
from support.guests import Guest, SignedIn
from support.pages import ENDLESS, drop, goes_on
from support.recordings import short
from support.server import Server
from support.texttune import make
from support.waiting import eventually

LIBRARY = "/app/library"
HIDDEN = "Object.defineProperty(document, 'hidden', {get: () => true})"  # as in a tab that was opened behind others
PLAIN = "Object.defineProperty(Navigator.prototype, 'clipboard', {get: () => undefined})"  # as from another machine
CONNECTED = "() => [...document.querySelectorAll('*')].filter((one) => one._htmx?.sse?.reader).length"


@pytest.fixture(scope="module")
def takes(shared_server: Server) -> list[str]:
    return [str(make(shared_server, "Waves at night", seed=seed)["id"]) for seed in (1, 2)]


def test_tabs_in_the_background_leave_the_connections_to_others(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="en-GB")
    for _ in range(6):  # as many as browsers have connections
        tab = page.context.new_page()
        tab.add_init_script(HIDDEN)
        tab.goto(shared_server.url + LIBRARY)
        tab.wait_for_function(f"() => document.readyState === 'complete' && ({CONNECTED})() === 0")
    page.goto(shared_server.url + LIBRARY)
    expect(page.get_by_role("heading", level=1)).to_have_text("Library")


def test_windows_side_by_side_are_all_kept_true(visit: Browsing, accounts_server: Server) -> None:
    guest = Guest(accounts_server)
    guest.keep("There already")
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    windows = [page.context.new_page() for _ in range(4)]
    for window in windows:
        window.goto(accounts_server.url + LIBRARY)
        window.wait_for_function(f"() => ({CONNECTED})() === 1")
    page.goto(accounts_server.url + LIBRARY)
    expect(page.get_by_role("heading", level=1)).to_have_text("Library")
    guest.make("Made meanwhile")
    for window in (*windows, page):
        expect(window.locator("#rows .prompt")).to_have_text(["Made meanwhile", "There already"])


def test_a_login_that_ends_elsewhere_is_told_without_being_asked(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("401")
    somebody = SignedIn(accounts_server, "elsewhere@example.org")
    page = visit.open(locale="en-GB", storage_state=somebody.storage)
    page.goto(accounts_server.url + LIBRARY)
    page.wait_for_function(f"() => ({CONNECTED})() === 1")
    somebody.post("/v1/auth/logout")
    expect(page.get_by_text("You are no longer signed in")).to_be_visible()


def test_a_stream_that_cannot_be_had_at_first_is_asked_for_again(visit: Browsing, shared_server: Server) -> None:
    visit.tolerated.append("503")
    page = visit.open()
    asked: list[str] = []

    def refuse_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()
        else:
            route.fulfill(status=503, content_type="text/html", body="<h1>Not now</h1>")

    page.route("**/app/pill", refuse_once)
    with page.expect_response(lambda answer: answer.url.endswith("/app/pill") and answer.ok):
        page.goto(shared_server.url)
    expect(page.locator("#pill .pill")).to_be_visible()
    expect(page.locator("h1")).to_have_count(1)
    assert len(asked) == 2


def test_a_login_that_ends_is_told_and_leads_back_here(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated += ["401", "404"]
    somebody = SignedIn(accounts_server, "leaves@example.org")
    somebody.keep("Mine")
    page = visit.open(locale="en-GB", storage_state=somebody.storage)
    page.goto(accounts_server.url + "/app/nowhere")
    expect(page.get_by_role("link", name="Account")).to_be_visible()
    page.goto(accounts_server.url + LIBRARY)
    somebody.post("/v1/auth/logout")
    star = page.locator("[data-star] button")
    star.click()
    expect(page.get_by_text("You are no longer signed in")).to_be_visible()
    expect(star).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#offline")).to_be_hidden()
    page.locator("#signed-out").get_by_role("link").click()
    expect(page).to_have_url(re.compile("/app/sign-in.next=%2Fapp%2Flibrary$"))


def test_what_is_gone_meanwhile_is_missed_by_nobody(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("404")
    guest = Guest(accounts_server)
    gone, kept = guest.make("The same", "The same")
    page, other = (visit.open(locale="en-GB", storage_state=guest.storage) for _ in range(2))
    page.route("**/app/library/making", lambda route: None)  # which would tell of it
    page.goto(accounts_server.url + LIBRARY)
    other.goto(f"{accounts_server.url}/app/tracks/{kept}")
    assert guest._session.delete(f"{accounts_server.url}/v1/library/{gone}").ok
    page.locator(f'[data-star="{gone}"] button').click()
    expect(page.locator("#rows tr")).to_have_count(1)
    other.get_by_role("button", name="Compare").click()
    expect(other.get_by_text("This song cannot be played now.")).to_be_visible()


def test_a_song_whose_file_goes_while_it_plays_is_told_of(visit: Browsing, accounts_server: Server) -> None:
    visit.tolerated.append("404")
    guest = Guest(accounts_server)
    (track,) = guest.make("Soon gone", duration=8)
    page = visit.open(locale="en-GB", storage_state=guest.storage)
    page.goto(accounts_server.url + LIBRARY)
    page.locator(f'[data-play="{track}"]').click()
    goes_on(page)
    page.route("**/v1/stream/*", lambda route: route.fulfill(status=404))
    page.evaluate("const audio = document.getElementById('audio'); audio.load(); audio.play().catch(() => {})")
    expect(page.get_by_text("This song cannot be played now.")).to_be_visible()


def test_nothing_is_left_undone_where_there_is_no_connection(visit: Browsing, shared_server: Server) -> None:
    visit.tolerated.append("ERR_INTERNET_DISCONNECTED")
    page = visit.open(locale="en-GB")
    page.goto(f"{shared_server.url}/app/make")
    page.context.set_offline(True)
    page.locator("[name=prompt]").fill("A slow ballad")
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    expect(page.locator("#understood")).to_have_attribute("aria-busy", "false")
    page.locator(".themes summary").click()
    page.get_by_role("button", name="Dark").click()
    page.context.set_offline(False)
    page.locator("[name=prompt]").fill("A fast ballad")
    expect(page.locator("#chips li").first).to_be_visible()
    expect(page.locator("#offline")).to_be_hidden()


def test_links_are_copied_also_over_plain_http(visit: Browsing, shared_server: Server, takes: list[str]) -> None:
    page = visit.open(locale="en-GB")
    page.add_init_script(PLAIN)
    page.goto(f"{shared_server.url}/app/tracks/{takes[0]}")
    page.locator(".menu summary", has_text="Share").click()
    page.get_by_role("button", name="Make the link").click()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()


def test_one_goes_back_past_what_is_done(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="en-GB")
    page.goto(f"{shared_server.url}/app/make")
    page.locator("[name=prompt]").fill("Calm piano")
    page.get_by_role("button", name="Make the song").click()
    expect(page).to_have_url(re.compile("/app/tracks/"))
    page.go_back()
    expect(page).to_have_url(re.compile("/app/make$"))


def test_songs_wait_for_their_turn_in_the_player(visit: Browsing, shared_server: Server, takes: list[str]) -> None:
    page = visit.open(locale="en-GB")
    page.add_init_script(ENDLESS)
    for track in takes:
        page.goto(f"{shared_server.url}/app/tracks/{track}") if track == takes[0] else page.evaluate(
            "([app, path]) => import(app).then((all) => all.go(path))",
            [page.locator("script[src*='/app.']").evaluate("(one) => one.src"), f"/app/tracks/{track}"],
        )
        expect(page).to_have_url(re.compile(track))
        page.get_by_role("button", name="Play afterwards").click()
    expect(page.locator("#player-list li")).to_have_count(1)
    page.evaluate("document.getElementById('audio').loop = false")
    page.wait_for_function(f"() => document.getElementById('audio').src.includes('{takes[1]}')")  # when the first ends
    goes_on(page)


def test_what_is_to_play_afterwards_plays_at_once_where_all_is_over(
    visit: Browsing, shared_server: Server, takes: list[str]
) -> None:
    page = visit.open(locale="en-GB")
    page.goto(f"{shared_server.url}/app/tracks/{takes[0]}")
    page.get_by_role("button", name="Play afterwards").click()
    page.wait_for_function("() => document.getElementById('audio').ended")
    page.get_by_role("button", name="Play afterwards").click()
    goes_on(page)


def test_words_are_saved_as_templates(visit: Browsing, shared_server: Server, takes: list[str]) -> None:
    page = visit.open(locale="en-GB")
    page.goto(f"{shared_server.url}/app/make")
    page.locator("[name=prompt]").fill("Calm piano")
    page.get_by_role("button", name="Save as a template").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New template")
    expect(page.locator("[name=prompt]")).to_have_value("Calm piano")
    page.goto(f"{shared_server.url}/app/tracks/{takes[0]}")
    page.get_by_role("link", name="Save as a template").click()
    expect(page.locator("[name=prompt]")).to_have_value("Waves at night")


# -- files that do not come ------------


def test_what_is_no_file_to_be_kept_is_told_in_words_for_people(
    visit: Browsing, shared_server: Server, tmp_path: Path
) -> None:
    visit.tolerated.append("status of 422")
    (tmp_path / "empty.wav").write_bytes(b"")
    page = visit.open(locale="en-GB")
    page.goto(shared_server.url + "/app/analyse")
    page.locator("#file").set_input_files(tmp_path / "empty.wav")
    expect(page.locator("#uploads")).to_contain_text("It was not uploaded: The file is empty.")
    expect(page.locator("#uploads")).not_to_contain_text("curl")


def test_a_connection_that_is_lost_is_told_of(visit: Browsing, shared_server: Server) -> None:
    visit.tolerated.append("Failed to load resource|ERR_FAILED")
    page = visit.open(locale="en-GB")
    page.goto(shared_server.url + "/app/analyse")
    page.clock.install()
    page.route("**/app/analyse", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    drop(page, "lost.wav", short())
    failed = page.locator("#uploads .job.failed")

    def given_up() -> bool:
        page.clock.run_for(10_000)
        return failed.is_visible()

    eventually(given_up)
    expect(failed).to_contain_text("It was not uploaded: the connection was lost.")
    page.unroute("**/app/analyse")
    failed.get_by_role("button", name="Try again").click()
    page.clock.run_for(1000)
    expect(page).to_have_url(re.compile("/app/analyses/[0-9a-f-]+$"))

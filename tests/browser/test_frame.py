"""The frame around every page, in a real browser: languages, looks, keys, errors, and the player that never stops."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Response, expect

from support.browser import Browsing
from support.pages import DESK, ENDLESS, LOOKS, barriers, goes_on, overflow, turn_into_phone, visit_and_check
from support.server import Server
from support.texttune import make

MOST = 150 * 1024  #: bytes of HTML, styles and scripts that a first view may take, compressed
COUNTED = ("text/html", "text/css", "text/javascript")
AUDIO = "document.getElementById('audio')"
MOVES = (("ArrowLeft", 6, 1), ("ArrowRight", 1, 6), ("j", 11, 1), ("l", 1, 11), ("ArrowLeft", 2, 0), ("L", 1, 11))
"""Which key leads from which second to which, by as much as is written beside it."""


@pytest.fixture(autouse=True)
def _missing_page(visit: Browsing) -> None:
    visit.tolerated.append(r"/app/nowhere.*404")  # of which the browser tells


@pytest.fixture(scope="module")
def track(shared_server: Server) -> str:
    """A song long enough to move about while it plays."""
    song = make(shared_server, "파도 소리가 들리는 연주곡", duration=12, lyrics="파도가 친다\n바람이 분다")
    return str(song["id"])


@pytest.mark.parametrize(("locale", "language", "scheme"), LOOKS)
def test_pages_are_for_everybody_also_on_a_phone(
    visit: Browsing, shared_server: Server, locale: str, language: str, scheme: str
) -> None:
    page = visit.open(locale=locale, color_scheme=scheme, viewport=DESK)
    for path in ("/", "/app/make", "/app/nowhere"):
        visit_and_check(page, shared_server.url + path, language=language)
        if language == "en" and path != "/app/nowhere":
            turn_into_phone(page)
            expect(page.locator(".tabs")).to_be_visible()
            expect(page.locator(".places")).to_be_hidden()
            assert barriers(page) == []
            page.set_viewport_size(DESK)


def test_a_wall_is_not_too_wide_and_the_keyboard_reaches_the_content_at_once(page: Page, shared_server: Server) -> None:
    page.set_viewport_size({"width": 3840, "height": 2160})
    page.goto(shared_server.url)
    assert overflow(page) == 0
    box = page.locator("#main").bounding_box()
    assert box is not None
    assert box["width"] <= 1800
    expect(page.locator("html")).to_have_css("font-size", "24px")  # it is looked at from further away
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_documented_addresses_work_and_nothing_plays_by_itself(
    page: Page, shared_server: Server, track: str
) -> None:
    for address in ("index.html", "generate.html", f"track.html?id={track}"):
        answer = page.goto(f"{shared_server.url}/{address}")
        assert answer is not None
        assert answer.status == 200
    expect(page).to_have_url(re.compile(f"/app/tracks/{track}$"))
    expect(page.locator(".wave-hero canvas").first).to_be_attached()
    assert page.evaluate(f"{AUDIO}.paused")
    expect(page.locator("#player")).to_be_hidden()


def test_a_language_is_chosen_and_kept(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="en-GB")
    page.goto(shared_server.url)
    page.get_by_title("한국어").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.locator("#player")).to_have_attribute("aria-label", "플레이어")
    page.goto(f"{shared_server.url}/app/make")
    expect(page.get_by_role("button", name="곡 만들기")).to_be_visible()
    page.goto(f"{shared_server.url}/app/nowhere")
    expect(page.get_by_role("heading", level=1)).to_have_text("여기에는 아무것도 없어요")


PAPER = {"light": "rgb(247, 243, 234)", "dark": "rgb(21, 18, 14)"}


def test_looks_are_chosen_and_kept(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="en-GB", color_scheme="light")
    page.goto(shared_server.url)
    for choice, paper in (("Dark", "dark"), ("As the system", "light"), ("Light", "light"), ("Dark", "dark")):
        page.locator(".themes summary").click()
        with page.expect_response("**/app/appearance"):
            page.get_by_role("button", name=choice).click()
        expect(page.locator("body")).to_have_css("background-color", PAPER[paper])
        expect(page.locator(".themes summary")).to_be_focused()
    page.locator(".themes summary").click()
    assert barriers(page) == []
    page.emulate_media(color_scheme="light")
    page.get_by_role("link", name="Make").first.click()
    expect(page).to_have_url(re.compile("/app/make$"))
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    told = page.request.get(shared_server.url, headers={"Accept": "text/html"}).text()
    assert 'data-theme="dark"' in told[:200], "nothing light is painted before"


def test_looks_are_chosen_without_scripts(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="ko-KR", color_scheme="dark", java_script_enabled=False)
    page.goto(f"{shared_server.url}/app/engines?lang=ko")
    for choice, paper in (("밝게", "light"), ("시스템 설정대로", "dark")):
        page.locator(".themes summary").click()
        page.get_by_role("button", name=choice).click()
        expect(page).to_have_url(f"{shared_server.url}/app/engines")
        expect(page.locator("body")).to_have_css("background-color", PAPER[paper])


def test_another_language_is_the_same_page_and_the_song_goes_on(
    visit: Browsing, shared_server: Server, track: str
) -> None:
    page = visit.open(locale="en-GB")
    page.add_init_script(ENDLESS)
    page.goto(f"{shared_server.url}/app/library?q=파도")
    page.locator(f'[data-play="{track}"]').click()
    goes_on(page)
    page.get_by_title("한국어").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("보관함")
    expect(page.get_by_role("searchbox")).to_have_value("파도")
    expect(page.locator(f'[data-play="{track}"]')).to_have_class(re.compile("playing"))
    goes_on(page)


def test_the_player_goes_on_from_page_to_page_and_is_known_to_the_system(
    visit: Browsing, shared_server: Server, track: str
) -> None:
    page = visit.open(locale="en-GB")
    page.add_init_script(ENDLESS)
    page.goto(f"{shared_server.url}/app/tracks/{track}")
    page.evaluate("document.getElementById('audio').once = true")
    page.locator("track-view").get_by_role("button", name="Play", exact=True).click()
    goes_on(page)
    page.get_by_role("link", name="Make").first.click()
    expect(page).to_have_url(re.compile("/app/make$"))
    expect(page).to_have_title(re.compile("Make a song"))
    goes_on(page)
    page.go_back()
    expect(page.locator("track-view")).to_be_visible()
    goes_on(page)
    assert page.evaluate("document.getElementById('audio').once"), "it is the same element"
    expect(page.locator(".places [aria-current]")).to_have_count(0)
    expect(page.locator("track-view .play-button")).to_have_class(re.compile("playing"))
    expect(page.locator("track-view .play-button")).to_have_attribute("aria-label", "Pause")
    known = "navigator.mediaSession"
    assert "파도 소리" in page.evaluate(f"{known}.metadata.title")
    page.wait_for_function(f"() => {known}.playbackState === 'playing'")
    page.get_by_label("Speed").select_option("1.5")
    assert page.evaluate("document.getElementById('audio').playbackRate") == 1.5
    page.locator('.player [data-player="toggle"]').click()
    page.wait_for_function(f"() => {known}.playbackState === 'paused'")
    page.locator('.player [data-player="toggle"]').click()
    page.wait_for_function(f"() => {known}.playbackState === 'playing'")
    page.get_by_role("button", name="Pause").first.click()
    assert page.evaluate("document.getElementById('audio').paused")


def test_of_two_tabs_the_one_that_began_last_is_heard(visit: Browsing, shared_server: Server, track: str) -> None:
    first = visit.open(locale="en-GB")
    first.add_init_script(ENDLESS)
    second = first.context.new_page()
    for page in (first, second):
        page.goto(f"{shared_server.url}/app/tracks/{track}")
        page.locator("track-view .play-button").click()
        page.wait_for_function(f"() => !{AUDIO}.paused")
    first.wait_for_function(f"() => {AUDIO}.paused")
    assert not second.evaluate(f"{AUDIO}.paused")


def test_keys_play_and_seek_and_are_told_of(visit: Browsing, shared_server: Server, track: str) -> None:
    page = visit.open(locale="en-GB")
    page.add_init_script(ENDLESS)
    page.goto(f"{shared_server.url}/app/tracks/{track}")
    page.locator("track-view").get_by_role("button", name="Play", exact=True).click()
    goes_on(page)
    page.locator("#main").focus()
    page.keyboard.press("Space")
    paused = "document.getElementById('audio').paused"
    page.wait_for_function(f"() => {paused}")
    for key, begun, ended in MOVES:
        page.evaluate(f"{AUDIO}.currentTime = {begun}")
        page.keyboard.press(key)
        page.wait_for_function(f"() => Math.abs({AUDIO}.currentTime - {ended}) < 0.2")
    page.locator('.places a[href="/app/library"]').click()
    box = page.locator("#rows .pick input").first
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    assert page.evaluate(paused), "the key is the box's that has the focus"
    page.locator("#main").focus()
    page.keyboard.press("k")
    page.wait_for_function(f"() => !{paused}")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.goto(f"{shared_server.url}/app/make")
    field = page.get_by_label("What should it sound like?")
    field.fill("")
    field.press_sequentially("jk l?")
    expect(field).to_have_value("jk l?")


def test_a_first_view_is_light(page: Page, shared_server: Server) -> None:
    sizes: dict[str, int] = {}

    def weigh(answer: Response) -> None:
        if answer.headers.get("content-type", "").split(";")[0] in COUNTED:
            sizes[answer.url] = int(answer.headers["content-length"])

    page.on("response", weigh)
    page.goto(f"{shared_server.url}/app/make")
    page.wait_for_function("() => !!customElements.get('make-form')")
    assert len(sizes) > 5
    assert sum(sizes.values()) <= MOST, sizes


def test_a_server_that_is_away_is_told_of(visit: Browsing, shared_server: Server) -> None:
    visit.tolerated += ["ERR_INTERNET_DISCONNECTED", "Failed to fetch"]
    page = visit.open(locale="en-GB")
    page.goto(f"{shared_server.url}/app/make")
    page.context.set_offline(True)
    page.get_by_role("link", name="Pansori").click()
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("link", name="Pansori").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Say it. Hear it sung.")
    expect(page.get_by_text("The server does not answer")).to_be_hidden()

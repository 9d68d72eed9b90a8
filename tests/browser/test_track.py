"""A track's page in a real browser: read along, taken apart, compared, shared, made again, deleted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from support.browser import Browsing
from support.pages import PHONE, barriers, goes_on, overflow, visit_and_check
from support.server import Server
from support.texttune import make

PROMPT = "파도 소리가 들리는 느린 노래"
LYRICS = "파도가 친다\n바람이 분다\n우리는 간다"
LINE = "바람이 분다"
AUDIO = "document.getElementById('audio')"


@pytest.fixture(scope="module")
def takes(shared_server: Server) -> list[str]:
    """Two songs of the same words."""
    made = [make(shared_server, PROMPT, duration=12, lyrics=LYRICS, seed=seed) for seed in (1, 2)]
    return [str(one["id"]) for one in made]


@pytest.fixture
def page(visit: Browsing, shared_server: Server, takes: list[str]) -> Page:
    """The first one's."""
    page = visit.open(locale="en-GB")
    page.goto(f"{shared_server.url}/app/tracks/{takes[0]}")
    expect(page.locator(".wave-hero canvas").first).to_be_attached()
    return page


@pytest.mark.parametrize(("locale", "scheme", "size"), [("ko-KR", "light", {}), ("en-GB", "dark", {"viewport": PHONE})])
def test_it_is_for_everybody(
    visit: Browsing, shared_server: Server, takes: list[str], locale: str, scheme: str, size: dict[str, object]
) -> None:
    page = visit.open(locale=locale, color_scheme=scheme, **size)
    visit_and_check(page, f"{shared_server.url}/app/tracks/{takes[0]}", language=locale[:2])
    page.locator(".menu summary").last.click()
    page.locator("track-view .play-button").scroll_into_view_if_needed()
    page.locator("track-view .play-button").click(force=True)
    goes_on(page)
    assert barriers(page) == []
    assert overflow(page) <= 0


def test_lyrics_light_up_as_they_are_sung_and_seek(page: Page) -> None:
    line = page.locator(".line", has_text=LINE)
    line.click()
    goes_on(page)
    start = float(line.get_attribute("data-start") or 0)
    assert page.evaluate(f"{AUDIO}.currentTime") >= start
    expect(line).to_have_class(re.compile("now"))
    page.wait_for_function("() => document.querySelectorAll('.line.now .sung').length >= 2")
    expect(page.locator(".line").first).to_have_class(re.compile("over"))
    page.get_by_role("button", name="Pause").first.click()
    before = page.locator(".line.now .sung").count()
    page.evaluate(f"{AUDIO}.currentTime = {start}")
    expect(page.locator(".line.now .sung")).not_to_have_count(before)


def test_the_waveform_and_its_sections_seek(page: Page) -> None:
    wave = page.locator("#wave")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    page.wait_for_function(f"() => Math.abs({AUDIO}.currentTime - 6) < 1.5")
    page.locator(".bands button").first.click()
    page.wait_for_function(f"() => {AUDIO}.currentTime < 2")
    expect(page.locator(".bands li").first).to_have_class(re.compile("now"))


def test_stems_sound_in_step_with_the_player(page: Page) -> None:
    page.locator("track-view .play-button").click()
    goes_on(page)
    strip = page.locator(".strip").first
    strip.get_by_role("button", name="Alone").click()
    page.wait_for_function(f"() => {AUDIO}.muted")
    expect(page.locator(".strip.silent")).to_have_count(page.locator(".strip").count() - 1)
    goes_on(page)
    strip.get_by_role("button", name="Alone").click()
    page.wait_for_function(f"() => !{AUDIO}.muted")
    strip.get_by_role("button", name="Silence").click()
    page.wait_for_function(f"() => {AUDIO}.muted")
    page.get_by_role("link", name="Make").first.click()
    page.wait_for_function(f"() => !{AUDIO}.muted")
    goes_on(page)


def test_a_star_leaves_the_rest_as_it_is(page: Page) -> None:
    page.locator("track-view .play-button").click()
    goes_on(page)
    alone = page.locator(".strip").first.get_by_role("button", name="Alone")
    alone.click()
    page.wait_for_function(f"() => {AUDIO}.muted")
    star = page.get_by_role("button", name="Favourite")
    for pressed in ("true", "false"):
        with page.expect_response("**/v1/tracks/*") as answer:
            star.click()
        assert answer.value.ok
        expect(star).to_have_attribute("aria-pressed", pressed)
    expect(star).to_be_focused()
    expect(alone).to_have_attribute("aria-pressed", "true")
    goes_on(page)


def test_two_takes_are_compared_at_the_same_moment(page: Page, takes: list[str]) -> None:
    page.locator("track-view .play-button").click()
    page.evaluate(f"{AUDIO}.currentTime = 5")
    goes_on(page)
    page.get_by_role("button", name="Compare").first.click()
    page.wait_for_function(f"() => {AUDIO}.src.includes('{takes[1]}') && {AUDIO}.currentTime > 5")
    second = page.get_by_role("group", name="Which take").get_by_role("button", name=re.compile("^B"))
    expect(second).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="A: this one").click()
    page.wait_for_function(f"() => {AUDIO}.src.includes('{takes[0]}') && {AUDIO}.currentTime > 5")
    goes_on(page)
    assert barriers(page) == []


def test_a_link_lets_others_listen_until_it_expires(page: Page, visit: Browsing, shared_server: Server) -> None:
    page.locator(".menu summary", has_text="Share").click()
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Link").input_value()
    assert link.startswith(f"{shared_server.url}/app/shared/")
    other = visit.open(locale="ko-KR")
    visit_and_check(other, link, language="ko")
    other.locator("track-view .play-button").click()
    goes_on(other)
    expect(other.locator(".line").first).to_be_visible()
    expect(other.get_by_role("button", name="삭제")).to_have_count(0)
    visit.tolerated.append("403")
    other.goto(link.replace("signature=", "signature=x"))
    expect(other.get_by_role("heading", level=1)).to_have_text("볼 수 없는 페이지예요")


def test_it_is_made_again_with_another_seed(page: Page, shared_server: Server) -> None:
    page.get_by_role("button", name="Again with another seed").click()
    expect(page).to_have_url(re.compile("/app/tracks/"), timeout=30_000)
    expect(page.locator(".line", has_text=LINE)).to_be_visible()
    seed = page.locator(".facts dt", has_text="Seed").locator("+ dd")
    expect(seed).not_to_have_text("1")


def test_its_lyrics_are_edited_and_sung_again(page: Page) -> None:
    page.get_by_role("link", name="Edit the lyrics and sing again").click()
    lyrics = page.locator("[name=lyrics]")
    expect(lyrics).to_have_value(LYRICS)
    lyrics.fill("별이 뜬다\n달이 진다")
    page.get_by_role("button", name="Make the song").click()
    expect(page).to_have_url(re.compile("/app/tracks/"), timeout=30_000)
    expect(page.locator(".line", has_text="별이 뜬다")).to_be_visible()


def test_it_is_named_marked_and_deleted(visit: Browsing, shared_server: Server) -> None:
    visit.tolerated.append("404")
    track = make(shared_server, "곧 지울 곡")["id"]
    page = visit.open(locale="en-GB")
    page.goto(f"{shared_server.url}/app/tracks/{track}")
    page.get_by_text("Rename").click()
    page.get_by_label("Title").fill("새 이름")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("새 이름")
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.locator("track-view .play-button").click()
    expect(page.locator("#player")).to_be_visible()
    page.get_by_text("Delete", exact=True).first.click()
    page.get_by_role("button", name="Delete").click()
    expect(page).not_to_have_url(re.compile(track))
    expect(page.locator("#player")).to_be_hidden()
    page.goto(f"{shared_server.url}/app/tracks/{track}")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")


def test_what_was_made_is_downloaded(page: Page) -> None:
    page.locator(".menu summary", has_text="Download").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="The song").click()
    assert download.value.suggested_filename.endswith(".mp3")
    expect(page.get_by_role("link", name="Recipe")).to_be_visible()

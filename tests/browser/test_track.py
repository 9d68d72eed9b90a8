"""A track's page in a real browser: read along, taken apart, compared, shared, made again, deleted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.browser import Browsing
from support.pages import ENDLESS, PHONE, barriers, goes_on, overflow, visit_and_check
from support.server import Server
from support.texttune import make

PROMPT = "파도 소리가 들리는 느린 노래"
LYRICS = "파도가 친다\n바람이 분다\n우리는 간다"
LINE = "바람이 분다"
AUDIO = "document.getElementById('audio')"


@pytest.fixture(scope="module")
def takes(shared_server: Server) -> list[str]:
    """Two songs of the same words, one of other lyrics, and one half as long. The description is this module's own: the
    server is others' too."""
    told: tuple[dict[str, Any], ...] = ({}, {}, {"lyrics": "별이 뜬다\n달이 진다"}, {"duration": 6})
    made = [
        make(shared_server, PROMPT, **{"duration": 12, "lyrics": LYRICS, "seed": seed, **more})
        for seed, more in enumerate(told, start=1)
    ]
    return [str(one["id"]) for one in made]


@pytest.fixture
def page(visit: Browsing, shared_server: Server, takes: list[str]) -> Page:
    """The first one's."""
    page = visit.open(locale="en-GB")
    page.add_init_script(ENDLESS)
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


def test_takes_say_what_tells_them_apart_and_the_song_is_sought_by_keys_and_pointer(page: Page) -> None:
    told = [row.inner_text() for row in page.locator(".takes .take-differs").all()]
    assert len(told) >= 3
    assert all("Seed" in one for one in told)
    assert all(re.match(r"Take \d+ · ", one) for one in told), "as the library calls them"
    assert 1 <= sum("other lyrics" in one for one in told) < len(told)
    assert sum("6 seconds" in one for one in told) == 1
    slider = page.locator(".wave-seek")
    slider.focus()
    expect(slider).to_have_attribute("aria-valuetext", "0:00 / 0:12")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0:05 / 0:12, Verse")
    assert page.evaluate(f"{AUDIO}.paused")
    expect(page.locator(".bands li").first).to_have_class(re.compile("now"))
    syllable = page.locator(".line", has_text=LINE).locator("span").nth(2)
    start = float(syllable.get_attribute("data-start") or 0)
    page.evaluate(f"{AUDIO}.currentTime = 0")
    syllable.click()
    page.wait_for_function(f"(start) => {AUDIO}.currentTime >= start", arg=start)
    expect(page.locator(".line", has_text=LINE).locator(".sung")).not_to_have_count(0)
    wave = page.locator("#wave")
    box = wave.bounding_box()
    assert box is not None
    wave.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    page.wait_for_function(f"() => Math.abs({AUDIO}.currentTime - 6) < 1.5")
    page.locator(".bands button").first.click()
    page.wait_for_function(f"() => {AUDIO}.currentTime < 2")
    expect(page.locator(".bands li").first).to_have_class(re.compile("now"))


def test_lyrics_light_up_as_they_are_sung_and_seek(page: Page) -> None:
    line = page.locator(".line", has_text=LINE)
    line.click()
    goes_on(page)
    start = float(line.get_attribute("data-start") or 0)
    assert page.evaluate(f"{AUDIO}.currentTime") >= start
    expect(line).to_have_class(re.compile("now"))
    sung = "document.querySelectorAll('.line.now .sung').length >= 2"
    page.wait_for_function(f"() => {sung} && ({AUDIO}.pause(), true)")  # at once: it would be sung to its end
    expect(page.locator(".line").first).to_have_class(re.compile("over"))
    before = page.locator(".line.now .sung").count()
    page.evaluate(f"{AUDIO}.currentTime = {start}")
    expect(page.locator(".line.now .sung")).not_to_have_count(before)


def test_stems_are_seen_at_once_and_sound_in_step_with_the_player(page: Page) -> None:
    drawn = """() => [...document.querySelectorAll(".strip canvas")].every((one) => one.width > 100
      && new Set(one.getContext("2d").getImageData(0, 2, one.width, 1).data).size > 1)"""
    page.wait_for_function(drawn)
    page.locator("track-view .play-button").click()
    goes_on(page)
    mute = page.locator(".strip").nth(1).get_by_role("button", name="Silence")
    page.keyboard.press("2")
    expect(mute).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(f"() => {AUDIO}.muted")
    page.keyboard.press("2")
    page.keyboard.press("Shift+Digit1")
    expect(mute).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".strip").nth(1)).to_have_class(re.compile("silent"))
    expect(page.locator(".strip").first.get_by_role("button", name="Alone")).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(f"() => {AUDIO}.muted")
    strip = page.locator(".strip").first
    alone = strip.get_by_role("button", name="Alone")
    expect(page.locator(".strip.silent")).to_have_count(page.locator(".strip").count() - 1)
    goes_on(page)
    star = page.get_by_role("button", name="Favourite")
    for pressed in ("true", "false"):
        with page.expect_response("**/v1/tracks/*") as answer:
            star.click()
        assert answer.value.ok
        expect(star).to_have_attribute("aria-pressed", pressed)
    expect(star).to_be_focused()
    expect(alone, "a star leaves the rest as it is").to_have_attribute("aria-pressed", "true")
    goes_on(page)
    alone.click()
    page.wait_for_function(f"() => !{AUDIO}.muted")
    strip.get_by_role("button", name="Silence").click()
    page.wait_for_function(f"() => {AUDIO}.muted")
    page.get_by_role("link", name="Make").first.click()
    page.wait_for_function(f"() => !{AUDIO}.muted")
    goes_on(page)


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
    refused = other.goto(link.replace("signature=", "signature=x"))
    assert refused is not None
    assert refused.status == 403
    expect(other.locator("track-view")).to_have_count(0)


def test_the_song_is_downloaded_and_made_again_with_another_seed(page: Page) -> None:
    page.locator(".menu summary", has_text="Download").click()
    for kind, begins in (("MP3", b"ID3"), ("FLAC", b"fLaC"), ("WAV", b"RIFF")):
        with page.expect_download(timeout=180_000) as download:
            page.get_by_role("link", name=kind, exact=True).click()
        assert download.value.suggested_filename == f"{PROMPT}.{kind.lower()}"
        assert download.value.path().read_bytes().startswith(begins)
    for kind in ("OPUS", "M4A"):
        expect(page.get_by_role("link", name=kind, exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Recipe")).to_be_visible()
    page.get_by_role("button", name="Again with another seed").click()
    expect(page).to_have_url(re.compile("/app/tracks/"))
    expect(page.locator(".line", has_text=LINE)).to_be_visible()
    expect(page.get_by_label("Seed", exact=True)).not_to_have_value("1")


def test_its_lyrics_are_edited_and_sung_again(page: Page) -> None:
    page.get_by_role("link", name="Edit the lyrics and sing again").click()
    lyrics = page.locator("[name=lyrics]")
    expect(lyrics).to_have_value(LYRICS)
    lyrics.fill("별이 뜬다\n달이 진다")
    page.get_by_role("button", name="Make the song").click()
    expect(page).to_have_url(re.compile("/app/tracks/"))
    expect(page.locator(".line", has_text="별이 뜬다")).to_be_visible()


def test_it_is_named_marked_and_deleted_unless_that_is_undone(visit: Browsing, shared_server: Server) -> None:
    visit.tolerated.append("404")
    track = make(shared_server, "곧 지울 곡")["id"]
    page = visit.open(locale="en-GB")
    page.clock.install()
    page.goto(f"{shared_server.url}/app/tracks/{track}")
    page.get_by_text("Rename").click()
    page.get_by_label("Title").fill("새 이름")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("새 이름")
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.locator("track-view .play-button").click()
    expect(page.locator("#player")).to_be_visible()
    row = page.locator("#rows tr", has=page.locator(f'[value="{track}"]'))
    delete(page)
    expect(page).to_have_url(re.compile("/app/library$"))
    expect(page.locator("#player")).to_be_hidden()
    expect(row).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    row.get_by_role("link").click()
    delete(page)
    with page.expect_response("**/v1/library/delete"):
        page.clock.fast_forward(11_000)
    page.goto(f"{shared_server.url}/app/tracks/{track}")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")


def delete(page: Page) -> None:
    page.get_by_text("Delete", exact=True).first.click()
    page.get_by_role("button", name="Delete").click()


# -- two takes ------------


def test_two_takes_are_compared_each_with_its_own_words_and_length(page: Page, takes: list[str]) -> None:
    page.locator("track-view .play-button").click()
    page.evaluate(f"{AUDIO}.currentTime = 5")
    goes_on(page)
    choose(page, "Take 2")
    page.wait_for_function(f"() => {AUDIO}.src.includes('{takes[1]}') && {AUDIO}.currentTime > 5")
    second = page.get_by_role("group", name="Which take").get_by_role("button", name=re.compile("^B"))
    expect(second).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="A: this one").click()
    page.wait_for_function(f"() => {AUDIO}.src.includes('{takes[0]}') && {AUDIO}.currentTime > 5")
    goes_on(page)
    assert barriers(page) == []
    choose(page, "other lyrics")
    second = page.locator(".track-body.b")
    expect(second).to_be_visible()
    expect(page.locator(".track-body:not(.b)")).to_be_hidden()
    line = second.locator(".line", has_text="별이 뜬다")
    line.click()
    expect(line).to_have_class(re.compile("now"))
    expect(page.locator(".stage.b .bands .now")).to_have_count(1)
    colours = "([one, other]) => getComputedStyle(one).color === getComputedStyle(other).color"
    sung = line.locator(".sung").first
    assert page.evaluate(
        colours, [sung.element_handle(), page.locator("[data-compare][aria-pressed=true]").element_handle()]
    )
    page.keyboard.press("a")
    expect(page.locator(".line", has_text=LINE).first).to_be_visible()
    expect(second).to_be_hidden()
    goes_on(page)
    page.keyboard.press("b")
    expect(second).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("a")
    page.wait_for_function(f"() => {AUDIO}.src.includes('{takes[0]}') && {AUDIO}.readyState > 1")
    page.evaluate(f"{AUDIO}.pause()")
    page.evaluate(f"{AUDIO}.currentTime = 9")
    choose(page, "6 seconds")  # half as long, of the same one section: the same part is at half the time
    page.wait_for_function(f"() => {AUDIO}.duration < 7 && {AUDIO}.currentTime > 4.4")
    expect(page.locator(".track-body.b .line").first).to_be_visible()


# -- keys, stems, other ways to see and hear ------------


def test_it_says_in_korean_how_it_was_made(visit: Browsing, shared_server: Server, takes: list[str]) -> None:
    page = visit.open(locale="ko-KR", permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{shared_server.url}/app/tracks/{takes[0]}")
    told = page.locator(".facts dd").all_inner_texts()
    assert {"시험용 엔진", "다장조", "표준", "12초"} <= set(told)
    assert any(one.startswith("곡은 만든 분의 것이에요.") for one in told)
    page.get_by_role("button", name="시드 복사").click()
    expect(page.get_by_role("button", name="복사했어요")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "1"


def test_it_is_whole_without_scripts(visit: Browsing, shared_server: Server, takes: list[str]) -> None:
    page = visit.open(locale="en-GB", java_script_enabled=False, viewport=PHONE)
    page.goto(f"{shared_server.url}/app/tracks/{takes[0]}")
    expect(page.locator(".wave audio")).to_be_visible()
    for gone in ("#wave", ".wave-row > .play-button", ".stems", "[data-compare] >> nth=0"):
        expect(page.locator(gone)).to_be_hidden()
    audio, lyrics = page.locator(".wave audio").bounding_box(), page.locator(".lyrics").bounding_box()
    assert audio is not None
    assert lyrics is not None
    assert lyrics["y"] - (audio["y"] + audio["height"]) < 160  # sections in one line, and no gap
    differs = page.locator(".take-differs").first.bounding_box()
    assert differs is not None
    assert differs["width"] > 200
    page.locator(".menu summary", has_text="Download").click()
    expect(page.get_by_role("link", name="FLAC", exact=True)).to_be_visible()


def test_the_syllable_that_is_sung_is_told_by_more_than_a_colour(
    visit: Browsing, shared_server: Server, takes: list[str]
) -> None:
    page = visit.open(locale="en-GB", forced_colors="active")
    page.goto(f"{shared_server.url}/app/tracks/{takes[0]}")
    line = page.locator(".line", has_text=LINE)
    line.click()
    goes_on(page)
    page.wait_for_function("() => document.querySelector('.line .singing')")
    page.evaluate(f"{AUDIO}.pause()")
    style = "(one) => getComputedStyle(one).textDecorationLine"
    assert page.locator(".line .sung").first.evaluate(style) == "underline"
    page.emulate_media(media="print", forced_colors="none")
    expect(page.locator(".wave-row")).to_be_hidden()
    expect(line).to_be_visible()


def choose(page: Page, told: str) -> None:
    """Compare with the take of which that is said."""
    page.locator(".takes li", has_text=told).last.locator("[data-compare]").click()  # other tests make more, above
    expect(page.locator('[data-take="b"]')).to_have_attribute("aria-pressed", "true")

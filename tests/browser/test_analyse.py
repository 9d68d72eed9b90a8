"""Analyse in a real browser: dropped, recorded, followed, heard, corrected, compared, taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from support.analysed import Analysed
from support.analyses import BEATS, DURATION, endless
from support.browser import Browsers, Browsing, browsing
from support.pages import (
    DESK,
    ENDLESS,
    LIGHT,
    LOOKS,
    PHONE,
    SHIFTS,
    barriers,
    drop,
    goes_on,
    heard,
    idle,
    late_fonts,
    settle,
    turn_into_phone,
    visit_and_check,
    weight,
)
from support.recordings import short, tone, wav
from support.server import Server, running
from support.waiting import eventually

CLICKS = """() => {
  window.clicked = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...args) { window.clicked += 1; return start.apply(this, args); };
}"""
SHIFTED = 0.01  #: at the very first view, when the letters' own font comes after the first picture
STEADY = 0.005  #: of the page itself, whose font is there
PIECE = 8 * 1024 * 1024  #: bytes of a large file that are sent at once
MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("analyses"), {"PANSORI_ANALYZE_ENGINE": "debug"}) as server:
        yield server


@pytest.fixture(scope="module")
def chromium(browsers: Browsers) -> Iterator[Browser]:
    """With a microphone that gives a beep a second, to whoever asks."""
    with browsers.open(*MICROPHONE) as browser:
        yield browser


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Browsing]:
    with browsing(chromium) as visit:
        yield visit


@pytest.fixture(scope="module")
def song(server: Server) -> str:
    """One of which everything is known: beats every half second, chords, two sections."""
    analysed = Analysed(server)
    return analysed.know(analysed.make("song.wav", wav(tone(220, -20, DURATION, 8000), 8000)))


@pytest.fixture
def page(visit: Browsing, server: Server, song: str) -> Page:
    page = visit.open(locale="en-GB")
    show(page, server, song)
    return page


def show(page: Page, server: Server, analysis: str) -> None:
    page.goto(f"{server.url}/app/analyses/{analysis}")
    expect(page.locator("analysis-view[data-ready]")).to_be_visible()


# -- the list ------------


@pytest.mark.parametrize(("locale", "language", "scheme"), LOOKS)
def test_the_pages_are_for_everybody_also_on_a_phone(
    visit: Browsing, server: Server, song: str, locale: str, language: str, scheme: str
) -> None:
    page = visit.open(locale=locale, color_scheme=scheme, viewport=DESK)
    for path in ("/app/analyse", f"/app/analyses/{song}", f"/app/analyses/compare?a={song}&b={song}"):
        visit_and_check(page, server.url + path, language=language)
        for fold in page.locator("main details").all():
            fold.evaluate("(details) => { details.open = true }")
        assert barriers(page) == []
        if language == "ko":
            turn_into_phone(page)
            page.set_viewport_size(DESK)


def test_a_first_view_is_light_and_steady(visit: Browsing, server: Server, song: str) -> None:
    for viewport in (DESK, PHONE):
        for path, ready in (("/app/analyse", "#file"), (f"/app/analyses/{song}", "analysis-view[data-ready]")):
            page = visit.open(locale="ko-KR", viewport=viewport)
            page.add_init_script(SHIFTS)
            with late_fonts(page):
                page.goto(server.url + path, wait_until="domcontentloaded")
                expect(page.locator(ready)).to_be_attached()
                idle(page)
            settle(page)
            assert page.evaluate("window.shifted ?? 0") < SHIFTED, path
            page.reload()
            expect(page.locator(ready)).to_be_attached()
            settle(page)
            assert 10_000 < weight(page) <= LIGHT, path
            assert page.evaluate("window.shifted ?? 0") < STEADY, path


def test_a_dropped_file_is_followed_to_its_result(visit: Browsing, server: Server) -> None:
    page = visit.open(locale="en-GB")
    page.goto(server.url + "/app/analyse")
    with server.held():
        drop(page, "dropped.wav", short())
        expect(page).to_have_url(re.compile("/app/analyses/[0-9a-f-]+$"))
        expect(page.locator(".job h2")).to_have_text("dropped.wav")
        page.reload()
        expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="dropped.wav")).to_be_visible()
    expect(page.locator("#signal-peak .answer").first).to_contain_text("−12.0 dBFS")
    expect(page.locator("#music-tempo .answer.refused")).to_have_text("This engine does not measure it.")


def test_several_are_sent_and_one_that_is_no_sound_says_so(visit: Browsing, server: Server, tmp_path: Path) -> None:
    files = []
    for name, content in (("first.wav", short()), ("words.wav", b"no sound at all"), ("second.wav", short(440))):
        files.append(tmp_path / name)
        files[-1].write_bytes(content)
    page = visit.open(locale="en-GB")
    page.goto(server.url + "/app/analyse")
    page.locator("#file").set_input_files(files)
    for name in ("first.wav", "second.wav"):
        row = page.locator("[data-analysis].succeeded").filter(has_text=name)
        expect(row.locator(".number")).to_contain_text("Noise · 0:01")
    expect(page.locator("[data-analysis].failed").filter(has_text="words.wav")).to_contain_text("could not be analysed")
    expect(page.locator("#uploads")).to_be_hidden()


def test_a_large_file_goes_on_where_it_was_lost(visit: Browsing, server: Server, tmp_path: Path) -> None:
    """Piece by piece; what was sent is not sent again."""
    visit.tolerated.append("Failed to load resource|ERR_FAILED")
    large = tmp_path / "large.wav"
    large.write_bytes(wav(np.tile(tone(220, -12, 1.0, 8000), 550), 8000))
    assert large.stat().st_size > PIECE
    sent: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "PATCH":
            route.continue_()
            return
        offset = int(route.request.headers["upload-offset"])
        sent.append(offset)
        if sent.count(offset) == 1 and offset:
            route.abort()
        else:
            route.continue_()

    page = visit.open(locale="en-GB")
    page.route(
        "**/v1/uploads/tus/*", lambda route: lose(route) if route.request.method == "PATCH" else route.continue_()
    )
    page.goto(server.url + "/app/analyse")
    page.locator("#file").set_input_files(large)
    expect(page.get_by_role("heading", level=1, name="large.wav")).to_be_visible()
    assert sent == [0, PIECE, PIECE]


def test_the_microphone_is_recorded(visit: Browsing, server: Server) -> None:
    page = visit.open(locale="en-GB")
    page.goto(server.url + "/app/analyse")
    page.get_by_role("button", name="Record").click()
    expect(page.locator(".record-state")).to_contain_text(re.compile(r"Recording, (0:0[1-9]|0:[1-5]\d|[1-9]:)"))
    page.get_by_role("button", name="Stop and analyse").click()
    expect(page.get_by_role("heading", level=1, name=re.compile("^Recording "))).to_be_visible()
    expect(page.locator("#signal-peak .answer").first).to_contain_text("dBFS")


def test_one_is_deleted_and_comes_back(visit: Browsing, server: Server) -> None:
    visit.tolerated.append("/pictures/.* 404")  # of what is deleted while it is drawn
    analysed = Analysed(server)
    one = analysed.make("unwanted.wav")
    page = visit.open(locale="en-GB")
    page.goto(server.url + "/app/analyse")
    row = page.locator(f"#analysis-{one}")
    delete = row.get_by_role("button", name="Delete unwanted.wav")
    delete.click()
    expect(row).to_be_hidden()
    expect(page.locator("#toast")).to_contain_text("unwanted.wav was deleted.")
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    row.get_by_role("link").first.click()
    page.locator("summary", has_text="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#toast")).to_contain_text("unwanted.wav was deleted.")
    expect(row, "it is gone from the list").to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    delete.click()
    with page.expect_response("**/v1/analyses/delete"):
        page.evaluate("dispatchEvent(new Event('pagehide'))")
    expect(row, "the list is told of it").to_have_count(0)
    assert server.get(f"/v1/analyses/{one}").status_code == 404


# -- hearing ------------


def test_beats_are_heard_and_sought_and_sections_repeated(page: Page) -> None:
    page.evaluate(CLICKS)
    box = page.locator("canvas.beats").bounding_box()
    assert box is not None
    page.locator("canvas.beats").click(position={"x": box["width"] * (BEATS[6] + 0.1) / DURATION, "y": 5})
    assert heard(page) == pytest.approx(BEATS[6], abs=0.05)
    assert page.evaluate("clicked") == 1
    assert page.evaluate("document.getElementById('audio').paused"), "nothing plays unasked"
    slider = page.get_by_role("slider", name="Beat by beat")
    expect(slider).to_have_attribute("aria-valuetext", "Bar 2, beat 1, 0:03.3")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "Bar 2, beat 2, 0:03.8")
    assert heard(page) == pytest.approx(BEATS[7], abs=0.05)
    clicked = page.evaluate("clicked")
    page.evaluate("document.getElementById('audio').currentTime = 0")
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Clicks on the beats")).to_have_attribute("aria-pressed", "true")
    page.locator(".play-button.huge").click()
    page.wait_for_function("(before) => clicked >= before + 2", arg=clicked)
    expect(page.locator(".chord-strip .now")).to_have_count(1)
    page.keyboard.press("m")
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Clicks on the beats")).to_have_attribute("aria-pressed", "false")
    page.locator(".bands button").nth(1).click()
    goes_on(page)
    page.keyboard.press("r")
    expect(page.locator(".hearing-state")).to_have_text('B "again" is repeated.')
    page.evaluate("(end) => { document.getElementById('audio').currentTime = end - 0.4 }", DURATION)
    page.wait_for_function("() => document.getElementById('audio').currentTime < 6")
    goes_on(page)
    expect(page.locator(".bands .looped")).to_have_count(1)
    page.keyboard.press("r")
    expect(page.locator(".bands .looped")).to_have_count(0)


def test_plots_are_read_with_keys_and_pointer(page: Page) -> None:
    plot = page.locator('[data-plot="pitch"]')
    cursor = plot.get_by_role("slider", name="Pitch of the voice (F0)")
    cursor.focus()
    cursor.press("Home")
    expect(plot.locator(".plot-value")).to_have_text("0:00.0 · 150.0 Hz")
    cursor.press("End")
    expect(plot.locator(".plot-value")).to_have_text("0:08.0 · nothing")
    before = plot.locator(".curve").get_attribute("d")
    plot.get_by_role("button", name="Closer").click()
    assert plot.locator(".curve").get_attribute("d") != before
    expect(plot.locator("text").filter(has_text=re.compile(r"^0:00"))).to_have_count(0)
    plot.get_by_role("button", name="Farther").click()
    expect(plot.get_by_role("button", name="Farther")).to_be_disabled()
    chroma = page.locator('[data-plot="chroma"] .plot-box')
    chroma.scroll_into_view_if_needed()
    box = chroma.bounding_box()
    assert box is not None
    chroma.hover(position={"x": box["width"] * 0.6, "y": box["height"] * 0.5})
    expect(page.locator('[data-plot="chroma"] .plot-value')).to_contain_text("G7")
    chroma.click(position={"x": box["width"] * 0.6, "y": box["height"] * 0.5})
    goes_on(page)
    assert heard(page) > 3


# -- corrections ------------


def test_whoever_comes_closer_to_an_hour_sees_every_point(visit: Browsing, server: Server) -> None:
    analysed = Analysed(server)
    page = visit.open(locale="en-GB")
    show(page, server, analysed.know(analysed.make("hour.wav", short(660)), endless()))
    asked: list[Route] = []

    def wait_at_first(route: Route) -> None:
        asked.append(route)
        if len(asked) > 1:
            route.continue_()

    page.route("**/curves?*", wait_at_first)
    plot = page.locator('[data-plot="pitch"]')
    box = plot.locator(".plot-box")
    box.focus()
    box.press("End")
    for _ in range(8):
        box.press("+")
    eventually(lambda: page.evaluate("0") or asked)
    assert len(asked) == 1, "one at a time, however fast one comes closer"
    asked[0].continue_()
    notes = re.compile("^(M[^M]*){80,100}$")  # of the 14 s that are shown, each by itself
    expect(plot.locator(".curve")).to_have_attribute("d", notes)
    for _ in range(8):
        box.press("-")
    expect(plot.locator(".curve")).to_have_attribute("d", re.compile("^(M[^M]*){1,10}$"))


def test_a_tempo_is_doubled_and_taken_back_and_sections_are_named(page: Page) -> None:
    page.evaluate(ENDLESS)
    tempo = page.locator("#music-tempo")
    tempo.get_by_text("Is the tempo wrong?").click()
    page.locator(".play-button.huge").click()
    goes_on(page)
    tempo.get_by_role("button", name="Twice as fast").click()
    expect(tempo.locator(".answer").first).to_contain_text("240.0 BPM")
    expect(tempo.locator(".answering > .was").first).to_contain_text("measured: 120.0 BPM")
    goes_on(page)
    tempo.get_by_role("button", name="Undo my correction").click()
    expect(tempo.locator(".answer").first).to_contain_text("120.0 BPM")
    expect(page.get_by_text("What you corrected")).to_have_count(0)
    page.get_by_text("Name the sections").click()
    page.get_by_label("Section 1, from 0:00").fill("Verse <1>")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".bands button").first).to_have_text(re.compile("Verse <1>"))
    page.get_by_role("button", name="Undo all corrections").click()
    expect(page.locator(".bands button").first).to_have_text(re.compile("^A"))


def test_a_tempo_is_tapped_and_files_for_other_programs_are_saved(page: Page) -> None:
    page.evaluate(ENDLESS)
    tempo = page.locator("#music-tempo")
    page.keyboard.press("t")
    goes_on(page)
    page.evaluate("document.getElementById('audio').playbackRate = 0.0625")  # slower than any machine
    tap = "(at) => { document.getElementById('audio').currentTime = at }"
    for number in range(5):
        page.evaluate(tap, 0.5 + 0.8 * number)
        page.wait_for_function("() => !document.getElementById('audio').seeking")
        page.keyboard.press("t")
    expect(tempo.locator("[data-taps]")).to_contain_text("5 taps")
    taps = [float(one) for one in tempo.locator("[name=taps]").input_value().split()]
    assert np.diff(taps) == pytest.approx(0.8, abs=0.4)
    tempo.get_by_role("button", name="Use these taps").click()
    expect(tempo.locator(".answering > .was").first).to_contain_text("as you said")
    page.get_by_role("button", name="Undo all corrections").click()
    expect(tempo.locator(".answer").first).to_contain_text("120.0 BPM")
    page.get_by_text("Download", exact=True).click()
    for words, name in (("For Praat", "song.wav.TextGrid"), ("Plots as pictures", "song.wav.png.zip")):
        with page.expect_download() as saving:
            page.get_by_role("link", name=words).click()
        assert saving.value.suggested_filename == name


# -- two, and taking away ------------


def test_two_are_chosen_and_compared(visit: Browsing, server: Server, song: str) -> None:
    other = Analysed(server).make("other.wav")
    page = visit.open(locale="en-GB")
    page.goto(server.url + "/app/analyse")
    for one in (song, other):
        page.locator(f"#analysis-{one} input").check()
    page.get_by_role("button", name="Compare the two chosen").click()
    expect(page.locator(".compared-names a")).to_have_count(2)
    expect(page.get_by_role("row").filter(has_text="Sample peak")).to_contain_text("dBFS")
    page.get_by_label("Second", exact=True).select_option(song)
    page.get_by_label("First", exact=True).select_option(song)
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row").filter(has_text="Integrated loudness")).to_contain_text("the same")
    expect(page.locator(".compared-curves .curve.jade").first).to_be_visible()


def test_without_scripts_a_form_brings_the_file(visit: Browsing, server: Server, song: str, tmp_path: Path) -> None:
    file = tmp_path / "plain.wav"
    file.write_bytes(short())
    page = visit.open(locale="en-GB", java_script_enabled=False)
    page.goto(server.url + "/app/analyse")
    page.get_by_label("or choose files").set_input_files(file)
    page.get_by_role("button", name="Analyse", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="plain.wav")).to_be_visible()
    page.goto(f"{server.url}/app/analyses/{song}")
    page.get_by_text("Is the key wrong?").click()
    page.get_by_label("Key", exact=True).select_option("A minor")
    page.locator("#music-key").get_by_role("button", name="Set").click()
    expect(page.locator("#music-key .answer").first).to_contain_text("A minor")
    page.get_by_role("button", name="Undo all corrections").click()
    expect(page.locator("#music-key .answer").first).to_contain_text("F# minor")

"""From words to a song, in a real browser: understood while typing, made, watched across restarts, and heard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.browser import Browsing
from support.pages import PHONE, barriers, goes_on, is_focused, loudness, overflow
from support.server import Server, running

TRACK = re.compile(r"/app/tracks/[0-9a-f-]{36}$")
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)> "quoted" & piano'


def fill(page: Page, server: Server, prompt: str) -> None:
    page.goto(f"{server.url}/app/make")
    page.locator("[name=prompt]").fill(prompt)


def test_words_become_a_song_that_is_heard(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="ko-KR")
    page.goto(shared_server.url)
    page.get_by_placeholder("여성 보컬의 느린 피아노 발라드").fill(
        "비 오는 밤의 느린 피아노 발라드, 여성 보컬로 노래해 줘"
    )
    page.keyboard.press("Enter")
    chips = page.locator("#chips")
    expect(chips).to_contain_text("BPM")
    expect(chips).to_contain_text("여성 보컬")
    expect(page.locator("#plan-bars li").first).to_contain_text("초")
    expect(page.locator("[name=expanded_prompt]")).to_have_value(re.compile("BPM"))
    page.get_by_role("button", name="곡 만들기").click()
    expect(page).to_have_url(TRACK)
    page.locator("track-view").get_by_role("button", name="재생", exact=True).click()
    goes_on(page)
    source = page.evaluate("document.getElementById('audio').src")
    assert loudness(page, source) > 0.01


def test_what_was_understood_can_be_left_out_and_edited(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="en-GB")
    fill(page, shared_server, "A slow ballad, sung by a woman")
    tempo = page.locator("#chips li", has_text="Tempo")
    expect(tempo).to_be_visible()
    page.get_by_role("button", name="Leave out: ").filter(has=page.locator("svg")).and_(
        page.locator("[data-kind=tempo]")
    ).click()
    expect(tempo).to_have_count(0)
    expanded = page.locator("[name=expanded_prompt]")
    expect(expanded).not_to_have_value(re.compile("BPM"))
    page.locator("#expanded-fold summary").click()
    page.get_by_role("button", name="Write it anew").click()
    expect(expanded).to_have_value(re.compile("BPM"))
    with page.expect_request(lambda one: "Fast rock" in (one.post_data or "")) as asked:
        page.locator("[name=expanded_prompt]").fill("Fast rock")
    assert '"expanded_prompt":"Fast rock"' in (asked.value.post_data or "")


def test_another_language_keeps_what_was_typed(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="en-GB")
    fill(page, shared_server, "A slow ballad, sung by a woman")
    page.locator("#lyrics-fold summary").click()
    page.locator("[name=lyrics]").fill("The rain is falling")
    page.locator("#options-fold summary").click()
    page.locator("[name=seed]").fill("7")
    page.locator("[name=quality]").select_option("draft")
    page.get_by_title("한국어").click()
    expect(page.get_by_role("button", name="곡 만들기")).to_be_visible()
    expect(page.locator("[name=prompt]")).to_have_value("A slow ballad, sung by a woman")
    expect(page.locator("[name=lyrics]")).to_have_value("The rain is falling")
    expect(page.locator("[name=seed]")).to_have_value("7")
    expect(page.locator("[name=quality]")).to_have_value("draft")
    expect(page.locator("#chips")).to_contain_text("BPM")


def test_what_was_typed_stays_until_a_song_is_begun_with_it(visit: Browsing, shared_server: Server) -> None:
    visit.tolerated.append("422")
    page = visit.open(locale="en-GB")
    fill(page, shared_server, "A calm instrumental")
    page.locator("#options-fold summary").click()
    page.locator("[name=seed]").fill("7")
    page.reload()
    expect(page.locator("[name=prompt]")).to_have_value("A calm instrumental")
    page.get_by_role("link", name="Library").first.click()
    expect(page).to_have_url(re.compile("/app/library$"))
    page.get_by_role("link", name="Make").first.click()
    expect(page.locator("[name=prompt]")).to_have_value("A calm instrumental")
    expect(page.locator("[name=seed]")).to_have_value("7")
    expect(page.locator("#chips li").first).to_be_visible()
    page.evaluate("document.getElementById('make').noValidate = true")
    page.locator("#options-fold summary").click()
    page.locator("[name=seed]").fill("-1")
    page.get_by_role("button", name="Make the song").click()
    expect(page.locator("#e-seed")).to_be_visible()
    expect(page.locator("[name=prompt]")).to_have_value("A calm instrumental")
    expect(page.get_by_role("button", name="Write it anew")).to_be_hidden()  # nobody has changed it
    page.locator("[name=seed]").fill("7")
    page.get_by_role("button", name="Make the song").click()
    expect(page).to_have_url(TRACK)
    page.goto(f"{shared_server.url}/app/make")
    expect(page.locator("#options-peek")).to_be_visible()
    expect(page.locator("[name=prompt]")).to_have_value("")


def test_keys_send_the_form_and_twice_is_once(visit: Browsing, idle_server: Server) -> None:
    page = visit.open(locale="en-GB")
    fill(page, idle_server, "Sent by keys")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.evaluate(
        """() => {
          const keys = {key: "Enter", ctrlKey: true, bubbles: true, cancelable: true};
          const field = document.getElementById("f-prompt");
          for (const _ of [1, 2]) field.dispatchEvent(new KeyboardEvent("keydown", keys));
        }"""
    )
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    assert len([url for url in sent if url.endswith("/app/make")]) == 1


def test_what_is_too_short_to_be_sung_is_told_before_it_is_sent(visit: Browsing, accounts_server: Server) -> None:
    page = visit.open(locale="ko-KR")
    page.goto(f"{accounts_server.url}/app/make")
    page.locator("#options-fold summary").click()
    page.locator("[name=engine]").select_option("house_band")
    page.get_by_label("길이(초)").fill("5")
    page.locator("[name=lyrics]").evaluate("(field) => (field.closest('details').open = true)")
    page.locator("[name=lyrics]").fill("여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께\n파도야 춤춰라 하늘 끝까지")
    page.locator("[name=prompt]").fill("신나는 여름 댄스, 여성 보컬")
    expect(page.locator("#notices")).to_contain_text("한도는 5초예요")
    page.get_by_label("길이(초)").fill("12")
    expect(page.locator("#plan-total")).to_contain_text("모두 12.0초")
    expect(page.locator("#chips")).to_contain_text("장조")
    expect(page.locator("#plan-bars")).to_contain_text("음절")


def test_what_runs_out_or_is_refused_is_seen_and_what_the_address_brings_is_newer(
    visit: Browsing, shared_server: Server
) -> None:
    page = visit.open(locale="en-GB")
    fill(page, shared_server, "piano " * 100)
    counts = page.locator("[data-counts=prompt]")
    expect(counts).to_be_hidden()
    page.locator("[name=prompt]").fill("piano " * 660)
    expect(counts).to_have_text("3,960 of 4,000 characters")
    page.locator("[name=prompt]").fill("A calm instrumental")
    expect(counts).to_be_hidden()
    options = page.locator("details").filter(has=page.locator("[name=duration]"))
    options.locator("summary").click()
    with page.expect_response("**/v1/prompts/expand"):
        page.locator("[name=duration]").fill("60")
        options.locator("summary").press("Enter")  # what is understood may move it away from a pointer
    expect(page.locator("[name=duration]")).to_be_hidden()
    page.locator("#submit").click()
    expect(page.locator("[name=duration]")).to_be_focused()
    page.goto(f"{shared_server.url}/app/make?prompt=Loud+rock")
    expect(page.locator("[name=prompt]")).to_have_value("Loud rock")


def test_examples_fill_the_form(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="en-GB")
    page.goto(f"{shared_server.url}/app/make")
    page.get_by_role("link", name="Country road").click()
    expect(page.locator("[name=prompt]")).to_have_value(re.compile("country"))
    expect(page.locator("[name=lyrics]")).to_have_value(re.compile("road"))
    expect(page.locator("#chips li").first).to_be_visible()
    assert barriers(page) == []


def test_what_is_wrong_stands_at_its_field(visit: Browsing, shared_server: Server) -> None:
    visit.tolerated.append("422")
    page = visit.open(locale="ko-KR", viewport=PHONE)
    fill(page, shared_server, "피아노")
    page.evaluate("document.getElementById('make').noValidate = true")
    page.locator("#options-fold summary").click()
    page.get_by_label("길이(초)").fill("600")
    page.get_by_role("button", name="곡 만들기").click()
    expect(page.get_by_role("alert")).to_contain_text("시작하지 않았어요")
    expect(page.get_by_label("길이(초)")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#e-duration")).to_contain_text("12초")
    expect(page.get_by_label("길이(초)")).to_be_focused()
    expect(page.locator("[name=prompt]")).to_have_value("피아노")
    assert barriers(page) == []
    assert overflow(page) <= 0


def test_hands_that_know_only_keys_make_a_song(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="en-GB")
    page.goto(f"{shared_server.url}/app/make")
    prompt, submit = page.locator("[name=prompt]"), page.locator("#submit")
    press_until(page, "Tab", lambda: is_focused(prompt))
    page.keyboard.type("A calm instrumental")
    press_until(page, "Tab", lambda: is_focused(submit))
    page.keyboard.press("Enter")
    expect(page).to_have_url(TRACK)
    play = page.locator("track-view").get_by_role("button", name="Play", exact=True)
    press_until(page, "Tab", lambda: is_focused(play))
    page.keyboard.press("Enter")
    goes_on(page)


def press_until(page: Page, key: str, reached: object, most: int = 60) -> None:
    for _ in range(most):
        if reached():  # type: ignore[operator]
            return
        page.keyboard.press(key)
    pytest.fail(f"not reached by {most} presses of {key}")


def test_words_are_never_markup(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="en-GB")
    fill(page, shared_server, HOSTILE)
    page.locator("#options-fold summary").click()
    page.get_by_label("Title").fill(HOSTILE)
    page.get_by_role("button", name="Make the song").click()
    expect(page).to_have_url(TRACK)
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(page.locator(".facts")).to_contain_text(HOSTILE)
    page.locator("track-view").get_by_role("button", name="Play", exact=True).click()
    expect(page.locator("#player-title")).to_have_text(HOSTILE)
    page.get_by_role("link", name="Pansori").click()
    expect(page.locator(".songs")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("img").count() == 0


def test_all_is_done_without_scripts(visit: Browsing, shared_server: Server) -> None:
    page = visit.open(locale="ko-KR", java_script_enabled=False)
    fill(page, shared_server, "잔잔한 피아노 연주곡")
    expect(page.get_by_text("이렇게 이해했어요")).to_be_hidden()
    page.get_by_role("button", name="곡 만들기").click()
    expect(page).to_have_url(TRACK)  # the page of the job asks again by itself
    sound = page.locator("audio.unscripted")
    expect(sound).to_be_visible()
    sound.focus()
    with page.expect_request("**/v1/stream/*"):
        page.keyboard.press("Space")
    page.get_by_text("내려받기").first.click()
    with page.expect_download() as download:
        page.locator(".menu-list a").first.click()
    assert download.value.suggested_filename.endswith(".mp3")
    assert Path(download.value.path()).stat().st_size > 1000


def test_progress_survives_a_restart_of_the_server(visit: Browsing, tmp_path: Path) -> None:
    visit.tolerated += [
        "ERR_CONNECTION_REFUSED",
        "ERR_INCOMPLETE_CHUNKED_ENCODING",
        "ERR_EMPTY_RESPONSE",
        "ERR_CONNECTION_RESET",
        "Failed to fetch",
        "network error",
    ]
    with running(tmp_path, {"PANSORI_WORKERS": "0"}, until_ready=False) as idle:
        page = visit.open(locale="en-GB")
        fill(page, idle, "A calm instrumental")
        page.get_by_role("button", name="Make the song").click()
        expect(page.get_by_text("Waiting for its turn")).to_be_visible()
        assert barriers(page) == []
        page.reload()
        expect(page.get_by_text("You may close this page")).to_be_visible()
        idle.stop()
        expect(page.get_by_text("The server does not answer")).to_be_visible()
        busy = Server(tmp_path, {"PORT": str(idle.port)})
        busy.port, busy.url = idle.port, idle.url
        busy.start()
        try:
            expect(page).to_have_url(TRACK)
        finally:
            busy.stop()


def test_a_song_that_waits_can_be_cancelled_here_and_elsewhere(visit: Browsing, idle_server: Server) -> None:
    page = visit.open(locale="en-GB")
    fill(page, idle_server, "A calm instrumental")
    page.get_by_role("button", name="Make the song").click()
    page.locator("#main").get_by_role("button", name="Cancel").click()
    expect(page.locator(".job-words")).to_have_text("Cancelled")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    page.get_by_role("link", name="Change and try again").click()
    expect(page.locator("[name=prompt]")).to_have_value("A calm instrumental")
    page.get_by_role("button", name="Make the song").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Being made")
    other = visit.open(locale="en-GB")
    other.goto(page.url)
    other.locator("#main").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")


def test_the_first_address_speaks_to_programs_too(shared_server: Server) -> None:
    answer = shared_server.get("/")
    assert answer.json()["message"] == "Pansori"
    assert answer.headers["Vary"].startswith("Accept")
    shown = shared_server.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert shown.headers["Content-Type"].startswith("text/html")
    assert "unsafe" not in shown.headers["Content-Security-Policy"]

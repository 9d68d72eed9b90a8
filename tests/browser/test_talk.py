"""Talking with a real browser, whose microphone hears what espeak has said."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from support.browser import Browsers, Browsing
from support.media import wave_file
from support.pages import LOOKS, PHONE, SHIFTS, barriers, loudness, overflow, settle
from support.server import Server
from support.talking import RATE, spoken

HEARD = """const { start } = AudioBufferSourceNode.prototype;
window.peaks = [];
window.stops = 0;
AudioBufferSourceNode.prototype.start = function (...given) {
  peaks.push(this.buffer.getChannelData(0).reduce((most, one) => Math.max(most, Math.abs(one)), 0));
  return start.apply(this, given);
};
const { stop } = AudioBufferSourceNode.prototype;
AudioBufferSourceNode.prototype.stop = function (...given) { stops += 1; return stop.apply(this, given); };
"""
"""How loud each sound was that the page has played, and how many it broke off."""
SOCKETS = """window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) { super(...given); sockets.push(this); }
  send(data) { super.send(window.forgotten ? data.replace(/"resume":"[^"]+"/, '"resume":"nobody"') : data); }
};"""
"""Holds the page's connections; `forgotten`: the server does not know the one that broke."""
LATE = """window.events = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({ data }) => typeof data === "string" && events.push(JSON.parse(data)));
  }
  set onopen(act) { super.onopen = () => setTimeout(act, 3000); }
};"""
"""Connections that are slow to begin; `events`: what has come."""
DEAF = """window.sockets = [];
window.WebSocket = class extends EventTarget {
  readyState = 0;
  static OPEN = 1;
  constructor() { super(); sockets.push(this); }
  close() { this.readyState = 3; }
  send(data) { if (typeof data === "string") sent.push(JSON.parse(data)); }
};
window.sent = [];
window.tell = (message) => sockets.at(-1).onmessage({ data: JSON.stringify(message) });"""
"""Connections on which nothing comes but what the test tells the page; `sent`: what it says."""
READY = {"type": "ready", "session": "s", "conversation_id": "c", "resumed": False, "n": 1}
ASKED = """const { getUserMedia } = MediaDevices.prototype;
MediaDevices.prototype.getUserMedia = function (asked) {
  window.asked = asked;
  return getUserMedia.call(this, asked);
};"""
"""What the microphone is asked for."""
REFUSED = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', window.refusal))"


@pytest.fixture(scope="module")
def chromium(browsers: Browsers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone hears a question, and then nothing for a while, over and over."""
    sound = np.concatenate((spoken("What can you do?"), np.zeros(20 * RATE)))
    clip = wave_file(tmp_path_factory.mktemp("spoken") / "clip.wav", sound[None].astype(np.float32), RATE)
    with browsers.open(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={clip}",
        "--autoplay-policy=no-user-gesture-required",
    ) as browser:
        yield browser


@pytest.fixture(scope="module")
def server(shared_server: Server) -> Server:
    return shared_server


def opened(visit: Browsing, server: Server, scripts: str = "", **options: object) -> Page:
    page = visit.open(**{"locale": "en-GB", **options})
    page.add_init_script(HEARD + SHIFTS + ";" + scripts)
    page.goto(f"{server.url}/app/talk")
    return page


def say(page: Page, words: str) -> Locator:
    """Type them. Returns the turn, once it is answered."""
    page.get_by_label("Or type it").fill(words)
    page.keyboard.press("Enter")
    turn = page.locator("[data-captions] .turn", has_text=words).first
    expect(turn.locator(".waterfall")).to_be_visible()
    return turn


def test_what_is_said_is_captioned_and_answered_aloud(visit: Browsing, server: Server) -> None:
    page = opened(visit, server)
    page.get_by_role("button", name="Start talking").click()
    turn = page.locator("[data-captions] .turn", has_text="what can you do")
    expect(turn.locator(".turn-reply")).to_have_text(re.compile("I can make songs"))
    expect(turn.locator(".waterfall rect")).to_have_count(5)
    page.wait_for_function("() => peaks.length > 0")
    assert page.evaluate("Math.max(...peaks)") > 0.05
    page.get_by_role("button", name="Stop").click()
    place = turn.get_attribute("id")
    page.reload()
    earlier = page.locator(f".talk-earlier #{place}")
    expect(earlier.locator(".turn-you")).to_have_text(re.compile("what can you do"))
    assert loudness(page, str(earlier.get_by_label("Hear what you said").get_attribute("data-source"))) > 0.001
    earlier.get_by_role("button", name="Delete this turn").click()
    expect(page.locator(f"#{place}")).to_have_count(0)


def test_the_browser_is_asked_to_leave_out_its_own_sound(visit: Browsing, server: Server) -> None:
    page = opened(visit, server, ASKED + DEAF)
    page.get_by_role("button", name="Start talking").click()
    page.wait_for_function("() => window.asked")
    assert page.evaluate("asked.audio.echoCancellation") is True


def test_typed_words_are_answered_too_and_two_never_sound_at_once(visit: Browsing, server: Server) -> None:
    page = opened(visit, server)
    turn = say(page, "what can you do")
    expect(turn.locator(".turn-reply")).to_have_text(re.compile("I can make songs"))
    page.wait_for_function("() => peaks.length > 0")
    turn.get_by_role("button", name="Hear the answer").click()
    page.wait_for_function("() => stops > 0")
    page.wait_for_function("() => !document.getElementById('audio').paused")
    say(page, "what time is it")
    page.wait_for_function("() => document.getElementById('audio').paused")


def test_speaking_stops_the_answer(visit: Browsing, server: Server) -> None:
    page = opened(visit, server)
    turn = say(page, "what can you do")
    page.get_by_role("button", name="Start talking").click()
    expect(turn.locator(".turn-heard")).to_be_visible()
    page.wait_for_function("() => stops > 0")


def test_it_listens_while_the_button_is_held(visit: Browsing, server: Server) -> None:
    page = opened(visit, server)
    page.get_by_label("Hands-free").uncheck()
    button = page.get_by_role("button", name="Hold to talk")
    button.hover()
    page.mouse.down()
    expect(button).to_have_attribute("aria-pressed", "true")
    words = page.locator("[data-captions] .turn-you")
    expect(words.first).to_have_text(re.compile(r"\w"))
    page.mouse.up()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-captions] .turn-reply").first).to_have_text(re.compile(r"\w"))
    expect(page.locator("[data-captions] [aria-busy]")).to_have_count(0)
    button.focus()
    page.keyboard.down(" ")
    expect(page.locator("talk-box")).to_have_attribute("data-state", "hearing")
    page.keyboard.up(" ")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator("talk-box:not([data-state=hearing], [data-state=thinking])")).to_be_visible()


def test_a_connection_that_breaks_is_taken_up(visit: Browsing, server: Server) -> None:
    page = opened(visit, server, scripts=SOCKETS)
    say(page, "what time is it")
    page.evaluate("sockets[0].close()")
    page.wait_for_function("() => sockets.length >= 2")
    assert say(page, "what can you do").get_attribute("data-turn") == "2"
    page.evaluate("forgotten = true; sockets[1].close()")  # and where it is over by then, another one is begun
    page.wait_for_function("() => sockets.length >= 4")
    say(page, "louder")
    expect(page.locator("[data-captions] .turn")).to_have_count(3)


def test_without_sockets_the_form_is_answered(visit: Browsing, server: Server) -> None:
    page = opened(visit, server, scripts="delete window.WebSocket")
    expect(page.get_by_role("button", name="Start talking")).to_be_hidden()
    page.get_by_label("Or type it").fill("what can you do")
    page.keyboard.press("Enter")
    expect(page.locator(".talk-earlier .turn-you").first).to_have_text(re.compile("what can you do"))


def test_without_scripts_a_form_is_answered(visit: Browsing, server: Server) -> None:
    page = visit.open(locale="ko-KR", java_script_enabled=False)
    page.goto(f"{server.url}/app/talk")
    page.get_by_label("글로 써도 돼요").fill("뭐 할 수 있어")
    page.get_by_role("button", name="보내기").click()
    expect(page.locator(".turn .turn-you").first).to_have_text(re.compile("뭐 할 수 있어"))
    expect(page.locator(".turn audio").first).to_be_visible()


def test_without_a_microphone_it_says_so(visit: Browsing, server: Server) -> None:
    page = opened(visit, server, scripts=REFUSED)
    for name, words in (
        ("NotFoundError", "There is no microphone"),
        ("NotAllowedError", "Allow it in the browser"),
        ("NotReadableError", "another program holds it"),
    ):
        page.evaluate("(name) => { refusal = name; }", name)
        page.get_by_role("button", name="Start talking").click()
        expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()
        expect(page.get_by_role("button", name="Start talking")).to_be_visible()


def test_what_is_said_before_there_is_a_connection_is_heard(visit: Browsing, server: Server) -> None:
    page = opened(visit, server, scripts=LATE)
    page.get_by_role("button", name="Start talking").click()
    turn = page.locator("[data-captions] .turn").first
    expect(turn.locator(".turn-you")).to_have_text(re.compile("what can you do"))
    began = page.evaluate("events.find((one) => one.type === 'speech_started').at")
    assert began < 3, "and not when it was said once more"


def test_an_end_that_the_page_did_not_want_is_told(visit: Browsing, server: Server) -> None:
    page = opened(visit, server, scripts=DEAF)
    busy = {"type": "error", "code": "busy", "message": "Everybody is talking.", "message_ko": "모두 말하고 있어요."}
    for messages, code, words in (
        ([busy], 1013, "Everybody is talking."),
        ([READY, {"type": "bye", "reason": "idle"}], 1000, "Nobody spoke"),
        ([READY, {"type": "bye", "reason": "logged_out"}], 1008, "logged in or out"),
    ):
        before = page.evaluate("sockets.length")
        page.get_by_role("button", name="Start talking").click()
        page.wait_for_function("(before) => sockets.length > before", arg=before)
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        for message in messages:
            page.evaluate("tell", message)
        page.evaluate("(code) => sockets.at(-1).onclose({ code })", code)
        expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()
        expect(page.get_by_role("button", name="Start talking")).to_be_visible()


def test_one_window_talks_at_a_time_and_who_leaves_has_ended(visit: Browsing, server: Server) -> None:
    page = opened(visit, server, scripts=SOCKETS)
    say(page, "what time is it")
    other = page.context.new_page()
    other.add_init_script(SOCKETS)
    other.goto(f"{server.url}/app/talk")
    say(other, "what time is it")
    expect(page.get_by_role("status").filter(has_text="another window")).to_be_visible()
    page.wait_for_function("() => sockets[0].readyState === WebSocket.CLOSED")
    other.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    other.wait_for_function("() => sockets[0].readyState === WebSocket.CLOSED")


def test_it_tells_how_much_was_heard_and_shows_what_came_while_the_connection_was_broken(
    visit: Browsing, server: Server
) -> None:
    page = opened(visit, server, scripts=DEAF)
    page.get_by_label("Or type it").fill("what can you do")
    page.keyboard.press("Enter")
    page.wait_for_function("() => sockets.length > 0")
    page.evaluate("sockets[0].readyState = 1")
    page.evaluate("tell", READY)
    sentence = {"type": "audio", "turn": 1, "sentence": 0, "text": "Well.", "rate": 24_000, "samples": 4_800}
    for seconds in (0.2, 0.4):
        page.evaluate("tell", sentence)
        page.evaluate("sockets[0].onmessage({ data: new ArrayBuffer(9600) })")
        told = "(seconds) => sent.some((one) => one.type === 'played' && one.seconds > seconds - 0.001)"
        page.wait_for_function(told, arg=seconds)
        expect(page.locator("talk-box")).to_have_attribute("data-state", "ready")
    page.evaluate("tell", {"type": "final", "turn": 1, "text": "what can you do", "n": 2})
    page.evaluate("sockets[0].onclose({ code: 1006 })")
    page.wait_for_function("() => sockets.length === 2")
    page.evaluate("sockets[1].onopen()")
    assert page.evaluate("sent.at(-1).after") == 2
    page.evaluate("tell", {"type": "reply", "turn": 1, "delta": "Hello.", "n": 3})
    page.evaluate("tell", {**READY, "resumed": True, "n": 4})
    expect(page.locator("[data-captions] .turn-reply")).to_have_text("Hello.")


def test_what_was_said_before_stays_where_it_is_while_one_is_answered(visit: Browsing, server: Server) -> None:
    page = opened(visit, server, scripts=DEAF)
    page.get_by_role("button", name="Start talking").click()
    page.wait_for_function("() => sockets.length > 0")
    page.evaluate("tell", READY)
    for turn in (1, 2):
        page.evaluate("tell", {"type": "final", "turn": turn, "text": "what can you do", "n": turn + 1})
    turns = page.locator("[data-captions] .turn")
    before = turns.nth(1).bounding_box()
    for number, delta in enumerate(("I can make songs, ", "play them, say how far they are, ", "and measure them."), 4):
        page.evaluate("tell", {"type": "reply", "turn": 2, "delta": delta, "n": number})
    expect(turns.nth(0).locator(".turn-reply")).to_have_text(re.compile("measure"))
    assert turns.nth(1).bounding_box() == before


@pytest.mark.parametrize(("locale", "language", "scheme"), LOOKS)
def test_the_page_is_for_everybody(locale: str, language: str, scheme: str, visit: Browsing, server: Server) -> None:
    page = opened(visit, server, locale=locale, color_scheme=scheme, viewport=PHONE)
    expect(page.locator("html")).to_have_attribute("lang", language)
    settle(page)
    page.reload()  # now its letters have their font from the first picture on
    settle(page)
    assert page.evaluate("window.shifted ?? 0") < 0.001
    assert barriers(page) == []
    assert overflow(page) == 0

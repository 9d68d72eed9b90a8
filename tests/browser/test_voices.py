"""Scripts, actors and tokens in a browser: recording an attempt, hearing and reading what came of it, undoing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import requests
from playwright.sync_api import Browser, expect

from pansori.espeak import SOURCE_RATE, speak
from support.browser import Browsers, Browsing
from support.media import wave_file
from support.pages import LOOKS, PHONE, barriers, goes_on, is_focused, overflow
from support.server import Server
from support.waiting import eventually

WORDS = "산새도 운다"
STARTED = """const { start } = AudioBufferSourceNode.prototype;
window.started = [];
AudioBufferSourceNode.prototype.start = function (...given) { started.push(given); return start.apply(this, given); };
"""
"""What of which length is played, from where, in seconds."""
RESULT = re.compile(r"/app/attempts/[0-9a-f-]{36}$")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """espeak-ng says the words."""
    said = speak(WORDS, language="ko")
    path = tmp_path_factory.mktemp("spoken") / "clip.wav"
    return wave_file(path, said.samples[None].astype(np.float32), SOURCE_RATE)


@pytest.fixture(scope="module")
def chromium(browsers: Browsers, clip: Path) -> Iterator[Browser]:
    """A browser whose microphone hears the clip, over and over."""
    with browsers.open(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={clip}",
    ) as browser:
        yield browser


@pytest.fixture(scope="module")
def server(shared_server: Server) -> Server:
    return shared_server


def make(server: Server, path: str, **fields: Any) -> dict[str, Any]:
    answer = server.post(path, json=fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture(scope="module")
def token(server: Server, clip: Path) -> str:
    """One that can be imitated."""
    token_id = f"t-{uuid4().hex[:8]}"
    make(server, "/tokens", id=token_id, text=WORDS, language="ko")
    file = {"file": ("clip.wav", clip.read_bytes())}
    assert requests.put(f"{server.url}/tokens/{token_id}/reference", files=file, timeout=60).status_code == 200
    return token_id


@pytest.fixture(scope="module")
def attempt(server: Server, token: str, clip: Path) -> str:
    """A finished one: the clip itself."""
    sent = requests.post(
        f"{server.url}/tokens/{token}/upload-audio", files={"file": ("me.wav", clip.read_bytes())}, timeout=60
    )
    job: str = sent.json()["job_id"]
    eventually(lambda: server.get(f"/tokens/analysis-result/{job}").json()["status"] == "completed", timeout=120)
    return job


def test_an_attempt_is_recorded_watched_and_explained(visit: Browsing, server: Server, token: str) -> None:
    page = visit.open(locale="ko-KR")
    page.goto(f"{server.url}/app/tokens/{token}")
    mine = page.locator("section", has=page.get_by_role("heading", name="따라 하기")).last
    mine.get_by_role("button", name="녹음하기").click()
    expect(mine.locator(".sender-clock time")).to_have_text(re.compile(r"0:0[2-9]|0:[1-5]\d|[1-9]:\d\d"))
    mine.get_by_role("button", name="멈추기").click()
    send = mine.get_by_role("button", name="비교하기").first
    expect(send).to_be_visible()
    mine.get_by_role("button", name="들어 보기").click()
    send.click()
    expect(page).to_have_url(RESULT)
    expect(page.get_by_role("heading", name="얼마나 비슷한가요")).to_be_visible()
    for part in ("말", "빠르기", "음높이", "세기"):
        expect(page.get_by_role("heading", name=part, exact=True)).to_be_visible()
    assert 0 <= int(page.locator(".verdict-score b").inner_text()) <= 100
    expect(page.locator(".imitation-part svg.plot")).to_have_count(4)
    page.get_by_role("link", name="다시 해 보기").click()
    expect(page.locator(".tries li").first).to_be_visible()


def test_both_clips_are_heard(visit: Browsing, server: Server, attempt: str) -> None:
    page = visit.open(locale="en-GB")
    page.add_init_script(STARTED)
    page.goto(f"{server.url}/app/attempts/{attempt}")
    expect(page.locator(".verdict-score b")).to_have_text("100")
    page.evaluate("document.getElementById('audio').loop = true")
    for name in ("Play the reference", "Play yours"):
        page.get_by_role("button", name=name).click()
        goes_on(page)
    word = page.get_by_role("row", name=re.compile("산새도"))
    expect(word).to_contain_text("100")
    for count, clip in enumerate(("Reference", "Yours"), 1):
        word.get_by_role("button", name=f"Play “산새도”: {clip}").click()
        page.wait_for_function("(count) => started.length === count", arg=count)
    assert page.evaluate("started[0]") == page.evaluate("started[1]"), "the same clip"
    at, length = page.evaluate("started[0].slice(1)")
    assert 0 <= at < 0.3 < length < 1, "the first of two words"
    assert page.evaluate("document.getElementById('audio').paused"), "one thing at a time"


def test_what_was_deleted_can_be_taken_back(visit: Browsing, server: Server) -> None:
    title = f"Undone {uuid4().hex[:8]}"
    script = make(server, "/scripts", title=title, lines=[{"text": "One"}])["id"]
    page = visit.open(locale="en-GB")
    page.goto(f"{server.url}/app/scripts?q={title}")
    row = page.get_by_role("link", name=title)
    page.get_by_role("button", name=f"Delete {title}").click()
    expect(row).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    delete = page.get_by_role("button", name=f"Delete {title}")
    delete.focus()
    page.keyboard.press("Enter")
    expect(row).to_be_hidden()
    assert is_focused(page.get_by_role("button", name="Undo"))
    page.get_by_role("link", name="Actors").click()
    expect(page.get_by_role("heading", name="Actors", level=1)).to_be_visible()
    assert server.get(f"/scripts/{script}").status_code == 200, "there is still time"
    page.goto("about:blank")
    eventually(lambda: server.get(f"/scripts/{script}").status_code == 404)


def test_the_built_in_voice_says_it(visit: Browsing, server: Server) -> None:
    token_id = f"t-{uuid4().hex[:8]}"
    make(server, "/tokens", id=token_id, text="Good morning", language="en-GB")
    page = visit.open(locale="en-GB")
    page.goto(f"{server.url}/app/tokens/{token_id}")
    page.get_by_role("button", name="Let the built-in voice say it").click()
    expect(page.get_by_text("The reference clip is kept.")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.clip-wave').width > 300")  # drawn
    reference = server.get(f"/tokens/{token_id}").json()["reference"]
    assert reference["media_type"] == "audio/flac"
    assert 0.4 < reference["duration"] < 3


@pytest.mark.parametrize(("locale", "language", "scheme"), LOOKS)
def test_nothing_keeps_anybody_from_using_them(
    visit: Browsing, server: Server, token: str, attempt: str, locale: str, language: str, scheme: Any
) -> None:
    lines = [{"text": "아주 긴 대사 " * 40, "role": "하니"}]
    script = make(server, "/scripts", title="긴 제목 " * 20, language="ko", lines=lines)["id"]
    make(server, "/actors", name="Elisabeth " * 10, voice={"kind": "female", "age": 40, "accent": "Glasgow"})
    paths = (f"tokens/{token}", f"attempts/{attempt}", "tokens", f"scripts/{script}", "actors", f"tokens/{token}/edit")
    size = {"viewport": PHONE} if language == "ko" else {}
    page = visit.open(locale=locale, color_scheme=scheme, **size)
    for path in paths:
        page.goto(f"{server.url}/app/{path}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("h1")).to_be_visible()
        assert barriers(page) == [], path
        assert overflow(page) <= 0, path

"""Photographs of every page, light and dark, on a phone and on a desk: `pictures.py FOLDER`, or `make pictures`.

The songs are real: the house band plays them, which takes a minute. What only a server with accounts has is
photographed on one.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import requests
from playwright.sync_api import Browser, Page

from pansori.espeak import SOURCE_RATE, speak
from support.browser import Browsers
from support.guests import SignedIn
from support.media import wave_file
from support.members import serving_accounts
from support.pages import PHONE
from support.server import Server, running
from support.talking import spoken, talking
from support.texttune import ask, finish, state
from support.waiting import eventually

SETTINGS = {"PANSORI_COMPOSE_ENGINE": "house_band", "PANSORI_WRITE_ENGINE": "songsmith", "MAX_DURATION_SECONDS": "60"}
DESK = {"width": 1280, "height": 800}
VIEWS: dict[str, dict[str, Any]] = {
    "desk-light": {"viewport": DESK, "color_scheme": "light", "locale": "ko-KR"},
    "desk-dark": {"viewport": DESK, "color_scheme": "dark", "locale": "en-GB"},
    "phone-light": {"viewport": PHONE, "color_scheme": "light", "locale": "en-GB", "device_scale_factor": 2},
    "phone-dark": {"viewport": PHONE, "color_scheme": "dark", "locale": "ko-KR", "device_scale_factor": 2},
}
SONGS: tuple[dict[str, Any], ...] = (
    {"prompt": "공부할 때 듣는 잔잔한 로파이 연주곡", "duration": 20, "seed": 3},
    {"prompt": "An easy country song about the road home, male voice", "duration": 30, "seed": 5},
    {
        "prompt": "여름 바다로 떠나는 신나는 K-POP 댄스, 여성 보컬",
        "lyrics": "[verse]\n여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께\n"
        "[chorus]\n파도야 춤춰라 하늘 끝까지\n오늘은 우리의 날이야",
        "title": "여름이 왔네",
        "duration": 40,
        "seed": 7,
    },
)
LONG: dict[str, Any] = {"prompt": "바람 부는 언덕에서 부르는 느린 포크, 여성 보컬", "duration": 60, "seed": 9}
EMAIL = "singer@example.org"
SHOWN: tuple[tuple[str, str], ...] = (
    ("landing", "/"),
    ("library", "/app/library"),
    ("templates", "/app/templates"),
    ("template", "/app/templates/new"),
    ("engines", "/app/engines"),
    ("licences", "/app/licences"),
    ("nothing", "/app/nowhere"),
    ("no-login", "/app/sign-in"),
)
VOICES: tuple[tuple[str, str], ...] = (
    ("tokens", "/app/tokens"),
    ("token", "/app/tokens/sansae"),
    ("token-edit", "/app/tokens/sansae/edit"),
    ("scripts", "/app/scripts"),
    ("actors", "/app/actors"),
)
AT_WORK: tuple[tuple[str, str], ...] = (("queue", "/app/queue"), ("making", "/app/library"))
FOR_NOBODY: tuple[tuple[str, str], ...] = (
    ("sign-in", "/app/sign-in"),
    ("sign-up", "/app/sign-up"),
    ("empty", "/app/library"),
    ("over", "/app/verify?token=x"),
)
SAID = (("지금 몇 시야?", "ko"), ("What can you do?", "en-us"), ("비에 대한 슬픈 노래 만들어줘", "ko"))
TYPED = {"ko-KR": "뭐 할 수 있어?", "en-GB": "What can you do?"}
WORDS = {
    "ko-KR": "비 오는 밤의 느린 피아노 발라드, 여성 보컬로 노래해 줘",
    "en-GB": "A slow piano ballad about rain at night, sung by a woman",
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        tempfile.TemporaryDirectory() as accounts,
        running(Path(data), SETTINGS) as server,
        serving_accounts(Path(accounts)) as house,
        closing(Browsers()) as browsers,
        browsers.open() as browser,
    ):
        track = [made(server, song) for song in SONGS][-1]
        attempt = imitated(server, Path(data))
        talk_with(server)
        member = SignedIn(house, EMAIL)
        for view, options in VIEWS.items():
            for name, page in chain(
                visits(browser, server, track, options),
                voices(browser, server, attempt, options),
                talks(browser, server, options),
                at_work(browser, server, options),
                with_accounts(browser, member, options),
            ):
                page.screenshot(path=folder / f"{name}-{view}.png")
                print(folder / f"{name}-{view}.png")


def made(server: Server, song: dict[str, Any]) -> str:
    """The track that becomes of it."""
    job = ask(server, **song)["id"]
    track = eventually(lambda: state(server, job)["track_id"], timeout=600, every=0.5)
    return str(track)


def shown(page: Page, server: Server, pages: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Page]]:
    for name, path in pages:
        page.goto(server.url + path)
        page.wait_for_function("() => document.fonts.status === 'loaded'")
        yield name, page


def visits(browser: Browser, server: Server, track: str, options: dict[str, Any]) -> Iterator[tuple[str, Page]]:
    """Every page as somebody would see it who uses it."""
    context = browser.new_context(**options)
    page = context.new_page()
    yield from shown(page, server, SHOWN)
    page.goto(f"{server.url}/app/make")
    page.locator("[name=prompt]").fill(WORDS[options["locale"]])
    page.locator("#plan-bars li").first.wait_for()
    yield "make", page
    page.goto(f"{server.url}/app/tracks/{track}")
    page.locator(".wave-hero canvas").first.wait_for(state="attached")
    page.locator(".line").nth(2).click()
    page.locator(".line.now .sung").nth(2).wait_for()
    page.evaluate("document.getElementById('audio').pause()")
    page.evaluate("scrollTo(0, 0)")
    yield "track", page
    page.goto(f"{server.url}/app/tracks/{track}")
    page.locator('form[action$="/analyse"] button').click()
    page.locator("analysis-view[data-ready]").wait_for()
    page.locator(".bands button").nth(1).click()
    page.locator(".chord-strip .now").wait_for()
    page.evaluate("document.getElementById('audio').pause()")
    page.evaluate("scrollTo(0, 0)")
    yield "analysis", page
    page.locator("#music-key").scroll_into_view_if_needed()
    yield "analysis-answers", page
    yield from shown(page, server, (("analyse", "/app/analyse"),))
    page.goto(server.post(f"/v1/tracks/{track}/share", json={}).json()["url"])
    page.locator(".wave-hero canvas").first.wait_for(state="attached")
    yield "shared", page
    context.close()


def imitated(server: Server, folder: Path) -> str:
    """A token whose clip espeak-ng says, and another of its voices the attempt. Returns the attempt."""
    text, clip = "산새도 오리나무 위에서 운다", folder / "clip.wav"
    actor = server.post("/actors", json={"name": "소월", "language": "ko", "voice": {"kind": "male", "age": 30}}).json()
    lines = [{"text": text, "role": "하니", "actor_id": actor["id"]}, {"text": "산새는 왜 우노, 시메산골"}]
    script = server.post("/scripts", json={"title": "산", "language": "ko", "lines": lines}).json()
    server.post("/tokens", json={"id": "sansae", "script_id": script["id"], "last_line": 0, "actor_id": actor["id"]})

    def said(**how: Any) -> dict[str, bytes]:
        sound = speak(text, language="ko", **how).samples[None].astype(np.float32)
        return {"file": wave_file(clip, sound, SOURCE_RATE).read_bytes()}

    requests.put(f"{server.url}/tokens/sansae/reference", files=said(), timeout=60).raise_for_status()
    sent = requests.post(f"{server.url}/tokens/sansae/upload-audio", files=said(variant="f2", rate=0.85), timeout=60)
    job = str(sent.json()["job_id"])
    eventually(lambda: server.get(f"/tokens/analysis-result/{job}").json()["status"] == "completed", timeout=600)
    return job


def voices(browser: Browser, server: Server, attempt: str, options: dict[str, Any]) -> Iterator[tuple[str, Page]]:
    """Scripts, actors, tokens and an attempt."""
    context = browser.new_context(**options)
    yield from shown(context.new_page(), server, (*VOICES, ("attempt", f"/app/attempts/{attempt}")))
    context.close()


def talk_with(server: Server) -> None:
    """A conversation, in which the last question is about a song; that one is called off."""
    with talking(server.url) as talker:
        talker.start()
        for words, language in SAID:
            talker.say(spoken(words, language))
            turn = talker.until("done")["turn"]
            talker.tell("played", turn=turn, seconds=3600)  # all of it, so that the next one interrupts nothing
        for action in talker.of("action"):
            server.post(f"/v1/generations/{action['facts']['job_id']}/cancel")


def talks(browser: Browser, server: Server, options: dict[str, Any]) -> Iterator[tuple[str, Page]]:
    """What was said before, and a conversation that goes on."""
    context = browser.new_context(**options)
    page = context.new_page()
    yield from shown(page, server, (("talk", "/app/talk"),))
    page.locator("[name=text]").fill(TYPED[options["locale"]])
    page.keyboard.press("Enter")
    page.locator("[data-captions] .waterfall").first.wait_for()
    yield "talking", page
    context.close()


def at_work(browser: Browser, server: Server, options: dict[str, Any]) -> Iterator[tuple[str, Page]]:
    """What shows a song being made and another one that waits; afterwards nobody makes them."""
    context = browser.new_context(**options)
    page = context.new_page()
    asked = [ask(server, **LONG)["id"] for _ in range(2)]  # there is one worker
    eventually(lambda: state(server, asked[0])["progress"] > 0.2, timeout=600, every=0.05)
    with server.held():
        yield from shown(page, server, (("job", f"/app/jobs/{asked[0]}"), *AT_WORK))
    for job in asked:
        server.post(f"/v1/generations/{job}/cancel")
        finish(server, job)
    context.close()


def with_accounts(browser: Browser, member: SignedIn, options: dict[str, Any]) -> Iterator[tuple[str, Page]]:
    nobody = browser.new_context(**options)
    yield from shown(nobody.new_page(), member.server, FOR_NOBODY)
    nobody.close()
    somebody = browser.new_context(**options, storage_state=member.storage)
    yield from shown(somebody.new_page(), member.server, (("account", "/app/account"),))
    somebody.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

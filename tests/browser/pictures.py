"""Photographs of every page, light and dark, on a phone and on a desk: `pictures.py FOLDER`, or `make pictures`.

The songs are real: the house band plays them, which takes a minute.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Browser, Page

from support.browser import running_browser
from support.pages import PHONE
from support.server import Server, running
from support.texttune import ask, state
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
WORDS = {
    "ko-KR": "비 오는 밤의 느린 피아노 발라드, 여성 보컬로 노래해 줘",
    "en-GB": "A slow piano ballad about rain at night, sung by a woman",
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, running(Path(data), SETTINGS) as server, running_browser() as browser:
        track = [made(server, song) for song in SONGS][-1]
        for view, options in VIEWS.items():
            for name, page in visits(browser, server, track, options):
                page.screenshot(path=folder / f"{name}-{view}.png")
                print(folder / f"{name}-{view}.png")


def made(server: Server, song: dict[str, Any]) -> str:
    """The track that becomes of it."""
    job = ask(server, **song)["id"]
    track = eventually(lambda: state(server, job)["track_id"], timeout=600, every=0.5)
    return str(track)


def visits(browser: Browser, server: Server, track: str, options: dict[str, Any]) -> Iterator[tuple[str, Page]]:
    """Every page as somebody would see it who uses it."""
    context = browser.new_context(**options)
    page = context.new_page()
    for name, path in (
        ("landing", "/"),
        ("library", "/app/library"),
        ("templates", "/app/templates"),
        ("engines", "/app/engines"),
        ("queue", "/app/queue"),
        ("account", "/app/account"),
        ("sign-in", "/app/sign-in"),
        ("nothing", "/app/nowhere"),
    ):
        page.goto(server.url + path)
        page.wait_for_function("() => document.fonts.status === 'loaded'")
        yield name, page
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
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

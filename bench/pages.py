"""Pages in a real Chromium that has seen none of them before: their weight, the time until they can be used, and what
moves on them meanwhile.

A page can be used when it is painted, its scripts have run, and the browser has nothing left to do for it: the first
idle moment after them, or the end of the last long task. Then a button is pressed, which scripts have to obey. Weights
are of bodies as they are sent, compressed. The peer, in the same run and browser, is a line of plain text from the
same web server without a product in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser

from bench.report import Figure, at_most, beside, median
from bench.servers import Server, bare_server, serving
from support.browser import Browsers, find_chromium
from support.pages import PHONE
from support.shelf import Shelf

ROUNDS = 5
SETTLE_MS = 500  #: in which what comes late may still move something
TRACKS = 200  #: of the library that is shown: more than its first page
WEIGHT_KB, READY_MS = 150.0, 1000.0
SHIFT = 0.001  #: of the window, moved by its whole length; less is nothing to the eye
SONG = {"prompt": "밤바다에 관한 노래, 피아노와 여성 보컬", "duration": 12}
WATCH = """(() => {
  const seen = (window.seen = { idle: 0, busy: 0, shift: 0 });
  const watch = (type, note) => {
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  };
  watch("longtask", (task) => (seen.busy = Math.max(seen.busy, task.startTime + task.duration)));
  watch("layout-shift", (shift) => (seen.shift += shift.hadRecentInput ? 0 : shift.value));
  addEventListener("DOMContentLoaded", () => requestIdleCallback(() => (seen.idle = performance.now())));
})()"""
THEME = (".themes summary", ".themes [value=dark]")
#: By a script, that is: without one the button is obeyed as well, by another page.
OBEYED = "(began) => performance.timeOrigin === began && document.documentElement.dataset.theme === 'dark'"
MEASURED = """() => {
  const painted = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const [page] = performance.getEntriesByType("navigation");
  const files = performance.getEntriesByType("resource").map((file) => [new URL(file.name).pathname, file]);
  const weight = (ending) =>
    files.reduce((sum, [path, file]) => sum + (ending.test(path) ? file.encodedBodySize : 0), 0);
  return {
    ready: Math.max(painted, window.seen.idle, window.seen.busy),
    code: page.encodedBodySize + weight(/[.](css|js)$/),
    fonts: weight(/[.]woff2$/),
    shift: window.seen.shift,
  };
}"""


@dataclass(frozen=True)
class Visit:
    """`ready`: milliseconds since the navigation began. `code`: bytes of HTML, CSS and JavaScript. `shift`: summed
    layout shift (Layout Instability API)."""

    ready: float
    code: int
    fonts: int
    shift: float


def run() -> list[Figure]:
    if find_chromium() is None:
        raise SystemExit("Chromium is not installed. On Debian: apt-get install chromium")
    with closing(Browsers()) as browsers, browsers.open() as browser:
        with bare_server() as server:
            bare = median([look(browser, server.url).ready for _ in range(ROUNDS)])
        with serving(PANSORI_COMPOSE_ENGINE="house_band", PANSORI_WORKERS="1") as server:
            track = make_song(server)
            fill_library(server)
            analysis = analyse(server, track)
            pages = {
                "landing": "/",
                "make": "/app/make",
                "track": f"/app/tracks/{track}",
                "library": "/app/library",
                "analyse": "/app/analyse",
                "an analysis": f"/app/analyses/{analysis}",
            }
            visits = {name: visited(browser, server.url + path) for name, path in pages.items()}
    figures = [Figure("plain text, ready, median", bare, "ms")]
    for name, seen in visits.items():
        figures += figures_of(name, seen, bare)
    return figures


def figures_of(name: str, seen: Sequence[Visit], bare: float) -> list[Figure]:
    ready = at_most(f"{name}, ready, median", median([visit.ready for visit in seen[:ROUNDS]]), "ms", READY_MS)
    return [
        at_most(f"{name}, HTML, CSS and JavaScript", max(visit.code for visit in seen) / 1e3, "kB", WEIGHT_KB),
        Figure(f"{name}, fonts", max(visit.fonts for visit in seen) / 1e3, "kB"),
        beside(ready, "plain text", bare),
        at_most(f"{name}, layout shift, desktop and phone", max(visit.shift for visit in seen), "", SHIFT),
    ]


def visited(browser: Browser, url: str) -> list[Visit]:
    """As on a desk, some times; then once as on a phone."""
    desk = [look(browser, url, pressed=THEME) for _ in range(ROUNDS)]
    return [*desk, look(browser, url, pressed=THEME, viewport=PHONE)]


def look(browser: Browser, url: str, *, pressed: Sequence[str] = (), **options: Any) -> Visit:
    """One visit by a browser that keeps nothing of the one before. `pressed`: what
    turns light to dark, one after the other."""
    context = browser.new_context(locale="ko-KR", **options)
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(url)
        page.wait_for_function("() => window.seen.idle > 0")
        page.wait_for_timeout(SETTLE_MS)
        visit = Visit(**page.evaluate(MEASURED))
        if pressed:
            began = page.evaluate("performance.timeOrigin")
            for one in pressed:
                page.locator(one).click()
            page.wait_for_function(OBEYED, arg=began)
        return visit
    finally:
        context.close()


def make_song(server: Server) -> str:
    """The track of a finished song."""
    with httpx.Client(base_url=server.url, timeout=120) as client:
        begun = client.post("/v1/generations", json=SONG).raise_for_status().json()
        client.get(f"/v1/generations/{begun['id']}/events")  # the stream ends with the song
        track: str = client.get(f"/v1/generations/{begun['id']}").json()["track_id"]
    return track


def analyse(server: Server, track: str) -> str:
    """The finished analysis of its song."""
    with httpx.Client(base_url=server.url, timeout=120, follow_redirects=True) as client:
        sound = client.get(f"/v1/download/{track}").raise_for_status().content
        begun = client.post("/v1/analyses", files={"file": ("song.mp3", sound)}).raise_for_status().json()["id"]
        client.get(f"/v1/jobs/{begun}/events")  # the stream ends with the job
        assert client.get(f"/v1/jobs/{begun}").json()["state"] == "succeeded"
    return str(begun)


def fill_library(server: Server) -> None:
    folder = Path(server.settings["PANSORI_DATA_DIR"])
    shelf = Shelf(folder, f"sqlite+pysqlite:///{folder / 'pansori.db'}")
    shelf.fill([{"title": f"파도 소리 {number}", "prompt": SONG["prompt"]} for number in range(TRACKS)])
    shelf.database.close()

"""What tests ask of every page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from support.services import missing

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
DESK: Final[ViewportSize] = {"width": 1280, "height": 800}
LOOKS = (("ko-KR", "ko", "light"), ("en-GB", "en", "dark"))
"""Locale, language and colour scheme: each once, for what a page looks like has nothing to do with what it says."""
LOUD = """async (path) => {
  const context = new OfflineAudioContext(1, 1, 44100);
  const sound = await context.decodeAudioData(await (await fetch(path)).arrayBuffer());
  const samples = sound.getChannelData(0);
  return Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
}"""
ENDLESS = "document.addEventListener('play', (event) => { event.target.loop = true; }, true)"
"""Lets songs begin anew at their end: a busy machine may take longer for a test than a short song takes."""
FOUND = """async () => (await axe.run(document, {resultTypes: ["violations"], preload: false})).violations.map((one) =>
  `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`)"""


def barriers(page: Page) -> Sequence[str]:
    """What axe-core finds that would keep somebody from using the page as it is now."""
    if not AXE.exists():
        missing("axe-core (`npm ci`)")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: Sequence[str] = page.evaluate(FOUND)
    return found


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wider


def turn_into_phone(page: Page) -> None:
    """Make the window of a loaded page narrow. Fails unless what is drawn anew by that fits into it."""
    page.set_viewport_size(PHONE)
    fits = "(width) => innerWidth === width && document.documentElement.scrollWidth <= width"
    page.wait_for_function(fits, arg=PHONE["width"])


def loudness(page: Page, path: str) -> float:
    """The root mean square of what the browser decodes there; silence is 0."""
    level: float = page.evaluate(LOUD, path)
    return level


def heard(page: Page) -> float:
    """Seconds at which the player is."""
    seconds: float = page.evaluate("document.getElementById('audio').currentTime")
    return seconds


def goes_on(page: Page) -> None:
    """Fails unless the player goes on from where it is now."""
    moved = "(since) => Math.abs(document.getElementById('audio').currentTime - since) > 0.2"
    page.wait_for_function(moved, arg=heard(page))


def is_focused(locator: Locator) -> bool:
    focused: bool = locator.evaluate("(element) => element === document.activeElement")
    return focused


def visit_and_check(page: Page, address: str, **expected: Any) -> None:
    """Go there and expect a heading, a language, no barriers and no sideways scrolling."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    if "language" in expected:
        expect(page.locator("html")).to_have_attribute("lang", expected["language"])
    assert barriers(page) == []
    assert overflow(page) <= 0


# -- what moves while a page comes ------------

SHIFTS = """new PerformanceObserver((list) => list.getEntries().forEach((shift) => {
  window.shifted = (window.shifted ?? 0) + (shift.hadRecentInput ? 0 : shift.value);
})).observe({ type: "layout-shift", buffered: true })"""


@contextmanager
def late_fonts(page: Page) -> Iterator[None]:
    """No font comes before the block ends. The page has its cache again afterwards, of which routes deprive it."""
    waiting: list[Route] = []
    is_over = False

    def asked(route: Route) -> None:
        if is_over:
            route.continue_()
        else:
            waiting.append(route)

    page.route("**/*.woff2", asked)
    yield
    is_over = True
    assert waiting, "fonts were asked for"
    for route in waiting:
        route.continue_()
    page.evaluate("() => document.fonts.ready")
    page.unroute_all()


def settle(page: Page) -> None:
    page.evaluate("() => document.fonts.ready")
    idle(page)


def idle(page: Page) -> None:
    page.evaluate("() => new Promise((idle) => requestAnimationFrame(() => requestIdleCallback(idle)))")


# -- how much of it comes ------------

LIGHT = 150 * 1024  #: bytes of HTML, styles and scripts that a first view may take, compressed
WEIGHT = """() => performance.getEntriesByType("resource")
  .filter((file) => /[.](css|js)$/.test(new URL(file.name).pathname))
  .reduce((sum, file) => sum + file.encodedBodySize, performance.getEntriesByType("navigation")[0].encodedBodySize)"""


def weight(page: Page) -> int:
    """Bytes of what the page is made of."""
    loaded: int = page.evaluate(WEIGHT)
    return loaded


# -- what is dropped on it ------------

DROP = """([name, bytes]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(bytes)], name, {type: "audio/wav"}));
  for (const kind of ["dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: files, bubbles: true, cancelable: true}));
  }
}"""


def drop(page: Page, name: str, content: bytes) -> None:
    """A file, somewhere on the page."""
    page.evaluate(DROP, [name, list(content)])

"""A real Chromium, driven by Playwright, and pages that are watched for whatever goes wrong on them.

Playwright itself and not its pytest plugin: while Playwright's loop counts as running no other event loop runs on its
thread. Here it counts as running for one module of tests at a time, for others have loops of their own.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    expect,
    sync_playwright,
)

from support.services import missing

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The first is the same engine without the windows that nobody sees: a page takes a third less work."""
APPS = tuple(f"/Applications/{name}.app/Contents/MacOS/{name}" for name in ("Chromium", "Google Chrome"))
#: What Chromium is to do without: it takes the last list alone, so this has Playwright's too. Pop-ups of the address
#: bar are pages of the browser's own, made for each window; they took a quarter of the processor time of these tests.
UNWANTED = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,AimEnabled,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,"
    "PaintHolding,PreconnectToSearch,SpareRendererForSitePerProcess,ThirdPartyStoragePartitioning"
)
#: Beside what Playwright gives. Nothing but this machine is reached, by pages or by the browser itself. A context's
#: pages share one process: else the empty page that each begins as has one of its own, which ends where it leads on.
FLAGS = (
    "--disable-gpu",
    "--renderer-process-limit=1",
    "--disable-quic",
    f"--disable-features={UNWANTED}",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1",
)
PATIENCE = 90_000  #: ms for whatever a test waits for in a browser; a busy machine takes its time
expect.set_options(timeout=PATIENCE)
OURS = frozenset({"localhost", "127.0.0.1", "::1"})


def find_chromium() -> str | None:
    """Its path: the first on PATH, or where macOS keeps its apps."""
    for program in PROGRAMS:
        if (found := shutil.which(program)) is not None:
            return found
    return next((app for app in APPS if Path(app).exists()), None)


class Browsers:
    """Playwright, and a Chromium that is kept from one module of tests to the next: to start both takes more than a
    second of work. Contexts are what keeps tests apart."""

    def __init__(self) -> None:
        self._playwright = sync_playwright().start()
        self._loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        self._kept: Browser | None = None

    @contextmanager
    def open(self, *flags: str) -> Iterator[Browser]:
        """The one that is kept; or with `flags` more, such as `--autoplay-policy=no-user-gesture-required`, another
        that ends with the block."""
        asyncio._set_running_loop(self._loop)
        try:
            if flags:
                with self._launch(flags) as browser:
                    yield browser
            else:
                if self._kept is None or not self._kept.is_connected():
                    self._kept = self._launch()
                yield self._kept
        finally:
            asyncio._set_running_loop(None)

    def close(self) -> None:
        asyncio._set_running_loop(self._loop)
        if self._kept is not None:
            self._kept.close()
        self._playwright.stop()

    def _launch(self, flags: tuple[str, ...] = ()) -> Browser:
        program = find_chromium()
        if program is None:
            missing("Chromium")
        sandboxed = os.geteuid() != 0  # root cannot have its sandbox
        return self._playwright.chromium.launch(
            executable_path=program, args=[*FLAGS, *flags], chromium_sandbox=sandboxed, timeout=PATIENCE
        )


class Browsing:
    """What one test does in a browser. Each page has a context of its own: no cookies, nothing stored.

    `complaints`: errors on the consoles, exceptions that nobody caught, requests to other hosts.
    `tolerated`: regular expressions; a complaint in which one is found was meant.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.tolerated: list[str] = []

    def open(self, **options: Any) -> Page:
        """An empty page. `options`: those of Playwright's `new_context`: `locale`, `color_scheme`, `viewport` …"""
        context = self._browser.new_context(**options)
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("console", self._hear)
        context.on("weberror", self._catch)
        context.on("request", self._follow)
        return context.new_page()

    def close(self) -> None:
        while self._contexts:
            self._contexts.pop().close()

    @property
    def faults(self) -> list[str]:
        """Complaints that were not meant."""
        return [said for said in self.complaints if not any(re.search(known, said) for known in self.tolerated)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self.complaints.append(f"{message.type} on the console of {message.location['url']}: {message.text}")

    def _catch(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error}")

    def _follow(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.hostname is not None and address.hostname not in OURS:  # data: and blob: have none
            self.complaints.append(f"asked another host: {request.method} {request.url}")


@contextmanager
def browsing(browser: Browser) -> Iterator[Browsing]:
    """Fails at its end where something went wrong on a page."""
    visit = Browsing(browser)
    try:
        yield visit
        visit.close()
        assert not visit.faults, "\n".join(visit.faults)
    finally:
        visit.close()

"""Clients as the Memoria document has them, against the real server, which they call `localhost`.

One is a page in a real browser: `fetch`, `EventSource`, a download by navigation. The other is a program with
`requests` that asks for the state again and again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from playwright.sync_api import Page

from support import memoria_client
from support.command import clean_environment
from support.memoria import LYRICS, SONG
from support.server import Server

STATES = ("queued", "processing", "completed")
SHORTEST = 4.0  #: seconds that these lyrics take at least
AUDIBLE = 0.02  #: root mean square of a song, full scale being 1
#: Asks for a song and hears of it until it is completed, when the window goes to its download. `heard`: its states.
CLIENT = """async (song) => {
  const reply = await fetch("/generate-music-async/", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(song),
  });
  const job = await reply.json();
  const heard = [];
  const source = new EventSource("/events");
  window.client = { source, heard };
  source.addEventListener("job_update", (event) => {
    const mine = JSON.parse(event.data).jobs[job.job_id];
    if (mine) heard.push(mine.status);
    if (mine && mine.status === "completed") {
      window.location.href = `/music/download/${job.job_id}`;
      source.close();
    }
  });
  source.onerror = () => {
    console.error("the events broke off");
    source.close();
  };
  return { code: reply.status, ...job };
}"""


def check_states(seen: list[str]) -> None:
    assert seen[-1] == "completed"
    assert all(STATES.index(before) <= STATES.index(after) for before, after in pairwise(seen)), seen


def check_song(path: Path) -> None:
    """An MP3 with sound, as libsndfile decodes it."""
    assert soundfile.info(path).format == "MP3"
    samples, rate = soundfile.read(path, always_2d=True)
    assert len(samples) / rate > SHORTEST
    assert np.sqrt(np.mean(samples**2)) > AUDIBLE


def test_a_page_in_a_browser(shared_server: Server, page: Page) -> None:
    address = f"http://localhost:{shared_server.port}"
    song = {**SONG, "lyrics_txt": "\n".join([LYRICS] * 60)}  # takes long enough to be watched
    page.goto(f"{address}/docs")
    with page.expect_download(timeout=180_000) as download, shared_server.held():  # until the page listens
        job: dict[str, Any] = page.evaluate(CLIENT, song)
        page.wait_for_function("() => client.heard.length > 0")
    assert job.keys() == {"code", "job_id", "status"}
    assert (job["code"], job["status"]) == (200, "queued")
    assert download.value.suggested_filename == f"{job['job_id']}.mp3"
    assert download.value.failure() is None
    check_song(download.value.path())
    heard = page.evaluate("client.heard")
    check_states(heard)
    assert "processing" in heard
    assert page.evaluate("client.source.readyState === EventSource.CLOSED")
    assert page.url == f"{address}/docs"  # a download leaves the page where it is


def test_a_program_that_asks_again_and_again(shared_server: Server, tmp_path: Path) -> None:
    address = f"http://localhost:{shared_server.port}"
    ran = subprocess.run(
        [sys.executable, memoria_client.__file__, address, str(tmp_path)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    check_states(told["seen"])
    check_song(Path(told["file"]))

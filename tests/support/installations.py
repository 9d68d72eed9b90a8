"""Installations in this process: an application that listens on a free loopback port, with threads for workers."""

from __future__ import annotations

import io
import threading
import wave
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import requests
import uvicorn
from sqlalchemy import update

from pansori import jobs
from pansori.api import create_app
from pansori.api.voice import SOCKETS
from pansori.bootstrap import build
from pansori.db import Database
from pansori.db.tables import Step
from pansori.domain.jobs import JobView, StepState
from pansori.jobs import Twin
from pansori.settings import load
from pansori.workflows import Services
from support.recordings import Sound
from support.services import free_port
from support.tables import furnish
from support.waiting import eventually

RATE = 8_000


def sound(seconds: float = 0.5, hertz: float = 220.0) -> bytes:
    """A WAV file with a tone."""
    time = np.arange(round(seconds * RATE)) / RATE
    return wav(0.25 * np.sin(2 * np.pi * hertz * time))


def wav(samples: Sound) -> bytes:
    """A WAV file with samples between -1 and 1, shape [frames]."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes((32_000 * samples).astype("<i2").tobytes())
    return file.getvalue()


@dataclass(frozen=True)
class Installation:
    services: Services
    url: str
    streamed: dict[str, str] = field(default_factory=dict)
    """What streams have told, by job, for tests that share them."""
    state: Any = None
    """What the application knows of itself (`pansori.api.deps.Server`)."""

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=120, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return requests.post(self.url + path, timeout=120, **options)

    def upload(self, content: bytes, token: str = "1", name: str = "test_audio.wav", **options: Any) -> str:
        """The id of the job that analyses it."""
        answer = self.post(f"/tokens/{token}/upload-audio", files={"file": (name, content)}, **options)
        assert answer.status_code == 200, answer.text
        job_id: str = answer.json()["job_id"]
        return job_id

    def stream(self, job_id: str) -> str:
        """All that the stream tells, until it ends."""
        answer = self.get(f"/tokens/analysis-progress/{job_id}")
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        return answer.content.decode()

    def result(self, job_id: str, **options: Any) -> Any:
        return self.get(f"/tokens/analysis-result/{job_id}", **options).json()

    def finish(self, job_id: str) -> Any:
        eventually(lambda: self.result(job_id)["status"] != "processing")
        return self.result(job_id)

    def job(self, job_id: str) -> JobView:
        with self.services.database.read() as session:
            return jobs.get(session, UUID(job_id))

    def hurry_failed(self) -> None:
        """Let no step that failed wait before it is tried again."""
        with self.services.database.write() as session:
            moment = self.services.database.now(session)
            again = (Step.state == StepState.READY, Step.failures > 0, Step.parked.is_(False))
            session.execute(update(Step).where(*again).values(run_after=moment))
        self.services.kernel.wake()


@contextmanager
def installation(
    folder: Path, *, workers: int = 1, only: Collection[str] | None = None, **settings: Any
) -> Iterator[Installation]:
    """`settings` as of `Settings`. `workers`: threads; 0: whatever is asked for stays queued. `only`: the contracts."""
    port = free_port()
    loaded = load(**{"data_dir": folder, "port": port, "allow_loopback_urls": True, "workers": 0, **settings})
    database = Database(loaded.database)
    furnish(database)
    database.close()
    services = build(loaded)
    app = create_app(services, only)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off", **SOCKETS))
    thread = threading.Thread(target=server.run, name="server", daemon=True)
    thread.start()
    eventually(lambda: server.started)
    try:
        with Twin(services.kernel, workers):
            yield Installation(services, f"http://127.0.0.1:{port}", state=app.state.server)
    finally:
        services.kernel.feed.close()
        server.should_exit = True
        thread.join(60)
        services.close()

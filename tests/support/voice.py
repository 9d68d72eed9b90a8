"""The voice backend with its three servers, put together in each way that there is: the tests are the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import requests

from support.installations import Installation, installation
from support.waiting import eventually

ENGINES: Final = {"transcribe_engine": "debug", "reply_engine": "debug", "speak_engine": "debug"}
URLS: Final = {"atot": "atot_url", "ttot": "ttot_url", "tts": "tts_url"}
OF_ROLE: Final = {"atot": "transcribe_engine", "ttot": "reply_engine", "tts": "speak_engine"}
SETUPS: Final = {
    "one process": (),
    "three servers": ("atot", "ttot", "tts"),
    "mixed": ("ttot",),
    "sharing": ("atot", "ttot", "tts"),  # the same database and files
}
"""Which parts are servers of their own."""
numbers: Final = count(100)


@dataclass(frozen=True)
class Voice:
    """`url`: of the backend; `atot`, `ttot`, `tts`: where those are."""

    backend: Installation
    servers: dict[str, Installation]

    def url(self, role: str) -> str:
        return self.servers.get(role, self.backend).url

    def ask(self, method: str, path: str, role: str = "", **options: Any) -> requests.Response:
        return requests.request(method, self.url(role) + path, timeout=120, **options)

    def hear(self, content: bytes, user: int | None = None, **options: Any) -> Any:
        """Send a recording to the ATOT server."""
        fields = {} if user is None else {"user_id": str(user)}
        answer = self.ask("POST", "/run-model", "atot", files={"file": ("a.wav", content)}, data=fields, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tell(self, text: str, user: int | None = None, **options: Any) -> Any:
        """Send words to it."""
        answer = self.ask("POST", "/run-model", "atot", json={"text": text, "user_id": user}, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def call(self, method: str, path: str, user: int | None = None, **options: Any) -> Any:
        """What the backend answers."""
        params = {} if user is None else {"user_id": user}
        answer = self.ask(method, path, params=params, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def user(self, number: int, **options: Any) -> Any:
        return self.call("GET", f"/users/{number}", **options)


@contextmanager
def voice(folder: Path, setup: str, **settings: Any) -> Iterator[Voice]:
    """The backend and its servers, of which each is told of by its address alone."""
    with ExitStack() as stack:
        servers = {}
        for role in SETUPS[setup]:
            place = folder / ("backend" if setup == "sharing" else role)
            servers[role] = stack.enter_context(installation(place, workers=0, only=[role], **ENGINES, **settings))
        told = {URLS[role]: server.url for role, server in servers.items()}
        own = {name: engine for role, name in OF_ROLE.items() if role not in servers for engine in [ENGINES[name]]}
        backend = stack.enter_context(installation(folder / "backend", workers=0, **told, **own, **settings))
        yield Voice(backend, servers)


def finished(backend: Installation, job_id: str) -> Any:
    """The job, once it is over."""
    eventually(lambda: backend.get(f"/v1/jobs/{job_id}").json()["state"] not in ("queued", "running"))
    return backend.get(f"/v1/jobs/{job_id}").json()

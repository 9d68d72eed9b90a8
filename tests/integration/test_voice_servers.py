"""The voice backend and its servers as programs: started as documented, and killed at a bad moment."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from support.installations import sound
from support.origin import Exchange, Origin, serving
from support.server import Server
from support.waiting import eventually

HEARD = '{"user_id": 10, "input_wav": null, "atot_text": "안녕"}'.encode()
REPLY = '{"user_id": 10, "ttot_text": "네, 안녕하세요."}'.encode()
ALONE = {"PANSORI_WORKERS": "0"}


def never(exchange: Exchange) -> None:
    """Take the request, and say nothing until the test is over."""
    exchange.origin.ending.wait()


@pytest.fixture
def origin() -> Iterator[Origin]:
    """All three servers."""
    with serving() as made:
        made.routes["/run-model"] = lambda exchange: exchange.answer(200, HEARD, "application/json")
        made.routes["/generate"] = lambda exchange: exchange.answer(200, REPLY, "application/json")
        made.routes["/tts"] = lambda exchange: exchange.answer(200, sound(), "audio/wav")
        yield made


def test_what_was_obtained_is_there_when_the_backend_was_killed(origin: Origin, tmp_path: Path) -> None:
    """While it waited for the second server, and for the last. It goes on from there."""
    urls = {f"{name}_URL": origin.url for name in ("ATOT", "TTOT", "TTS")}
    server = Server(tmp_path, {**ALONE, **urls}, ("--only", "voice_backend"))
    try:
        _kill_waiting(server, origin, "/generate", "/run-full-pipeline")
        user = server.get("/users/10").json()
        assert (user["atot_text_list"], user["ttot_text_list"]) == (["안녕"], [None])
        assert server.get("/ttot").json()["ttot_text"] == "네, 안녕하세요."
        _kill_waiting(server, origin, "/tts", "/process-audio")
        user = server.get("/users/10").json()
        assert (user["atot_text_list"], user["ttot_text_list"]) == (["안녕"], ["네, 안녕하세요."])
        done = server.post("/process-audio").json()
        assert done["tts_success"], done
        assert done["output_wav_list"] == [done["output_wav"]]
        assert server.get(done["output_wav"]).content[:4] == b"RIFF"
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()
        server.forget()


def _kill_waiting(server: Server, origin: Origin, path: str, asked: str) -> None:
    """Kill the backend while `path` of another server does not answer, `asked` for that; and start it again."""
    well, origin.routes[path] = origin.routes[path], never
    if server.process is None:
        server.start(until_ready=False)
    asking = threading.Thread(target=_ask, args=(server.url + asked,))
    asking.start()
    eventually(lambda: any(one.path == path for one in origin.requests))
    server.kill_all()
    asking.join()
    origin.routes[path] = well
    server.start(until_ready=False)


def _ask(url: str) -> None:
    with contextlib.suppress(requests.ConnectionError):  # it is killed
        requests.post(url, timeout=120)

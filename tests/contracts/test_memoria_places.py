"""Who gets a place, who is told of what, and the pages: the rest of the Memoria Music API, over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from uuid import uuid4

import pytest
import requests

from support.memoria import LONG, SONG, UNKNOWN, ask_at_once, begin, finish, status
from support.server import Server
from support.sse import EventSource
from support.waiting import eventually

BUSY = "현재 다른 음악 생성 요청이 처리 중입니다. 잠시 후 다시 시도해주세요."


# -- places ------------


def test_one_who_waits_on_the_line_while_a_song_is_made_is_told_to_come_back(server: Server, free: None) -> None:
    song = begin(server, lyrics_txt=LONG)
    eventually(lambda: status(server, song)["status"] != "queued", every=0.002)
    answer = server.post("/generate-music-sync/", json=SONG)
    if status(server, song)["status"] == "processing":
        assert (answer.status_code, answer.json()) == (429, {"detail": BUSY})
        assert int(answer.headers["Retry-After"]) > 0
    finish(server, song)


def test_of_many_who_ask_at_once_one_has_the_place(server: Server, free: None) -> None:
    assert ask_at_once(server, 6) == [200, *[429] * 5]


def test_songs_that_only_wait_take_no_place(idle: Server) -> None:
    """429 means that a song is being made: with others queued one may wait on the line."""
    begin(idle)
    with waiting_on_the_line(idle) as song:
        assert status(idle, song)["status"] == "queued"
    eventually(lambda: status(idle, song)["status"] == "failed")  # before others count


def test_hanging_up_cancels_the_song_and_frees_its_place(idle: Server) -> None:
    with waiting_on_the_line(idle) as song:
        """And hangs up."""
    eventually(lambda: status(idle, song)["status"] == "failed")
    assert status(idle, song)["error"] == "cancelled"


@contextmanager
def waiting_on_the_line(server: Server) -> Iterator[str]:
    """The id of the song that somebody waits for while the block runs."""

    def songs() -> set[str]:
        return set(server.get("/jobs", params={"limit": 500}).json()["jobs"])

    before = songs()
    client = HTTPConnection("127.0.0.1", server.port)
    client.request("POST", "/generate-music-sync/", json.dumps(SONG), {"Content-Type": "application/json"})
    try:
        [song] = eventually(lambda: songs() - before)
        yield song
    finally:
        client.close()


def test_cancelling(idle: Server) -> None:
    song = begin(idle)
    answer = idle.delete(f"/job-status/{song}")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["error"]) == ("failed", "cancelled")
    assert answer.json()["completed_at"]
    assert idle.delete(f"/job-status/{song}").status_code == 200
    assert idle.delete(f"/job-status/{uuid4()}").json() == {"detail": UNKNOWN}
    download = idle.get(f"/music/download/{song}")
    assert (download.status_code, download.json()["detail"]) == (400, "다운로드할 수 없습니다. 현재 상태: failed")


def test_a_finished_song_is_not_cancelled(server: Server, finished: str) -> None:
    assert server.delete(f"/job-status/{finished}").status_code == 409
    assert status(server, finished)["status"] == "completed"


# -- events ------------


def test_a_snapshot_comes_at_once_and_after_every_change(server: Server, finished: str) -> None:
    with EventSource(f"{server.url}/events") as source:
        assert source.headers["Content-Type"].startswith("text/event-stream")
        first = source.next()
        assert first.type == "job_update"
        assert first.json.keys() == {"active_job", "jobs"}
        assert first.json["jobs"][finished] == status(server, finished)
        song = begin(server)
        numbers, states, actives = [int(first.last_event_id)], list[str](), list[str | None]()
        while not states or states[-1] != "completed":
            update = source.next()
            numbers.append(int(update.last_event_id))
            if song in update.json["jobs"]:
                states.append(update.json["jobs"][song]["status"])
                actives.append(update.json["active_job"])
    assert numbers == sorted(numbers)
    assert [state for state in ("queued", "processing", "completed") if state in states] == sorted(
        set(states), key=["queued", "processing", "completed"].index
    )
    for state, active in zip(states, actives, strict=True):
        if state == "processing":
            assert active == song


def test_many_streams_say_the_same(server: Server, finished: str) -> None:
    sources = [EventSource(f"{server.url}/events") for _ in range(20)]
    song = begin(server)
    try:
        for source in sources:
            while source.next().json["jobs"].get(song, {}).get("status") != "completed":
                pass
    finally:
        for source in sources:
            source.close()


def test_a_client_whose_last_event_is_none_of_ours_begins_anew(server: Server, finished: str) -> None:
    for nonsense in ("x", "-1", "9" * 18, "9" * 30):
        with EventSource(f"{server.url}/events", last_event_id=nonsense) as source:
            assert finished in source.next().json["jobs"]


@pytest.mark.parametrize("path", ["/status", "/jobs", "/events", "/job-status/{}", "/music/download/{}"])
def test_head_says_what_get_would(server: Server, finished: str, path: str) -> None:
    for slash in ("", "/"):
        url = server.url + path.format(finished) + slash
        head = requests.head(url, timeout=60)
        with requests.get(url, stream=True, timeout=60) as got:
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_methods_that_a_route_does_not_take(server: Server) -> None:
    for path, allowed in (("/job-status/x", "GET, HEAD, DELETE"), ("/generate-music-sync/", "POST")):
        answer = requests.patch(server.url + path, timeout=60)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
        assert answer.json()["detail"]


def test_the_document_is_served(server: Server) -> None:
    paths = server.get("/openapi.json").json()["paths"]
    assert {
        "/generate-music-async/",
        "/generate-music-sync/",
        "/job-status/{job_id}",
        "/music/download/{job_id}",
        "/status",
        "/jobs",
        "/events",
    } <= paths.keys()
    for page in ("/docs", "/redoc"):
        answer = server.get(page)
        assert answer.headers["Content-Type"].startswith("text/html")
        scripts = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
        assert scripts
        assert all(script.startswith("/") and server.get(script).status_code == 200 for script in scripts)
        assert "<script>" not in answer.text
        assert "script-src 'self';" in answer.headers["Content-Security-Policy"]

"""The server as a process among others: killed, started again, ended, shared, and under several clients at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from support.memoria import ask_at_once
from support.server import Server, running, send_all
from support.services import PostgresServer, RedisServer
from support.sse import EventSource
from support.waiting import eventually

SONG = {"genre_txt": "신나는 K-POP", "lyrics_txt": "여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께"}
JOB = {"kind": "song", "task": {"genre": "jazz"}}
LONG = {**SONG, "lyrics_txt": "\n".join(["라" * 50] * 60)}  #: takes a few seconds, so it can be caught while it runs
ENDLESS = {**SONG, "lyrics_txt": "\n".join(["라" * 50] * 390)}  #: to be cancelled


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One to be killed or ended."""
    with running(tmp_path) as server:
        yield server


@pytest.fixture
def shared(shared_server: Server) -> Server:
    """One that outlives every test, and has nothing to do now."""
    eventually(lambda: is_idle(shared_server))
    return shared_server


def is_idle(server: Server) -> bool:
    jobs = server.get("/v1/jobs", params={"state": ["queued", "running"]}).json()
    return not jobs["jobs"]


def begin(server: Server, song: dict[str, str] = SONG) -> str:
    answer = server.post("/generate-music-async/", json=song)
    assert answer.status_code == 200, answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def state(server: Server, job_id: str) -> str:
    return str(server.get(f"/job-status/{job_id}").json()["status"])


def wait_for(server: Server, job_id: str, *states: str) -> None:
    eventually(lambda: state(server, job_id) in states, every=0.005)


def test_a_server_killed_in_the_middle_goes_on_where_it_was(server: Server) -> None:
    with ExitStack() as streams:
        with server.held():  # until everybody listens
            first, second = begin(server, LONG), begin(server)
            songs = streams.enter_context(EventSource(f"{server.url}/events"))
            steps = streams.enter_context(EventSource(f"{server.url}/v1/jobs/{first}/events"))
        wait_for(server, first, "processing")
        songs.next()
        seen = [steps.next()]
        family = server.family()
        server.kill_all()
        assert songs.ended.wait(60)
        seen += steps.rest()
        left = [songs.last_event_id, *[event.last_event_id for event in songs.rest()]][-1]
    eventually(lambda: not family & server.family())
    server.start()
    with EventSource(f"{server.url}/events", last_event_id=left) as songs:
        finished: set[str] = set()
        while not {first, second} <= finished:
            update = songs.next(60)
            assert int(update.last_event_id) >= int(left or 0)
            finished = {job for job, song in update.json["jobs"].items() if song["status"] == "completed"}
    with EventSource(f"{server.url}/v1/jobs/{first}/events", last_event_id=seen[-1].last_event_id) as steps:
        seen += steps.rest()
    assert [int(event.last_event_id) for event in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].type == "succeeded"


def test_the_end_comes_quickly_with_streams_open(server: Server) -> None:
    streams = [EventSource(f"{server.url}/events") for _ in range(50)]
    for stream in streams:
        stream.next()
    deaf = [deaf_client(server) for _ in range(3)]
    begin(server, LONG)
    family = server.family()
    assert len(family) >= 4  # the server, the host of its workers, and one of them for each queue
    server.stop()
    assert server.process is not None
    assert server.process.returncode == 0, server.log
    for stream in streams:
        assert stream.ended.wait(60)
        stream.close()
    for one in deaf:
        one.close()
    eventually(lambda: not server.family())


def deaf_client(server: Server) -> socket.socket:
    """Asks for events and reads none."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    one.connect(("127.0.0.1", server.port))
    one.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return one


def test_a_client_that_does_not_read_holds_up_nobody(shared: Server) -> None:
    stuck = [deaf_client(shared) for _ in range(5)]
    with EventSource(f"{shared.url}/events") as reader:
        song = begin(shared)
        while reader.next().json["jobs"].get(song, {}).get("status") != "completed":
            """Updates come though others do not take theirs."""
    for one in stuck:
        one.close()


def test_hanging_up_in_the_middle_ends_the_song_and_frees_the_place(shared: Server) -> None:
    before = shared.get("/status").json()["job_count"]
    request = (
        b"POST /generate-music-sync/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s"
    )
    body = requests.Request("POST", shared.url, json=ENDLESS).prepare().body
    assert isinstance(body, bytes)
    with socket.create_connection(("127.0.0.1", shared.port)) as client:
        client.sendall(request % (len(body), body))
        active = str(eventually(lambda: shared.get("/status").json()["active_job"], every=0.005))
        assert shared.post("/generate-music-sync/", json=SONG).status_code == 429
    wait_for(shared, active, "failed")
    assert shared.get(f"/job-status/{active}").json()["error"] == "cancelled"
    assert shared.get("/status").json() == {"active_job": None, "queue_size": 0, "job_count": before + 1}
    assert shared.post("/generate-music-sync/", json=SONG).status_code == 200


def test_counts_are_true_while_many_come_and_go(shared: Server) -> None:
    before = shared.get("/status").json()["job_count"]
    with ThreadPoolExecutor(6) as pool:
        songs = list(pool.map(lambda _: begin(shared), range(12)))
    seen = []

    def all_done() -> bool:
        counted = shared.get("/status").json()
        everything = shared.get("/jobs").json()
        processing = [job for job, song in everything["jobs"].items() if song["status"] == "processing"]
        assert len(processing) <= 1  # there is one worker
        assert everything["active_job"] in (None, *processing)
        assert counted["job_count"] == before + 12
        seen.append(counted["queue_size"])
        return not any(song["status"] in ("queued", "processing") for song in everything["jobs"].values())

    eventually(all_done)
    assert seen == sorted(seen, reverse=True)
    assert shared.get("/status").json() == {"active_job": None, "queue_size": 0, "job_count": before + 12}
    assert {state(shared, song) for song in songs} == {"completed"}


def test_workers_that_die_come_back(shared: Server) -> None:
    song = begin(shared, LONG)
    wait_for(shared, song, "processing")
    assert shared.process is not None
    send_all(shared.family() - {shared.process.pid}, signal.SIGKILL)
    wait_for(shared, song, "completed", "failed")
    assert state(shared, song) == "completed"
    assert shared.process.poll() is None


def test_two_servers_of_one_installation_see_the_same(shared: Server, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    second = Server(tmp_path / "second", {"PANSORI_DATA_DIR": str(shared.folder / "data"), "PANSORI_WORKERS": "0"})
    second.start()  # ready, for the other one's workers are
    try:
        with EventSource(f"{second.url}/events") as stream:
            stream.next()
            song = begin(shared)
            while stream.next().json["jobs"].get(song, {}).get("status") != "completed":
                """It is the other server's workers that make it."""
        assert second.get(f"/music/download/{song}").content == shared.get(f"/music/download/{song}").content
    finally:
        second.stop()


def test_without_workers_it_is_not_ready(idle_server: Server) -> None:
    answer = idle_server.get("/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert "pansori worker" in answer.json()["detail"]
    assert idle_server.get("/health").json()["workers"] == "stopped"


def test_streams_and_those_who_wait_outlast_a_database_that_is_away(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    url = postgres_server.installation()
    with running(tmp_path, {"DATABASE_URL": url, "PANSORI_WORKERS": "0"}, until_ready=False) as server:
        with EventSource(f"{server.url}/events") as stream, ThreadPoolExecutor(1) as pool:
            stream.next()
            waiting = pool.submit(server.post, "/v1/jobs", json=JOB, headers={"Prefer": "wait=600"})
            job = eventually(lambda: server.get("/v1/jobs").json()["jobs"])[0]["id"]
            with postgres_server.away(url):
                eventually(lambda: server.get("/status").status_code == 503)
                assert server.get("/v1/jobs").json()["code"] == "unavailable"
                assert server.get("/health").json()["database"] == "disconnected"
            eventually(lambda: server.post(f"/v1/jobs/{job}/cancel").status_code == 200)
            assert waiting.result().json()["state"] == "cancelled"
            song = begin(server)
            while song not in stream.next().json["jobs"]:
                """The stream that was open before goes on."""
        assert "Traceback" not in server.log
    postgres_server.drop(url)


def test_scaled_out_it_waits_for_its_database_and_then_does_the_same(
    tmp_path: Path, redis_server: RedisServer, postgres_url: str
) -> None:
    settings = {"DATABASE_URL": postgres_url, "PANSORI_BROKER_URL": redis_server.url, "PANSORI_KEY_PREFIX": "api-test"}
    command = [sys.executable, "-m", "pansori.cli"]
    environment = {**os.environ, **settings, "PANSORI_DATA_DIR": str(tmp_path / "data"), "PORT": "0"}
    refused = subprocess.run(
        [*command, "serve"], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert refused.returncode != 0, refused.stderr
    assert "pansori db upgrade" in refused.stderr
    subprocess.run([*command, "db", "upgrade"], env=environment, check=True, stdout=subprocess.DEVNULL, timeout=300)
    with running(tmp_path, settings) as server:
        assert server.get("/health").json()["celery"] == "running"
        assert ask_at_once(server, 4) == [200, 429, 429, 429]
        with EventSource(f"{server.url}/events") as stream:
            song = begin(server)
            while stream.next(60).json["jobs"].get(song, {}).get("status") != "completed":
                """Changes come by way of Redis."""
        assert server.get(f"/music/download/{song}").status_code == 200

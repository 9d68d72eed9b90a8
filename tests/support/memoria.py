"""What clients of the Memoria Music API do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from support.server import Server
from support.waiting import eventually

GENRE = "신나는 K-POP"
LYRICS = "여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께"
SONG = {"genre_txt": GENRE, "lyrics_txt": LYRICS}
UNKNOWN = "해당 작업을 찾을 수 없습니다."
LONG = "\n".join(["라" * 25] * 6)  #: long enough to be caught while it is being made


def begin(server: Server, **song: str) -> str:
    answer = server.post("/generate-music-async/", json={**SONG, **song})
    assert answer.status_code == 200, answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def status(server: Server, job_id: str) -> Any:
    return server.get(f"/job-status/{job_id}").json()


def ask_at_once(server: Server, number: int) -> list[int]:
    """Status codes of so many who wait on the line for a song at the same time, sorted."""
    with ThreadPoolExecutor(number) as pool:
        with server.held():
            asked = [pool.submit(server.post, "/generate-music-sync/", json=SONG) for _ in range(number)]
            eventually(lambda: sum(one.done() for one in asked) >= number - 1)
        return sorted(one.result().status_code for one in asked)


def finish(server: Server, job_id: str) -> Any:
    eventually(lambda: status(server, job_id)["status"] in ("completed", "failed"))
    return status(server, job_id)

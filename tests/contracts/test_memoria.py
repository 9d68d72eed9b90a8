"""The Memoria Music API as its document has it, over HTTP, against the real server with the debug engine."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
import requests

from support.memoria import GENRE, LONG, LYRICS, SONG, UNKNOWN, begin, finish, status
from support.server import Server

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")
FIELDS = {"status", "created_at", "completed_at", "file_path", "error"}
ADDED = {"progress", "stage"}
NOBODYS = "b94b71eb-9637-4307-8ccd-05bfeca26058"  #: the id of no song


# -- making songs ------------


def test_a_song_is_queued_at_once(server: Server) -> None:
    answer = server.post("/generate-music-async/", json=SONG)
    assert (answer.status_code, answer.json()["status"]) == (200, "queued")
    UUID(answer.json()["job_id"])


def test_a_song_to_wait_for(server: Server, free: None) -> None:
    answer = server.post("/generate-music-sync/", json=SONG)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/mpeg")
    disposition = re.fullmatch(r'attachment; filename="([0-9a-f-]{36})\.mp3"', answer.headers["Content-Disposition"])
    assert disposition is not None
    assert server.get(f"/music/download/{disposition[1]}").content == answer.content


@pytest.mark.parametrize("route", ["async", "sync"])
def test_the_trailing_slash_does_not_matter(server: Server, free: None, route: str) -> None:
    answer = server.post(f"/generate-music-{route}", json=SONG, allow_redirects=False)
    assert answer.status_code == 200
    assert server.get("/status/", allow_redirects=False).status_code == 200


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"genre_txt": GENRE}, ["body", "lyrics_txt"]),
        ({"lyrics_txt": LYRICS}, ["body", "genre_txt"]),
        ({"genre_txt": 5, "lyrics_txt": LYRICS}, ["body", "genre_txt"]),
        ({"genre_txt": None, "lyrics_txt": LYRICS}, ["body", "genre_txt"]),
        ({"genre_txt": GENRE, "lyrics_txt": "가" * 20_001}, ["body", "lyrics_txt"]),
        ({"genre_txt": "가" * 1_001, "lyrics_txt": LYRICS}, ["body", "genre_txt"]),
        ({"genre_txt": GENRE, "lyrics_txt": "a\0b"}, ["body", "lyrics_txt"]),
        ({"genre_txt": "a\0b", "lyrics_txt": ""}, ["body", "genre_txt"]),
        ([], ["body"]),
    ],
)
@pytest.mark.parametrize("route", ["async", "sync"])
def test_what_cannot_be_used_is_named(server: Server, route: str, body: Any, place: list[str]) -> None:
    answer = server.post(f"/generate-music-{route}/", json=body)
    assert answer.status_code == 422
    assert [issue["loc"] for issue in answer.json()["detail"]] == [place]


def test_limits_are_named(server: Server) -> None:
    answer = server.post("/generate-music-async/", json={**SONG, "lyrics_txt": "a" * 20_001})
    assert "20000" in answer.json()["detail"][0]["msg"]
    korean = server.post(
        "/generate-music-async/", json={**SONG, "lyrics_txt": "a" * 20_001}, headers={"Accept-Language": "ko"}
    )
    assert korean.json()["detail"][0]["msg"] == "최대 20000자까지 쓸 수 있어요."


def test_what_is_refused_is_told_with_its_cure(server: Server) -> None:
    answer = server.post(
        "/generate-music-async/", json={**SONG, "lyrics_txt": "a\0b"}, headers={"Accept-Language": "ko"}
    )
    assert answer.json()["detail"][0]["msg"] == "글에 NUL 문자가 들어 있어요. 그 문자를 빼 주세요."


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"{", {}),
        (b"", {}),
        (b'{"genre_txt": "\xff", "lyrics_txt": ""}', {}),
        (b'{"genre_txt": "\\ud800", "lyrics_txt": ""}', {}),
        (b'{"genre_txt": "x", "lyrics_txt": NaN}', {}),
        (b"[" * 100_000, {}),
        (b'{"a":' * 50_000, {}),
        (b"genre_txt=a&lyrics_txt=b", {"Content-Type": "application/x-www-form-urlencoded"}),
        (json.dumps(SONG).encode(), {"Content-Type": "text/plain"}),
        (b"x" * 2_000_000, {}),
    ],
    ids=["cut", "empty", "not-utf8", "surrogate", "nan", "deep", "deep-open", "form", "text", "huge"],
)
def test_whatever_is_sent_the_server_has_an_answer(server: Server, content: bytes, headers: dict[str, str]) -> None:
    answer = server.post(
        "/generate-music-async/", data=content, headers={"Content-Type": "application/json", **headers}
    )
    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "lyrics",
    [
        "",
        "여름이 왔네\r\n바다로 가자\r\n",
        "🎵🎶 noël 한글 שלום مرحبا \u202e",
        "[Verse 1]\n하나\n[후렴]\n둘\n[pre-chorus]\nthree",
        "e\u0301 \u1112\u1161\u11ab",
    ],
    ids=["none", "crlf", "scripts", "tags", "decomposed"],
)
def test_strange_lyrics_are_sung_or_refused_by_name(server: Server, lyrics: str) -> None:
    answer = server.post("/generate-music-async/", json={**SONG, "lyrics_txt": lyrics})
    if answer.status_code == 422:
        assert answer.json()["detail"][0]["loc"] == ["body", "lyrics_txt"]
    else:
        ended = finish(server, answer.json()["job_id"])
        assert ended["status"] == "completed", ended


def test_ten_thousand_lines_are_accepted_or_refused_by_name(idle: Server) -> None:
    answer = idle.post("/generate-music-async/", json={**SONG, "lyrics_txt": "\n".join("a" * 10_000)})
    if answer.status_code == 422:
        assert answer.json()["detail"][0]["loc"] == ["body", "lyrics_txt"]
    else:
        assert idle.delete(f"/job-status/{answer.json()['job_id']}").json()["error"] == "cancelled"


def test_an_empty_genre_is_a_style_too(server: Server) -> None:
    assert finish(server, begin(server, genre_txt=""))["status"] == "completed"


# -- states ------------


def test_the_state_of_a_finished_song(server: Server, finished: str) -> None:
    state = status(server, finished)
    assert state.keys() == FIELDS | ADDED
    assert state["status"] == "completed"
    assert TIME.fullmatch(state["created_at"])
    assert TIME.fullmatch(state["completed_at"])
    assert state["created_at"] < state["completed_at"]
    assert state["error"] is None
    assert state["progress"] == 1.0
    assert server.get(state["file_path"]).content == server.get(f"/music/download/{finished}").content
    assert str(server.folder) not in json.dumps(state)


def test_the_state_of_a_song_that_waits(idle: Server) -> None:
    state = status(idle, begin(idle))
    assert {name: state[name] for name in FIELDS - {"created_at"}} == {
        "status": "queued",
        "completed_at": None,
        "file_path": None,
        "error": None,
    }


@pytest.mark.parametrize("job_id", [NOBODYS, "a1b2c3d4-e5f6-4321-b234-c56d7e8f9g0h", "x", "%00", "1" * 500])
@pytest.mark.parametrize("route", ["job-status", "music/download"])
def test_a_song_that_there_is_not(server: Server, route: str, job_id: str) -> None:
    answer = server.get(f"/{route}/{job_id}")
    assert (answer.status_code, answer.json()) == (404, {"detail": UNKNOWN})


def test_jobs_of_others_are_not_spoken_of(server: Server, finished: str) -> None:
    before = server.get("/status").json()["job_count"]
    job = server.post("/v1/jobs", json={"kind": "song", "task": {"genre": "jazz"}}, headers={"Prefer": "wait=120"})
    assert job.json()["state"] == "succeeded"
    other = job.json()["id"]
    assert server.get(f"/job-status/{other}").status_code == 404
    assert server.get(f"/music/download/{other}").status_code == 404
    assert other not in server.get("/jobs").json()["jobs"]
    assert server.get("/status").json()["job_count"] == before


def test_the_server_counts(idle: Server) -> None:
    before = idle.get("/status").json()
    assert before.keys() == {"active_job", "queue_size", "job_count"}
    begin(idle)
    after = idle.get("/status").json()
    assert after == {**before, "queue_size": before["queue_size"] + 1, "job_count": before["job_count"] + 1}


def test_all_songs_newest_first_page_by_page(idle: Server) -> None:
    made = [begin(idle) for _ in range(5)]
    everything = idle.get("/jobs").json()
    assert everything.keys() == {"active_job", "jobs", "next_cursor"}
    assert list(everything["jobs"])[:5] == made[::-1]
    assert everything["jobs"][made[0]] == status(idle, made[0])
    seen, cursor = list[str](), None
    while True:
        page = idle.get("/jobs", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        assert len(page["jobs"]) <= 2
        seen += page["jobs"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(everything["jobs"])
    assert idle.get("/jobs", params={"cursor": "nonsense"}).status_code == 422
    assert idle.get("/jobs", params={"limit": 0}).status_code == 422


# -- downloads ------------


def test_downloading_before_it_is_finished(idle: Server) -> None:
    answer = idle.get(f"/music/download/{begin(idle)}")
    assert (answer.status_code, answer.json()) == (400, {"detail": "다운로드할 수 없습니다. 현재 상태: queued"})


def test_downloading_whole_twice_and_in_parts(server: Server, finished: str) -> None:
    path = f"/music/download/{finished}"
    whole = server.get(path)
    assert whole.headers["Content-Type"] == "audio/mpeg"
    assert whole.headers["Content-Disposition"] == f'attachment; filename="{finished}.mp3"'
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert server.get(path).content == whole.content
    size = len(whole.content)
    part = server.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.headers["Content-Range"]) == (206, f"bytes 100-199/{size}")
    assert part.content == whole.content[100:200]
    rest = server.get(path, headers={"Range": "bytes=100-", "If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.content) == (206, whole.content[100:])
    changed = server.get(path, headers={"Range": "bytes=100-", "If-Range": '"other"'})
    assert (changed.status_code, changed.content) == (200, whole.content)
    beyond = server.get(path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    known = server.get(path, headers={"If-None-Match": whole.headers["ETag"]})
    assert (known.status_code, known.content) == (304, b"")
    head = requests.head(server.url + path, timeout=60)
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(size), b"")


def test_downloading_while_others_are_made(server: Server, finished: str) -> None:
    whole = server.get(f"/music/download/{finished}").content
    others = [begin(server, lyrics_txt=LONG) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: server.get(f"/music/download/{finished}").content, range(16)))
    assert found == [whole] * 16
    for other in others:
        finish(server, other)

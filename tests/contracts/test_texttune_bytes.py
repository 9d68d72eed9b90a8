"""TextTune's files: streamed in parts, downloaded in every form; and texts that stay text."""

from __future__ import annotations

import io
from typing import Any

import pytest
import requests
from mutagen.flac import FLAC
from mutagen.mp3 import MP3

from support.server import Server
from support.texttune import PROMPT, finish, make

SCRIPT = '<script>alert("x")</script>'


@pytest.fixture(scope="module")
def track(shared_server: Server) -> Any:
    return make(shared_server, seed=7)


def test_streaming_in_parts(server: Server, track: Any) -> None:
    path, size = track["stream_url"], track["size"]
    whole = server.get(path)
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert "inline" in whole.headers["Content-Disposition"]
    part = server.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{size}"
    beyond = server.get(path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    assert beyond.json().keys() == {"detail"}
    korean = {"If-Match": '"other"', "Accept-Language": "ko"}
    assert server.get(path, headers=korean).json() == {"detail": "요청 조건에 맞는 파일이 아니에요."}
    head = requests.head(server.url + path, timeout=60)
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(size), b"")
    assert server.get(path, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_a_track_that_is_deleted_while_it_plays_plays_to_its_end(server: Server) -> None:
    long = {"prompt": PROMPT, "duration": 120, "samplerate": 48_000, "format": "wav"}
    job = server.post("/v1/jobs", json={"kind": "generation", "task": long}).json()["id"]
    made = server.get(f"/v1/tracks/{finish(server, job)['track_id']}").json()
    assert made["size"] > 10_000_000  # far more than lies on the way
    with requests.get(server.url + made["stream_url"], stream=True, timeout=60) as playing:
        body = playing.iter_content(65_536)
        got = len(next(body))
        assert server.delete(f"/v1/library/{made['id']}").status_code == 200
        assert server.get(made["stream_url"]).status_code == 404
        assert got + sum(map(len, body)) == made["size"]


def test_downloads_have_names_that_people_can_read(server: Server) -> None:
    made = make(server, title="여름 밤", format="flac")
    disposition = server.get(made["download_url"]).headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert disposition.endswith("filename*=UTF-8''%EC%97%AC%EB%A6%84%20%EB%B0%A4.flac")


def test_what_was_made_beside_can_be_downloaded(server: Server, track: Any) -> None:
    assert track["artifacts"].keys() >= {"peaks", "master", "recipe"}
    peaks = server.get(track["artifacts"]["peaks"]).json()
    assert peaks["duration"] == track["duration"]
    assert 0.05 < max(max(channel) for channel in peaks["channels"]) <= 1.0
    assert 1 <= len(peaks["channels"][0]) <= 2_000
    assert server.get(f"{track['download_url']}?role=master").headers["Content-Type"] == "audio/flac"
    refused = server.get(f"{track['download_url']}?role=harp")
    assert refused.status_code == 404
    assert all(role in refused.json()["detail"] for role in track["artifacts"])


def test_timed_lyrics_are_called_as_players_know_them(server: Server) -> None:
    made = make(server, title="moon", lyrics="라라라\n나나나", duration=2)
    disposition = server.get(f"{made['download_url']}?role=lrc").headers["Content-Disposition"]
    assert disposition == 'attachment; filename="moon.lrc"'


def test_a_field_that_is_almost_called_so_is_named(server: Server) -> None:
    answer = server.post("/v1/generations", json={"promt": "calm piano"})
    assert answer.status_code == 422
    assert "promt" in str(answer.json()["detail"])
    assert "Did you mean prompt" in str(answer.json()["detail"])


@pytest.mark.parametrize(
    ("unknown", "cure"),
    [
        ({"sample_rate": 44_100}, "Did you mean samplerate"),
        ({"Duration": 3}, "Did you mean duration"),
        ({"tempo": 120}, "There are: prompt, duration, samplerate, seed, quality, "),
    ],
)
def test_a_field_that_is_not_known_is_named_with_the_one_that_is(
    idle: Server, unknown: dict[str, Any], cure: str
) -> None:
    refused = idle.post("/v1/generations", json={"prompt": PROMPT, **unknown})
    assert refused.status_code == 422
    (issue,) = refused.json()["detail"]
    assert issue["loc"] == ["body", *unknown]
    assert cure in issue["msg"]


def test_a_misspelt_password_makes_nobody_a_guest(idle: Server) -> None:
    refused = idle.post("/v1/auth/login", json={"email": "mina@mail.example", "pasword": "horse battery"})
    assert (refused.status_code, refused.json()["detail"][0]["loc"]) == (422, ["body", "pasword"])
    assert "Did you mean password" in refused.json()["detail"][0]["msg"]


def test_other_work_is_not_ended_by_way_of_the_library(idle: Server) -> None:
    song = idle.post("/v1/jobs", json={"kind": "song", "task": {"genre": "jazz"}}).json()["id"]
    assert idle.delete(f"/v1/library/{song}").status_code == 404
    assert idle.post("/v1/library/delete", json={"ids": [song]}).json() == {"deleted": []}
    assert idle.get(f"/v1/jobs/{song}").json()["state"] == "queued"


def test_what_cannot_be_seen_is_in_no_name(server: Server) -> None:
    made = make(server, "\u202eא jazz", title="밤\u202egpj\u0007\r\nX: y", format="flac")
    assert made["title"] == "밤gpj X: y"
    download = server.get(made["download_url"])
    assert download.headers["Content-Disposition"].endswith("filename*=UTF-8''%EB%B0%A4gpj%20X_%20y.flac")
    tags: Any = FLAC(io.BytesIO(download.content)).tags
    assert tags["TITLE"] == ["밤gpj X: y"]
    renamed = requests.patch(f"{server.url}/v1/tracks/{made['id']}", json={"title": "a\u2066b"}, timeout=60)
    assert renamed.json()["title"] == "ab"


def test_a_body_that_is_too_large_names_the_setting(server: Server) -> None:
    answer = server.post("/v1/generations", json={"prompt": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "1,048,576" in answer.text
    assert "PANSORI_MAX_BODY" in answer.text


def test_a_track_knows_what_is_sung_and_when(server: Server) -> None:
    facts = make(server, lyrics="라라라\n나나나", duration=2)["facts"]
    assert [line["text"] for line in facts["lines"]] == ["라라라", "나나나"]
    assert facts["lines"][0]["syllables"][0].keys() == {"text", "start", "end"}
    assert facts["sections"]
    assert facts["tempo"] > 0


# -- text stays text ------------


def test_html_is_text_everywhere(server: Server) -> None:
    made = make(server, f"{SCRIPT} jazz", title=SCRIPT, lyrics=SCRIPT, duration=4)
    assert (made["prompt"], made["title"], made["lyrics"]) == (f"{SCRIPT} jazz", SCRIPT, SCRIPT)
    download = server.get(made["download_url"])
    assert "<" not in download.headers["Content-Disposition"]
    tags = MP3(io.BytesIO(download.content)).tags
    assert tags is not None
    assert str(tags["TIT2"]) == SCRIPT
    answer = server.get(f"/v1/tracks/{made['id']}")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("prompt", ["🎵" * 50, "שלום \u202e jazz", "e\u0301 a\r\nb\tc", "가" * 1_500, "{x} %s \\n '"])
def test_strange_prompts_become_songs(server: Server, prompt: str) -> None:
    assert make(server, prompt)["prompt"] == prompt.strip()

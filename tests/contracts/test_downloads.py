"""`GET /v1/download/{id}?format=`: a song in the format that one likes, whatever it was made in."""

from __future__ import annotations

import io
from typing import Any

import pytest
import soundfile
from mutagen.flac import FLAC
from mutagen.mp3 import MP3

from support.server import Server
from support.texttune import make

KINDS = {"mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac", "opus": "audio/ogg", "m4a": "audio/mp4"}


@pytest.fixture(scope="module")
def track(shared_server: Server) -> Any:
    return make(shared_server, title="여름 밤", lyrics="라라라", duration=2, seed=11, samplerate=32_000)


@pytest.mark.parametrize("kind", KINDS)
def test_it_comes_in_every_format(shared_server: Server, track: Any, kind: str) -> None:
    answer = shared_server.get(f"{track['download_url']}?format={kind}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == KINDS[kind]
    name = f"filename*=UTF-8''%EC%97%AC%EB%A6%84%20%EB%B0%A4.{kind}"
    assert answer.headers["Content-Disposition"].endswith(name)
    again = shared_server.get(f"{track['download_url']}?format={kind}", headers={"Range": "bytes=0-99"})
    assert (again.status_code, again.content) == (206, answer.content[:100])
    assert again.headers["ETag"] == answer.headers["ETag"]


def test_what_is_lossless_has_the_length_the_rate_and_the_tags_of_the_song(shared_server: Server, track: Any) -> None:
    flac = shared_server.get(f"{track['download_url']}?format=flac").content
    told = soundfile.info(io.BytesIO(flac))
    assert (told.duration, told.samplerate) == (2.0, 32_000)
    asked, made = FLAC(io.BytesIO(flac)), MP3(io.BytesIO(shared_server.get(track["download_url"]).content))
    assert made.tags is not None
    assert asked["title"] == ["여름 밤"]
    assert asked["PANSORI_RECIPE"] == made.tags["TXXX:PANSORI_RECIPE"].text
    assert asked["AI_GENERATED"] == made.tags["TXXX:AI_GENERATED"].text


def test_its_own_format_is_the_file_as_it_was_made(shared_server: Server, track: Any) -> None:
    own = shared_server.get(track["download_url"])
    asked = shared_server.get(f"{track['download_url']}?format=mp3")
    assert asked.content == own.content
    assert asked.headers["ETag"] == own.headers["ETag"]


def test_a_stem_comes_in_another_format_too(shared_server: Server, track: Any) -> None:
    answer = shared_server.get(f"{track['download_url']}?role=stem.vocal&format=wav")
    assert soundfile.info(io.BytesIO(answer.content)).duration == 2.0
    assert "(vocal).wav" in answer.headers["Content-Disposition"]


def test_what_was_converted_is_nothing_that_was_made(shared_server: Server, track: Any) -> None:
    shared_server.get(f"{track['download_url']}?format=wav")
    made = shared_server.get(f"/v1/tracks/{track['id']}").json()["artifacts"]
    assert made.keys() == track["artifacts"].keys()
    assert {"peaks", "peaks.stems"} <= made.keys()


def test_an_unknown_format_names_the_known_ones(shared_server: Server, track: Any) -> None:
    answer = shared_server.get(f"{track['download_url']}?format=aiff")
    assert answer.status_code == 422
    (issue,) = answer.json()["detail"]
    assert issue["loc"] == ["query", "format"]
    assert all(kind in issue["msg"] for kind in KINDS)


def test_what_is_no_sound_has_no_other_format(shared_server: Server, track: Any) -> None:
    answer = shared_server.get(f"{track['download_url']}?role=recipe&format=wav")
    assert answer.status_code == 422
    assert "recipe" in str(answer.json()["detail"])
    assert shared_server.get(f"{track['download_url']}?role=harp&format=wav").status_code == 404


def test_who_holds_a_link_chooses_too(shared_server: Server, track: Any) -> None:
    link = shared_server.post(f"/v1/tracks/{track['id']}/share", json={"expires_in": 600}).json()["download_url"]
    answer = shared_server.get(f"{link.removeprefix(shared_server.url)}&format=flac")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/flac")
    assert answer.content == shared_server.get(f"{track['download_url']}?format=flac").content


def test_what_who_holds_a_link_chooses_is_not_kept(shared_server: Server) -> None:
    """It would count as a file of its owner's, who has not asked for it."""
    made = make(shared_server, "나눠 듣는 곡", duration=1)
    link = shared_server.post(f"/v1/tracks/{made['id']}/share", json={"expires_in": 600}).json()["download_url"]
    shared = f"{link.removeprefix(shared_server.url)}&format=wav"
    passing = shared_server.get(shared)
    assert (passing.status_code, passing.headers["Accept-Ranges"], passing.headers.get("ETag")) == (200, "none", None)
    kept = shared_server.get(f"{made['download_url']}?format=wav")
    assert kept.content == passing.content
    assert shared_server.get(shared).headers["ETag"] == kept.headers["ETag"]


def test_conversions_go_with_their_track(shared_server: Server) -> None:
    made = make(shared_server, "곧 지울 곡", duration=1)
    assert shared_server.get(f"{made['download_url']}?format=wav").status_code == 200
    assert shared_server.delete(f"/v1/library/{made['id']}").status_code == 200
    assert shared_server.get(f"{made['download_url']}?format=wav").status_code == 404

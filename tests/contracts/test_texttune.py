"""TextTune as its document and its decisions have it, over HTTP, against the real server with the debug engine."""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import soundfile

from support.server import Server, running
from support.sse import EventSource
from support.texttune import PROMPT, SHORT, ask, finish, make, state
from support.waiting import eventually

GENERATION = {
    "id", "status", "progress", "stage", "prompt", "duration", "samplerate", "seed", "quality", "track_id", "error",
    "created_at", "completed_at",
}  # fmt: skip
TRACK = {
    "id", "title", "prompt", "expanded_prompt", "parameters", "engine", "duration", "content_type", "size",
    "stream_url", "download_url", "created_at",
}  # fmt: skip
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
SCRIPT = '<script>alert("x")</script>'


@pytest.fixture(scope="module")
def track(shared_server: Server) -> Any:
    return make(shared_server, seed=7)


# -- the whole way ------------


def test_from_a_prompt_to_a_track_and_its_end(server: Server) -> None:
    answer = server.post("/v1/generations", json={"prompt": f"  {PROMPT}  ", **SHORT, "seed": 3})
    asked = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (202, f"/v1/generations/{asked['id']}")
    assert asked.keys() == GENERATION
    assert asked["status"] in ("queued", "running")
    assert (asked["prompt"], asked["duration"], asked["seed"], asked["quality"]) == (PROMPT, 1.0, 3, "standard")
    assert (asked["track_id"], asked["error"], asked["completed_at"]) == (None, None, None)
    done = finish(server, asked["id"])
    assert (done["status"], done["progress"], done["error"]) == ("succeeded", 1.0, None)
    assert TIME.fullmatch(done["created_at"])
    assert TIME.fullmatch(done["completed_at"])
    made = server.get(f"/v1/tracks/{done['track_id']}").json()
    assert made.keys() >= TRACK
    assert (made["prompt"], made["engine"], made["seed"], made["content_type"]) == (PROMPT, "debug", 3, "audio/mpeg")
    assert made["expanded_prompt"]
    assert made["licence"] == "code GPL-3.0-or-later"
    assert made["parameters"]["quality"] == "standard"
    sound = server.get(made["stream_url"])
    assert (sound.status_code, sound.headers["Content-Type"], len(sound.content)) == (200, "audio/mpeg", made["size"])
    assert made["id"] in [one["id"] for one in server.get("/v1/library").json()["items"]]
    assert server.delete(f"/v1/library/{made['id']}").json() == {"deleted": [made["id"]]}
    for path in (f"/v1/tracks/{made['id']}", made["stream_url"], made["download_url"], *made["artifacts"].values()):
        gone = server.get(path)
        assert (gone.status_code, gone.json().keys()) == (404, {"detail"})
    assert server.delete(f"/v1/library/{made['id']}").status_code == 404
    assert made["id"] not in [one["id"] for one in server.get("/v1/library").json()["items"]]


def test_deleting_a_track_deletes_its_files(server: Server) -> None:
    def files() -> set[Path]:
        return {path for path in (server.folder / "data" / "assets").rglob("*") if path.is_file()}

    before = files()
    made = make(server)
    added = files() - before
    assert len(added) > 3
    server.delete(f"/v1/library/{made['id']}")
    assert not added & files()


# -- what is asked for ------------


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": "   \n"}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"prompt": "가" * 4_001}, "prompt"),
        ({"prompt": "a\0b"}, "prompt"),
        ({"duration": -1}, "duration"),
        ({"duration": 0}, "duration"),
        ({"duration": 12.01}, "duration"),
        ({"duration": 1e308}, "duration"),
        ({"duration": "long"}, "duration"),
        ({"duration": True}, "duration"),
        ({"samplerate": 1}, "samplerate"),
        ({"samplerate": 11_025}, "samplerate"),
        ({"samplerate": 96_000}, "samplerate"),
        ({"quality": "best"}, "quality"),
        ({"quality": 3}, "quality"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"seed": True}, "seed"),
        ({"lyrics": "라" * 20_001}, "lyrics"),
        ({"lyrics": "라" * 2_000}, "lyrics"),
        ({"lyrics": "a\0b"}, "lyrics"),
        ({"voice": "choir"}, "voice"),
        ({"format": "exe"}, "format"),
        ({"engine": "orchestra"}, "engine"),
        ({"options": {"tone": "harp"}}, "options.tone"),
        ({"options": {"colour": "red"}}, "options.colour"),
        ({"title": "a" * 201}, "title"),
        ({"expanded_prompt": "a" * 1_001}, "expanded_prompt"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(idle: Server, fields: dict[str, Any], field: str) -> None:
    answer = idle.post("/v1/generations", json={"prompt": PROMPT, **SHORT, **fields})
    assert answer.status_code == 422, answer.text
    assert answer.json().keys() == {"detail"}
    assert [".".join(map(str, issue["loc"])) for issue in answer.json()["detail"]] == [f"body.{field}"]


def test_limits_are_named(idle: Server) -> None:
    longer = {"prompt": PROMPT, "duration": 13}
    assert "12" in idle.post("/v1/generations", json=longer).json()["detail"][0]["msg"]
    korean = idle.post("/v1/generations", json=longer, headers={"Accept-Language": "ko"})
    assert "최대 12초" in korean.json()["detail"][0]["msg"]
    assert "4000" in idle.post("/v1/generations", json={"prompt": "a" * 4_001}).json()["detail"][0]["msg"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"x"', b'{"prompt": "\\ud800"}', b'{"prompt": "x", "duration": NaN}', b"x" * 2_000_000],
)
def test_whatever_is_sent_there_is_an_answer(idle: Server, content: bytes) -> None:
    answer = idle.post("/v1/generations", data=content, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]


def test_without_a_duration_the_maximum_is_made(idle: Server) -> None:
    answer = idle.post("/v1/generations", json={"prompt": PROMPT, "duration": None, "quality": None, "seed": None})
    assert answer.json()["duration"] == 12.0
    assert idle.post("/v1/generations", json={"prompt": PROMPT}).json()["duration"] == 12.0


def test_the_same_key_is_the_same_generation(idle: Server) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    ids = {idle.post("/v1/generations", json={"prompt": PROMPT}, headers=key).json()["id"] for _ in range(3)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("duration", "samplerate", "audio_format"), [(1.5, 48_000, "wav"), (2, 16_000, "flac"), (1.25, 22_050, "wav")]
)
def test_duration_and_rate_are_obeyed_to_the_sample(
    server: Server, duration: float, samplerate: int, audio_format: str
) -> None:
    made = make(server, duration=duration, samplerate=samplerate, format=audio_format)
    samples, rate = soundfile.read(io.BytesIO(server.get(made["stream_url"]).content))
    assert (rate, len(samples)) == (samplerate, round(duration * samplerate))
    assert made["duration"] == duration
    assert made["content_type"] == f"audio/{audio_format}"


def test_the_same_seed_is_the_same_song(server: Server, track: Any) -> None:
    other = make(server, seed=7)
    assert other["id"] != track["id"]
    assert server.get(other["stream_url"]).content == server.get(track["stream_url"]).content
    # what both use stays until both are deleted
    server.delete(f"/v1/library/{other['id']}")
    assert all(server.get(path).status_code == 200 for path in track["artifacts"].values())


def test_lyrics_are_written_where_they_are_asked_for(server: Server) -> None:
    assert make(server, "잔잔한 피아노 연주곡")["lyrics"] == ""
    assert make(server, "바다에 대해 노래해 줘", duration=8)["lyrics"]
    assert make(server, "a piano piece", duration=8, voice="female")["lyrics"]
    assert make(server, "바다에 대해 노래해 줘", lyrics="", duration=8)["lyrics"] == ""
    assert make(server, "a piano piece", lyrics="라라라", duration=8)["lyrics"] == "라라라"


def test_an_edited_prompt_and_a_title_are_kept(server: Server) -> None:
    made = make(server, expanded_prompt="slow jazz, 70 BPM", title="밤 <b>", format="wav")
    assert (made["expanded_prompt"], made["title"]) == ("slow jazz, 70 BPM", "밤 <b>")


# -- watching ------------


def test_a_generation_tells_of_itself_as_it_goes_on(server: Server) -> None:
    asked = ask(server, duration=4)
    with EventSource(f"{server.url}/v1/generations/{asked['id']}/events") as source:
        told = source.rest()
    assert {one.type for one in told} == {"generation"}
    assert all(one.json.keys() == GENERATION for one in told)
    numbers = [int(one.last_event_id) for one in told]
    assert numbers == sorted(set(numbers))
    progress = [one.json["progress"] for one in told]
    assert progress == sorted(progress)
    assert told[-1].json == state(server, asked["id"])
    assert told[-1].json["track_id"]


def test_a_stream_goes_on_where_it_was_left(server: Server) -> None:
    done = finish(server, ask(server)["id"])
    path = f"{server.url}/v1/generations/{done['id']}/events"
    with EventSource(path) as source:
        (last,) = source.rest()
    with EventSource(path, last_event_id="1") as source:
        assert source.rest() == [last]
    with EventSource(path, last_event_id=last.last_event_id) as source:
        assert source.status == 204


def test_a_cancelled_generation_has_failed(idle: Server) -> None:
    asked = ask(idle)
    with EventSource(f"{idle.url}/v1/generations/{asked['id']}/events") as source:
        assert source.next().json["status"] == "queued"
        ended = idle.post(f"/v1/generations/{asked['id']}/cancel").json()
        assert (ended["status"], ended["error"], ended["track_id"]) == ("failed", "cancelled", None)
        assert source.rest()[-1].json == ended
    assert idle.post(f"/v1/generations/{asked['id']}/cancel").json() == ended


def test_a_failed_generation_says_why_here_and_in_the_log(idle: Server) -> None:
    job = idle.post("/v1/jobs", json={"kind": "generation", "task": {"prompt": PROMPT}, "deadline": 0.01}).json()
    ended = finish(idle, job["id"])
    assert (ended["status"], ended["error"]) == ("failed", "The job took longer than it was allowed.")
    assert f"Render job failed {job['id']}" in idle.log


@pytest.mark.parametrize("generation_id", ["0b5a4d0c-6c1f-4f53-9d5e-0d9f2a6f3a11", "x", "%00", "1" * 500])
def test_a_generation_that_there_is_not(idle: Server, generation_id: str) -> None:
    for answer in (
        idle.get(f"/v1/generations/{generation_id}"),
        idle.get(f"/v1/generations/{generation_id}/events"),
        idle.post(f"/v1/generations/{generation_id}/cancel"),
    ):
        assert (answer.status_code, answer.json()) == (404, {"detail": "There is no such generation."})


def test_songs_of_other_contracts_are_no_generations(idle: Server) -> None:
    song = idle.post("/v1/jobs", json={"kind": "song", "task": {"genre": "jazz"}}).json()["id"]
    assert idle.get(f"/v1/generations/{song}").status_code == 404


# -- the library ------------


def test_paging_searching_and_sorting(server: Server) -> None:
    marker = uuid4().hex
    made = [make(server, f"{marker} {title * 3}", title=title) for title in ("나", "가", "다")]
    ids = [one["id"] for one in made]

    def page(**parameters: Any) -> Any:
        return server.get("/v1/library", params={"q": marker, **parameters}).json()

    assert page().keys() == {"items", "next", "total"}
    assert [one["id"] for one in page()["items"]] == ids[::-1]
    assert [one["id"] for one in page(sort="created_at")["items"]] == ids
    assert [one["title"] for one in page(sort="title")["items"]] == ["가", "나", "다"]
    first = page(limit=2, sort="-title")
    assert ([one["title"] for one in first["items"]], first["total"]) == (["다", "나"], 3)
    last = page(limit=2, sort="-title", cursor=first["next"])
    assert ([one["title"] for one in last["items"]], last["next"]) == (["가"], None)
    assert page(q=f"{marker} 다다다")["total"] == 1
    changed = requests.patch(f"{server.url}/v1/tracks/{ids[0]}", json={"favourite": True, "title": "라"}, timeout=60)
    assert (changed.json()["favourite"], changed.json()["title"]) == (True, "라")
    assert [one["id"] for one in page(favourites=True)["items"]] == ids[:1]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [({"sort": "colour"}, "sort"), ({"cursor": "x"}, "cursor"), ({"limit": 0}, "limit"), ({"q": "a" * 201}, "q")],
)
def test_what_cannot_be_listed_is_refused_by_name(idle: Server, parameters: dict[str, Any], field: str) -> None:
    answer = idle.get("/v1/library", params=parameters)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", field]


def test_several_are_deleted_at_once_and_once(server: Server) -> None:
    ids = [make(server)["id"] for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: server.post("/v1/library/delete", json={"ids": ids}), range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(one for answer in answers for one in answer.json()["deleted"]) == sorted(ids)
    assert server.post("/v1/library/delete", json={"ids": [*ids, str(uuid4())]}).json() == {"deleted": []}


def test_two_tabs_delete_the_same(server: Server) -> None:
    made = make(server)["id"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: server.delete(f"/v1/library/{made}").status_code, range(4)))
    assert sorted(answers) == [200, 404, 404, 404]


def test_deleting_what_is_being_made_cancels_it(idle: Server) -> None:
    asked = ask(idle)["id"]
    assert idle.delete(f"/v1/library/{asked}").json() == {"deleted": [asked]}
    assert state(idle, asked)["error"] == "cancelled"


# -- prompts ------------


def test_a_prompt_is_written_out_before_anything_is_made(idle: Server) -> None:
    answer = idle.post("/v1/prompts/expand", json={"prompt": "바다에 대한 신나는 노래, 여성 보컬", "duration": 10})
    found = answer.json()
    assert answer.status_code == 200, answer.text
    assert found.keys() == {"understood", "expanded_prompt", "title", "lyrics", "plan", "notices", "refused"}
    assert (found["understood"]["voice"], found["understood"]["language"]) == ("female", "ko")
    assert found["lyrics"]
    assert found["refused"] is None
    again = idle.post("/v1/prompts/expand", json={"prompt": "바다에 대한 신나는 노래, 여성 보컬", "duration": 10})
    assert again.json() == found


def test_a_prompt_that_would_be_refused_says_so(idle: Server) -> None:
    body = {"prompt": "jazz", "lyrics": "라" * 5_000, "duration": 1}
    found = idle.post("/v1/prompts/expand", json=body).json()
    assert found["refused"]["field"] == "lyrics"
    assert found["plan"] is None


@pytest.mark.parametrize(
    ("fields", "field"), [({"prompt": " "}, "prompt"), ({"seed": -1}, "seed"), ({"duration": 13}, "duration")]
)
def test_what_cannot_be_written_out_is_refused_by_name(idle: Server, fields: dict[str, Any], field: str) -> None:
    refused = idle.post("/v1/prompts/expand", json={"prompt": "jazz", **fields})
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert [one["field"] for one in refused.json()["errors"]] == [field]


def test_templates_are_kept_changed_filled_and_deleted(idle: Server) -> None:
    bundled = idle.get("/v1/templates", params={"language": "ko"}).json()["templates"]
    assert len([one for one in bundled if one["bundled"]]) >= 6
    draft = {"name": "mine", "prompt": "a {mood=sad} song about {theme}"}
    saved = idle.post("/v1/templates", json=draft)
    path = saved.headers["Location"]
    assert (saved.status_code, idle.get(path).json()) == (201, saved.json())
    filled = idle.post(f"{path}/fill", json={"variables": {"theme": "rain"}})
    assert filled.json()["prompt"] == "a sad song about rain"
    assert idle.post(f"{path}/fill", json={}).json()["field"] == "variables.theme"
    changed = requests.put(idle.url + path, json={**draft, "name": "ours"}, timeout=60)
    assert changed.json()["name"] == "ours"
    assert idle.delete(path).status_code == 204
    assert (idle.get(path).status_code, idle.delete(path).status_code) == (404, 404)


# -- the server ------------


def test_tracks_and_generations_outlive_the_server(tmp_path: Path) -> None:
    with running(tmp_path, {"MAX_DURATION_SECONDS": "20"}, ("--only", "texttune")) as server:
        assert server.get("/").json()["message"] == "TextTune"
        made = make(server)
        waiting = ask(server, duration=15)["id"]
        server.kill_all()
        eventually(lambda: not server.family())
        server.start()
        assert server.get(f"/v1/tracks/{made['id']}").json() == made
        assert finish(server, waiting)["status"] == "succeeded"
        assert server.get("/v1/library").json()["total"] == 2


def test_the_document_describes_every_answer(idle: Server) -> None:
    paths = idle.get("/openapi.json").json()["paths"]
    ours = {
        path for path in paths if path.startswith(("/v1/generations", "/v1/library", "/v1/tracks", "/v1/templates"))
    }
    for path in ours:
        for method, operation in paths[path].items():
            good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
            assert "content" in good or method == "delete", (method, path)
            assert json.dumps(good) != "{}"

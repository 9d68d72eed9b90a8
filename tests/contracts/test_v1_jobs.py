"""`/v1/jobs`, `/v1/assets`, `/v1/engines` and what every route has in common, over HTTP against the real server."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest
import requests

from support.server import Server
from support.sse import EventSource
from support.waiting import eventually

TASK = {"genre": "folk", "lyrics": "산새가 운다", "seed": 7}
SONG = {"kind": "song", "task": TASK}
WAIT = {"Prefer": "wait=60"}
NOBODYS = "b94b71eb-9637-4307-8ccd-05bfeca26058"  #: an id that no job and no file has


@pytest.fixture(scope="module")
def done(shared_server: Server) -> Any:
    """A finished song."""
    answer = shared_server.post("/v1/jobs", json=SONG, headers=WAIT)
    assert answer.status_code == 200, answer.text
    return answer.json()


def later(server: Server) -> str:
    """A job that is far from finished: others go first."""
    answer = server.post("/v1/jobs", json={**SONG, "priority": -1000, "task": {**TASK, "duration": 600}})
    assert answer.status_code == 202
    job_id: str = answer.json()["id"]
    return job_id


# -- submitting ------------


def test_a_job_is_accepted_at_once(server: Server) -> None:
    answer = server.post("/v1/jobs", json=SONG)
    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/jobs/{job['id']}"
    assert (job["kind"], job["origin"], job["state"]) == ("song", "v1", "queued")
    assert job["created_at"].endswith("Z")
    assert [step["name"] for step in job["steps"]] == ["compose", "deliver"]


def test_a_job_to_wait_for(server: Server, done: Any) -> None:
    assert done["state"] == "succeeded"
    assert done["progress"]["fraction"] == 1.0
    assert done["error"] is None
    assert done["result"]["seed"] == 7
    assert {artifact["role"] for artifact in done["artifacts"]} >= {"song", "master", "lrc", "recipe", "stem.vocal"}


def test_waiting_has_an_end(server: Server) -> None:
    job = later(server)
    answer = server.post(
        "/v1/jobs", json={**SONG, "priority": -1000, "task": {**TASK, "duration": 599}}, headers={"Prefer": "wait=0"}
    )
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "wait=0")
    for job_id in (job, answer.json()["id"]):
        server.post(f"/v1/jobs/{job_id}/cancel")


def test_a_field_on_several_lines_is_one_list(server: Server, done: Any) -> None:
    """RFC 9110, section 5.3. `requests` cannot send one."""
    song = next(artifact for artifact in done["artifacts"] if artifact["role"] == "song")
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        for name, status in (("If-None-Match", 304), ("If-Match", 200)):
            lines = [(name, '"other", "another"'), (name, f'"{song["sha256"]}"'), (name, '"third"')]
            assert client.get(song["content"], headers=lines).status_code == status
        asked = [
            ("Prefer", "respond-async"),
            ("Prefer", "wait=60"),
            ("Accept-Language", "fr"),
            ("Accept-Language", "ko"),
        ]
        answer = client.post("/v1/jobs", json=SONG, headers=asked)
        assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "wait=60")
        assert client.get("/nothing", headers=asked).json()["detail"] == "이 주소에는 아무것도 없어요."


def test_the_same_key_is_the_same_job(server: Server) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.post("/v1/jobs", json=SONG, headers=key), range(8)))
    assert {answer.status_code for answer in answers} <= {200, 202}  # 200: it is finished by then
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = server.post("/v1/jobs", json={**SONG, "priority": 3}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_a_key_has_to_say_something(server: Server) -> None:
    answer = server.post("/v1/jobs", json=SONG, headers={"Idempotency-Key": ""})
    assert (answer.status_code, answer.json()["field"]) == (422, "idempotency-key")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_a_body_that_is_not_plain_json_is_of_no_use(server: Server, headers: dict[str, str]) -> None:
    content = json.dumps(SONG).encode()
    body = gzip.compress(content) if "Content-Encoding" in headers else content
    answer = server.post("/v1/jobs", data=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert answer.headers["Accept"] == "application/json"


def test_the_same_seed_gives_the_same_bytes(server: Server, done: Any) -> None:
    again = server.post("/v1/jobs", json=SONG, headers=WAIT).json()
    assert again["id"] != done["id"]
    assert roles(again) == roles(done)


def roles(job: Any) -> dict[str, str]:
    return {artifact["role"]: artifact["sha256"] for artifact in job["artifacts"]}


@pytest.mark.parametrize("audio_format", ["wav", "flac", "opus", "m4a"])
def test_every_format_is_delivered(server: Server, audio_format: str) -> None:
    job = server.post("/v1/jobs", json={**SONG, "task": {**TASK, "format": audio_format}}, headers=WAIT).json()
    [song] = [artifact for artifact in job["artifacts"] if artifact["role"] == "song"]
    assert song["name"].endswith(f".{audio_format}")
    assert server.get(song["content"]).headers["Content-Type"] == song["media_type"]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"kind": "opera", "task": {}}, "unknown_kind", "kind"),
        ({"kind": "song", "task": {}}, "invalid_request", "task.genre"),
        ({"kind": "song", "task": {"genre": "x", "duration": 0.5}}, "invalid_request", "task.duration"),
        ({"kind": "song", "task": {"genre": "x", "sample_rate": 44_000}}, "invalid_request", "task.sample_rate"),
        ({"kind": "song", "task": {"genre": "x", "quality": "best"}}, "invalid_request", "task.quality"),
        ({"kind": "song", "task": {"genre": "x", "colour": "red"}}, "invalid_request", "task.colour"),
        ({"kind": "song", "task": {"genre": "x", "engine": "none"}}, "unknown_engine", "engine"),
        ({"kind": "song", "task": {"genre": "x", "options": {"tone": 5}}}, "invalid_request", "options.tone"),
        ({"kind": "song", "task": {"genre": "x", "options": {"pace": 5}}}, "invalid_request", "options.pace"),
        ({"kind": "song", "task": {"genre": "x\0"}}, "invalid_request", "genre"),
        ({"kind": "song", "task": "x"}, "invalid_request", "task"),
        ({"kind": "song", "task": {"genre": "x"}, "priority": 10_000}, "invalid_request", "priority"),
        ({"kind": "song", "task": {"genre": "x"}, "deadline": 0}, "invalid_request", "deadline"),
        ({"task": {"genre": "x"}}, "invalid_request", "kind"),
        ({"kind": "song"}, "invalid_request", "task"),
        ({"kind": "song", "task": {"genre": "x"}, "extra": 1}, "invalid_request", "extra"),
    ],
)
def test_problems_name_their_field(server: Server, body: Any, code: str, field: str) -> None:
    answer = server.post("/v1/jobs", json=body)
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (problem["code"], problem["field"]) == (code, field)
    assert problem["detail"].startswith(f"{field}: ") or not str(field).startswith("task.")
    assert (problem["status"], problem["type"]) == (answer.status_code, f"urn:pansori:problem:{code}")
    assert answer.status_code == 422


def test_problems_speak_korean_to_those_who_ask(server: Server) -> None:
    answer = server.post("/v1/jobs", json={"kind": "opera", "task": {}}, headers={"Accept-Language": "ko-KR,ko;q=0.9"})
    assert answer.json()["detail"] == "“opera” 종류의 작업은 없어요."
    assert answer.json()["cure"].startswith("다음 중에서 고르세요")


# -- reading ------------


def test_a_job_is_read_back(server: Server, done: Any) -> None:
    assert server.get(f"/v1/jobs/{done['id']}").json() == done
    assert server.get(f"/v1/jobs/{done['id']}/artifacts").json() == {"artifacts": done["artifacts"]}


@pytest.mark.parametrize(
    "path", ["/v1/jobs/{}", "/v1/jobs/{}/artifacts", "/v1/jobs/{}/events", "/v1/assets/{}", "/v1/assets/{}/content"]
)
@pytest.mark.parametrize("thing", [NOBODYS, "nonsense", "%00"])
def test_what_there_is_not(server: Server, path: str, thing: str) -> None:
    answer = server.get(path.format(thing))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_list_is_read_page_by_page(server: Server, done: Any) -> None:
    for _ in range(3):
        server.post("/v1/jobs", json=SONG, headers=WAIT)
    everything = server.get("/v1/jobs", params={"limit": 500}).json()["jobs"]
    assert [job["created_at"] for job in everything] == sorted((job["created_at"] for job in everything), reverse=True)
    seen, cursor = list[str](), None
    while True:
        page = server.get("/v1/jobs", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [job["id"] for job in page["jobs"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [job["id"] for job in everything]


def test_the_list_is_filtered(server: Server, done: Any) -> None:
    def ids(**filters: Any) -> list[str]:
        return [job["id"] for job in server.get("/v1/jobs", params={"limit": 500, **filters}).json()["jobs"]]

    assert done["id"] in ids(state="succeeded")
    assert done["id"] in ids(state=["failed", "succeeded"], kind="song", origin="v1")
    assert done["id"] not in ids(state="failed")
    assert ids(kind="opera") == []
    assert done["id"] not in ids(origin="memoria")
    assert server.get("/v1/jobs", params={"state": "lost"}).status_code == 422
    assert server.get("/v1/jobs", params={"origin": "a\0"}).json()["field"] == "origin"


@pytest.mark.parametrize(
    "told",
    [
        b"!",
        b"[" * 20_000,
        b'{"a": 1}',
        b'["0001-01-01T00:00:00+23:59", "c382f91997784d94a6350742c1fdf8b1"]',
        b'["2026-01-01T00:00:00", "c382f91997784d94a6350742c1fdf8b1"]',
    ],
    ids=["mark", "deep", "object", "before-all-time", "no-zone"],
)
@pytest.mark.parametrize("path", ["/v1/jobs", "/jobs"])
def test_a_forged_cursor_is_refused_by_name(server: Server, path: str, told: bytes) -> None:
    answer = server.get(path, params={"cursor": base64.urlsafe_b64encode(told).decode()})
    assert answer.status_code == 422
    where = answer.json()["field"] if path == "/v1/jobs" else answer.json()["detail"][0]["loc"][-1]
    assert where == "cursor"


# -- changing ------------


def test_cancel_and_retry(idle: Server) -> None:
    server, job = idle, later(idle)
    cancelled = server.post(f"/v1/jobs/{job}/cancel")
    assert cancelled.status_code == 200
    eventually(lambda: server.get(f"/v1/jobs/{job}").json()["state"] == "cancelled")
    assert server.post(f"/v1/jobs/{job}/cancel").json()["state"] == "cancelled"
    again = eventually(lambda: retried(server, job))
    assert (again["state"], again["error"]) == ("queued", None)
    server.post(f"/v1/jobs/{job}/cancel")
    eventually(lambda: server.get(f"/v1/jobs/{job}").json()["state"] == "cancelled")
    assert server.post(f"/v1/jobs/{uuid4()}/cancel").status_code == 404


def retried(server: Server, job: str) -> Any:
    """None while its process is still being ended."""
    answer = server.post(f"/v1/jobs/{job}/retry")
    return answer.json() if answer.status_code == 200 else None


def test_a_finished_job_is_not_run_again(server: Server, done: Any) -> None:
    answer = server.post(f"/v1/jobs/{done['id']}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_job_that_takes_too_long_fails(server: Server) -> None:
    late = {**SONG, "deadline": 0.05, "task": {**TASK, "duration": 600, "seed": 11}}
    job = server.post("/v1/jobs", json=late, headers=WAIT).json()
    assert (job["state"], job["error"]["code"]) == ("failed", "deadline_exceeded")


# -- events ------------


def test_events_come_in_order_and_end_with_the_job(server: Server) -> None:
    job = server.post("/v1/jobs", json={**SONG, "task": {**TASK, "seed": 21}}).json()["id"]
    with EventSource(f"{server.url}/v1/jobs/{job}/events") as source:
        events = source.rest()
    assert [int(event.last_event_id) for event in events] == list(range(1, len(events) + 1))
    types = [event.type for event in events]
    assert (types[0], types[-1]) == ("queued", "succeeded")
    assert {"running", "step_started", "artifact", "step_succeeded"} <= set(types)
    assert all(event.json["job_id"] == job and event.json["type"] == event.type for event in events)


def test_who_comes_back_misses_nothing_and_sees_nothing_twice(server: Server, done: Any) -> None:
    url = f"{server.url}/v1/jobs/{done['id']}/events"
    with EventSource(url) as source:
        events = source.rest()
    for seen in (1, len(events) // 2, len(events) - 1):
        with EventSource(url, last_event_id=str(seen)) as source:
            assert source.rest() == events[seen:]
    with EventSource(url, last_event_id=str(len(events))) as source:
        assert (source.status, source.rest()) == (204, [])


def test_a_last_event_that_is_none_of_the_jobs_is_the_beginning(server: Server, done: Any) -> None:
    for nonsense in ("x", "-1", "1.5", "999999", "9" * 18, "9" * 30):
        with EventSource(f"{server.url}/v1/jobs/{done['id']}/events", last_event_id=nonsense) as source:
            assert source.rest()[0].type == "queued"


# -- assets and engines ------------


def test_assets_are_facts_and_bytes(server: Server, done: Any) -> None:
    for artifact in done["artifacts"]:
        facts = server.get(f"/v1/assets/{artifact['asset_id']}").json()
        assert facts["content"] == artifact["content"]
        content = server.get(facts["content"])
        assert content.headers["ETag"] == f'"{facts["sha256"]}"'
        assert hashlib.sha256(content.content).hexdigest() == facts["sha256"]
        assert len(content.content) == facts["size"]
        assert "key" not in facts
        assert "sandbox" in content.headers["Content-Security-Policy"]


def test_assets_in_parts(server: Server, done: Any) -> None:
    [song] = [artifact for artifact in done["artifacts"] if artifact["role"] == "song"]
    whole = server.get(song["content"]).content
    assert server.get(song["content"], headers={"Range": "bytes=-10"}).content == whole[-10:]
    refused = server.get(song["content"], headers={"If-Match": '"other"'})
    assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    head = requests.head(server.url + song["content"], timeout=60)
    assert head.headers["Content-Length"] == str(len(whole))


def test_engines_say_what_they_are(server: Server) -> None:
    listed = server.get("/v1/engines").json()["engines"]
    engines = {engine["name"]: engine for engine in listed if engine["family"] == "compose"}
    assert engines["debug"]["state"] == "ready"
    assert engines["debug"]["card"]["code_licence"]
    assert "tone" in engines["debug"]["options"]["properties"]

"""`/metrics`: what it tells, in which form, and to whom."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse
from sqlalchemy import text

from pansori import jobs, telemetry
from pansori.api import create_app
from pansori.bootstrap import assemble, build
from pansori.domain.units import Bytes, Seconds
from pansori.engines import residency
from pansori.jobs import Twin
from pansori.settings import load
from pansori.workflows import Services
from support.tables import furnish

pytestmark = pytest.mark.anyio
TOKEN = "a-token-that-nobody-guesses"
SONG = {"kind": "song", "task": {"genre": "folk", "lyrics": "산새가 운다", "duration": 1}}
ELSEWHERE = ("203.0.113.7", 4000)
Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def services(folder: Path) -> Iterator[Services]:
    opened = services_for(folder)
    yield opened
    opened.close()


def services_for(folder: Path, **options: Any) -> Services:
    settings = load(data_dir=folder, compose_engine="debug", workers=0, **options)
    made = assemble(settings)
    furnish(made.database)
    made.close()
    return build(settings)


async def ask(
    app: FastAPI, path: str = "/metrics", *, client: tuple[str, int] = ("127.0.0.1", 4000), **options: Any
) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=client, raise_app_exceptions=False)
    base = options.pop("base_url", "http://localhost:8080")
    async with httpx.AsyncClient(transport=transport, base_url=base) as asking:
        return await asking.request(options.pop("method", "GET"), path, **options)


async def series(app: FastAPI, **options: Any) -> Series:
    answer = await ask(app, **options)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse(answer.text)
        for sample in family.samples
    }


# -- what it tells ------------


async def test_a_song_is_seen_from_its_submission_to_its_end(services: Services) -> None:
    app = create_app(services)
    kind, cpu = ("kind", "song"), ("queue", "cpu")
    answer = await ask(app, "/v1/jobs", method="POST", json=SONG)
    assert answer.status_code == 202
    jobs.count_events(services.database)
    waiting = await series(app)
    assert waiting["pansori_jobs", (kind, ("state", "queued"))] == 1
    assert waiting["pansori_queue_due_steps", (cpu,)] == 1
    assert waiting["pansori_jobs_submitted_total", (kind,)] == 1
    with Twin(services.kernel):
        job_id = answer.json()["id"]
        url = f"/v1/jobs/{job_id}"
        while (await ask(app, url)).json()["state"] != "succeeded":
            threading.Event().wait(0.02)
    jobs.count_events(services.database)
    done = await series(create_app(services))  # another server of the installation tells the same, and has read nothing
    assert done["pansori_jobs", (kind, ("state", "succeeded"))] == 1
    assert done["pansori_jobs_finished_total", (kind, ("state", "succeeded"))] == 1
    for step in ("compose", "deliver"):
        assert done["pansori_step_duration_seconds_count", (kind, ("step", step))] == 1
        assert done["pansori_step_duration_seconds_bucket", (kind, ("le", "3600"), ("step", step))] == 1
    assert done["pansori_queue_due_steps", (cpu,)] == 0
    assert done["pansori_files", ()] > 0
    assert done["pansori_files_bytes", ()] > 0
    assert done["pansori_database_bytes", ()] > 0
    assert done["pansori_database_up", ()] == 1
    assert waiting["pansori_queue_worker_processes", (cpu,)] == 0


async def test_loaded_models_are_seen(services: Services) -> None:
    app = create_app(services)
    before = await series(app)
    key, label = "a model of this test", (("model", "a model of this test"),)
    with residency.hold(key, object, memory=Bytes(3), ttl=Seconds(0.0)):
        seen = await series(app)
        assert seen["pansori_model_users", label] == 1
        assert seen["pansori_model_bytes", label] == 3
    after = await series(app)
    assert ("pansori_model_users", label) not in after
    for name in ("pansori_model_loads_total", "pansori_model_unloads_total"):
        assert after[name, ()] >= before[name, ()] + 1  # models of other tests may go at any moment


async def test_requests_are_counted_by_their_route(services: Services) -> None:
    app = create_app(services)
    for path in ("/v1/jobs/1?signature=secret", "/v1/jobs/2", "/nothing/at/all", "/docs/static/swagger-ui.css"):
        await ask(app, path)
    await ask(app, "/v1/jobs", method="BREW")
    found = await series(app)
    counted = {labels: value for (name, labels), value in found.items() if name == "pansori_http_requests_total"}
    of = {tuple(value for _, value in labels): number for labels, number in counted.items()}
    assert of == {
        ("GET", "/v1/jobs/{job_id}", "404"): 2,
        ("GET", "none", "404"): 1,
        ("GET", "/docs/static/{path}", "200"): 1,
        ("OTHER", "/v1/jobs", "405"): 1,
    }
    timed = ("pansori_http_response_seconds_count", (("method", "GET"), ("route", "/v1/jobs/{job_id}")))
    assert found[timed] == 2
    assert found["pansori_http_requests_in_flight", ()] == 1  # this one


async def test_a_stream_is_counted_while_it_is_open(services: Services) -> None:
    app = create_app(services)

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def look() -> Any:
            yield json.dumps([value for (name, _), value in (await series(app)).items() if name in OPEN])

        return StreamingResponse(look(), media_type="text/event-stream")

    opened = (await ask(app, "/stream")).json()
    assert opened == [2, 1]  # the stream and who looks at it; the stream
    assert [(await series(app))[name, ()] for name in OPEN] == [1, 0]


OPEN = ("pansori_http_requests_in_flight", "pansori_event_streams")


async def test_both_forms_are_whole(services: Services) -> None:
    app = create_app(services)
    plain = await ask(app)
    assert plain.headers["content-type"].startswith("text/plain; version=")
    modern = await ask(app, headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert modern.headers["content-type"].startswith("application/openmetrics-text")
    names = {family.name for family in parse_open(modern.text)}  # type: ignore[no-untyped-call]
    assert {"pansori_jobs_finished", "pansori_http_requests", "pansori_queue_oldest_seconds"} <= names
    assert plain.headers["cache-control"] == "no-store"


async def test_while_the_database_is_away_it_says_so(services: Services) -> None:
    app = create_app(services)
    with services.database.write() as session:
        session.execute(text("ALTER TABLE tallies RENAME TO elsewhere"))
    found = await series(app)
    assert found["pansori_database_up", ()] == 0
    assert not any(name.startswith("pansori_queue") for name, _ in found)
    assert any(name == "pansori_build_info" for name, _ in found)


async def test_what_was_read_just_now_is_not_read_again(services: Services) -> None:
    of_jobs = ("pansori_queue_due_steps", (("queue", "cpu"),))
    for _ in range(10):  # a busy machine may take longer than what was read is kept
        app = create_app(services)
        before = (await series(app))[of_jobs]
        await ask(app, "/v1/jobs", method="POST", json=SONG)
        if (await series(app))[of_jobs] == before:
            return
    pytest.fail("it was read again each time")


# -- to whom ------------


@pytest.mark.parametrize(
    ("options", "request_options", "status"),
    [
        ({}, {}, 200),
        ({}, {"base_url": "http://[::1]:8080", "client": ("::1", 4000)}, 200),
        ({}, {"client": ELSEWHERE}, 403),
        ({}, {"headers": {"X-Forwarded-For": "203.0.113.7"}}, 403),
        ({}, {"headers": {"Via": "1.1 proxy"}}, 403),
        ({}, {"headers": {"Forwarded": "for=203.0.113.7"}}, 403),
        ({}, {"headers": {"X-Real-IP": "203.0.113.7"}}, 403),
        ({}, {"headers": {"X-Forwarded-For": "127.0.0.1"}}, 403),
        ({"public_url": "https://songs.example"}, {"base_url": "https://songs.example"}, 403),
        ({"mode": "accounts"}, {}, 200),
        ({"mode": "accounts"}, {"client": ELSEWHERE}, 403),
        ({"metrics": "open", "mode": "accounts"}, {"client": ELSEWHERE}, 200),
        ({"metrics": "off"}, {}, 404),
        ({"metrics": "off", "metrics_token": TOKEN}, {"headers": {"Authorization": f"Bearer {TOKEN}"}}, 404),
        (
            {"metrics_token": TOKEN, "mode": "accounts"},
            {"client": ELSEWHERE, "headers": {"Authorization": f"Bearer {TOKEN}"}},
            200,
        ),
        ({"metrics_token": TOKEN}, {"client": ELSEWHERE, "headers": {"Authorization": f"Bearer {TOKEN}x"}}, 401),
        ({"metrics_token": TOKEN}, {"client": ELSEWHERE}, 403),
        ({}, {"client": ELSEWHERE, "headers": {"Authorization": "Bearer "}}, 403),
    ],
)
async def test_who_may_read_them(
    folder: Path, options: dict[str, Any], request_options: dict[str, Any], status: int
) -> None:
    services = services_for(folder, **options)
    answer = await ask(create_app(services), **request_options)
    services.close()
    assert answer.status_code == status, answer.text
    assert ("pansori_" in answer.text) == (status == 200)


# -- the access log ------------


async def test_the_access_log_tells_of_every_request_and_of_no_secret(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services = services_for(folder, log_format="json")
    telemetry.log_to_stderr("json", "info")
    app = create_app(services)
    await ask(app, "/v1/jobs/1?signature=secret", headers={"X-Request-ID": "abc", "Authorization": "Bearer hidden"})
    lines = [json.loads(one) for one in capsys.readouterr().err.splitlines()]
    services.close()
    logged = str([line for line in lines if line["logger"] != "httpx"])  # which is the client's
    [line] = [one for one in lines if one["logger"] == "pansori.access"]
    told = {name: line[name] for name in ("level", "method", "route", "status", "client", "request_id", "account")}
    assert told == {
        "level": "info",
        "method": "GET",
        "route": "/v1/jobs/{job_id}",
        "status": 404,
        "client": "127.0.0.1",
        "request_id": "abc",
        "account": 10,
    }
    assert line["bytes"] > 0
    assert line["duration_ms"] > 0
    assert "secret" not in logged
    assert "hidden" not in logged


@pytest.mark.parametrize(
    ("options", "logged"),
    [({}, 0), ({"access_log": "true"}, 1), ({"log_level": "debug"}, 1), ({"log_format": "json", "access_log": "0"}, 0)],
)
async def test_when_requests_are_logged(
    folder: Path, options: dict[str, Any], logged: int, caplog: pytest.LogCaptureFixture
) -> None:
    services = services_for(folder, **options)
    with caplog.at_level(logging.INFO, "pansori.access"):
        await ask(create_app(services), "/")
    services.close()
    assert len([record for record in caplog.records if record.name == "pansori.access"]) == logged


async def test_a_problem_names_the_request(services: Services) -> None:
    answer = await ask(create_app(services), "/v1/jobs/1", headers={"X-Request-ID": "abc"})
    assert (answer.json()["request_id"], answer.headers["X-Request-ID"]) == ("abc", "abc")

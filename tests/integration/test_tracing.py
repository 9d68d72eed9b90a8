"""One request, followed through the processes of a real server: by its trace and by its id in the log."""

from __future__ import annotations

import json
from pathlib import Path

from pansori.cli.exits import CONFIGURATION
from support.command import Inside
from support.server import running
from support.spans import collecting
from support.waiting import eventually

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SONG = {"kind": "song", "task": {"genre": "folk", "lyrics": "산새가 운다", "duration": 1}}
REQUEST, SUBMIT, COMPOSE, DELIVER = NAMES = ("POST /v1/jobs", "submit song", "song compose", "song deliver")
FINISHED = 'pansori_jobs_finished_total{kind="song",state="succeeded"} 1.0'


def test_a_request_is_one_trace_and_one_id_in_all_processes(tmp_path: Path) -> None:
    with collecting() as collector:
        with running(tmp_path, {**collector.settings, "PANSORI_LOG_FORMAT": "json"}) as server:
            asked = {"X-Request-ID": "a-song-of-mine", "traceparent": f"00-{TRACE}-{CALLER}-01", "Prefer": "wait=60"}
            answer = server.post("/v1/jobs?secret=whisper", json=SONG, headers=asked)
            assert answer.json()["state"] == "succeeded"
            job_id = answer.json()["id"]
            eventually(lambda: collector.spans(TRACE).keys() >= set(NAMES))
            eventually(lambda: FINISHED in server.get("/metrics").text, every=0.2)  # though another process did it
        log = server.log
    found = collector.spans(TRACE)
    parents = {name: found[name].parent for name in NAMES}
    submitted, requested = found[SUBMIT].id, found[REQUEST].id
    assert parents == {REQUEST: CALLER, SUBMIT: requested, COMPOSE: submitted, DELIVER: submitted}
    assert found[REQUEST].pid == found[SUBMIT].pid != found[COMPOSE].pid
    assert (found[REQUEST].kind, found[COMPOSE].kind) == ("SPAN_KIND_SERVER", "SPAN_KIND_CONSUMER")
    assert found[COMPOSE].attributes["pansori.job_id"] == job_id
    assert found[REQUEST].attributes["pansori.request_id"] == "a-song-of-mine"
    assert b"whisper" not in collector.received
    assert "/ready" not in collector.received.decode(errors="replace")
    check_log(log, job_id, found[REQUEST].pid)


def check_log(log: str, job_id: str, server: int) -> None:
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    ours = [line for line in lines if line.get("request_id") == "a-song-of-mine"]
    assert {line["trace_id"] for line in ours} == {TRACE}
    [access] = [line for line in ours if line["logger"] == "pansori.access"]
    assert (access["route"], access["status"], access["process"]) == ("/v1/jobs", 200, server)
    of_steps = [line for line in ours if "step" in line]
    steps = {(line["job_id"], line["step"], line["attempt"]) for line in of_steps}
    assert steps == {(job_id, "compose", 1), (job_id, "deliver", 1)}
    assert server not in {line["process"] for line in of_steps}
    others = [line for line in log.splitlines() if not line.startswith("{")]
    assert all(line.startswith(("Pansori is at", "Ctrl-C")) for line in others), others
    assert "whisper" not in log


def test_traces_that_cannot_be_had_are_refused_at_once(tmp_path: Path) -> None:
    done = Inside(tmp_path).run("serve", OTEL_TRACES_EXPORTER="zipkin", PORT="0")
    assert done.returncode == CONFIGURATION
    assert "OTEL_TRACES_EXPORTER" in done.stderr

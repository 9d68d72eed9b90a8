"""One request, followed through the processes of a real server: by its trace and by its id in the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pansori.cli.exits import CONFIGURATION
from support.command import Inside
from support.origin import Exchange, Origin, serving
from support.server import running
from support.waiting import eventually

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SONG = {"kind": "song", "task": {"genre": "folk", "lyrics": "산새가 운다", "duration": 1}}


def receive(exchange: Exchange) -> None:
    exchange.answer(200, b"", "application/x-protobuf")


def spans(collector: Origin) -> dict[str, dict[str, Any]]:
    """What was sent so far, decoded as OTLP has it, by the span's name."""
    found = {}
    for request in list(collector.requests):
        sent = ExportTraceServiceRequest.FromString(request.body)
        for resource in sent.resource_spans:
            process = {one.key: one.value for one in resource.resource.attributes}
            assert process["service.name"].string_value == "pansori"
            for scope in resource.scope_spans:
                for span in scope.spans:
                    found[span.name] = {
                        "ids": (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()),
                        "kind": Span.SpanKind.Name(span.kind),
                        "pid": process["process.pid"].int_value,
                        "attributes": {one.key: one.value for one in span.attributes},
                    }
    return found


def test_a_request_is_one_trace_and_one_id_in_all_processes(tmp_path: Path) -> None:
    with serving({"/v1/traces": receive}) as collector:
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "PANSORI_LOG_FORMAT": "json",
        }
        with running(tmp_path, settings) as server:
            asked = {"X-Request-ID": "a-song-of-mine", "traceparent": f"00-{TRACE}-{CALLER}-01", "Prefer": "wait=60"}
            answer = server.post("/v1/jobs?secret=whisper", json=SONG, headers=asked)
            assert answer.json()["state"] == "succeeded"
            job_id = answer.json()["id"]
            names = {"POST /v1/jobs", "submit song", "song compose", "song deliver"}
            eventually(lambda: names <= spans(collector).keys())
            found = spans(collector)
        log = server.log
    request, submit, compose, deliver = (found[name] for name in ("POST /v1/jobs", "submit song", *STEPS))
    assert [request["ids"][0]] * 3 == [TRACE, *(one["ids"][0] for one in (submit, compose))]
    assert request["ids"][2] == CALLER
    assert submit["ids"][2] == request["ids"][1]
    assert compose["ids"][2] == deliver["ids"][2] == submit["ids"][1]
    assert request["pid"] == submit["pid"] != compose["pid"]
    assert compose["attributes"]["pansori.job_id"].string_value == job_id
    assert (request["kind"], compose["kind"]) == ("SPAN_KIND_SERVER", "SPAN_KIND_CONSUMER")
    assert all(b"whisper" not in sent.body for sent in collector.requests)
    _check_log(log, job_id, request["pid"])


STEPS = ("song compose", "song deliver")


def _check_log(log: str, job_id: str, server: int) -> None:
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    ours = [line for line in lines if line.get("request_id") == "a-song-of-mine"]
    assert {line["trace_id"] for line in ours} == {TRACE}
    [access] = [line for line in ours if line["logger"] == "pansori.access"]
    assert (access["route"], access["status"], access["process"]) == ("/v1/jobs", 200, server)
    of_steps = [line for line in ours if "step" in line]
    assert {(line["job_id"], line["step"], line["attempt"]) for line in of_steps} == {
        (job_id, "compose", 1),
        (job_id, "deliver", 1),
    }
    assert server not in {line["process"] for line in of_steps}
    others = [line for line in log.splitlines() if not line.startswith("{")]
    assert all(line.startswith(("Pansori is at", "Ctrl-C")) for line in others), others
    assert "whisper" not in log


def test_traces_that_cannot_be_had_are_refused_at_once(tmp_path: Path) -> None:
    done = Inside(tmp_path).run("serve", OTEL_TRACES_EXPORTER="zipkin", PORT="0")
    assert done.returncode == CONFIGURATION
    assert "OTEL_TRACES_EXPORTER" in done.stderr

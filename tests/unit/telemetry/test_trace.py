"""Contexts are handed on, recorded or not; and what OpenTelemetry's variables ask for is had, or refused at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pansori import telemetry
from pansori.domain.errors import ConfigurationError
from support.origin import serving
from support.spans import Span, collecting
from support.waiting import eventually

TRACE = f"00-{'a' * 32}-{'b' * 16}-01"
OTHER = f"00-{'c' * 32}-{'d' * 16}-00"


@pytest.fixture(autouse=True)
def _asked_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)


def test_a_context_is_handed_on_though_nobody_records() -> None:
    assert telemetry.traceparent() is None
    with telemetry.span("request", "server", parent=TRACE):
        assert telemetry.traceparent() == TRACE
        with telemetry.span("inner") as span:
            span.set("what", 1)
            span.rename("better")
            telemetry.fail_span("a_code")
            assert telemetry.traceparent() == TRACE
        with telemetry.span("of another", parent=OTHER):
            assert telemetry.traceparent() == OTHER
        assert telemetry.traceparent() == TRACE
    assert telemetry.traceparent() is None


@pytest.mark.parametrize(
    "parent",
    [
        "",
        "x",
        TRACE + "\n",
        TRACE.upper(),
        TRACE + "-more",
        f"ff-{'a' * 32}-{'b' * 16}-01",
        f"00-{'0' * 32}-{'b' * 16}-01",
        f"00-{'a' * 32}-{'0' * 16}-01",
    ],
)
def test_what_is_no_context_is_none(parent: str) -> None:
    with telemetry.span("request", parent=parent):
        assert telemetry.traceparent() is None


def test_a_generator_may_end_elsewhere() -> None:
    """As the body of an answer does, which is read in threads of a pool."""
    from contextvars import copy_context

    @contextmanager
    def traced() -> Iterator[None]:
        with telemetry.about(job_id="j"), telemetry.span("reading", parent=TRACE):
            yield

    one, other = copy_context(), copy_context()
    block = traced()
    one.run(block.__enter__)
    other.run(block.__exit__, None, None, None)
    assert telemetry.traceparent() is None
    assert dict(telemetry.known()) == {}


def test_facts_are_noted_where_somebody_keeps_them_only() -> None:
    telemetry.note(account=10)
    assert dict(telemetry.known()) == {}


def test_nobody_asked_for_traces() -> None:
    assert telemetry.exporting() is None


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:4318"}, ("otlp", "http://a:4318")),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a:1/x"}, ("otlp", "http://a:1/x")),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ("otlp", "")),
        ({"OTEL_TRACES_EXPORTER": "console", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:4318"}, ("console", "")),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:4318"}, None),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:4318"}, None),
    ],
)
def test_what_the_variables_ask_for(
    variables: dict[str, str], expected: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = telemetry.exporting()
    assert (None if found is None else (found.exporter, found.endpoint)) == expected


@pytest.mark.parametrize(
    ("variables", "field"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER"),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL"),
    ],
)
def test_what_cannot_be_had(variables: dict[str, str], field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as raised:
        telemetry.exporting()
    assert raised.value.field == field
    assert raised.value.cure is not None


@pytest.mark.parametrize("absent", ["opentelemetry.sdk", "opentelemetry.exporter"])
def test_without_the_extra_only_who_asks_is_refused(absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(f"{absent}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, absent, None)  # as Python itself marks what cannot be imported
    assert telemetry.exporting() is None
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp" if absent == "opentelemetry.exporter" else "console")
    with pytest.raises(ConfigurationError) as raised:
        telemetry.exporting()
    assert raised.value.cure is not None
    assert "pansori[otel]" in raised.value.cure.en


PROCESS = """
import sys

from pansori import telemetry

with telemetry.span("outer", "client", {"a": 1, "b": None}, parent=sys.argv[1]):
    try:
        with telemetry.span("inner") as inner:
            inner.rename("better")
            raise KeyError("secret")
    except KeyError:
        pass
telemetry.flush()
"""


def process(**variables: str) -> None:
    """It ends."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    subprocess.run([sys.executable, "-c", PROCESS, TRACE], env=environment, check=True, timeout=120)


def test_a_process_that_ends_sends_its_last_spans() -> None:
    with collecting() as collector:

        def sent() -> dict[str, Span]:
            process(**{**collector.settings, "OTEL_BSP_SCHEDULE_DELAY": "3600000"})
            return collector.spans("a" * 32)

        found = eventually(sent)  # a process waits two seconds at its end, in which a busy machine may send nothing
    assert (found["outer"].parent, found["better"].parent) == ("b" * 16, found["outer"].id)
    assert found["outer"].attributes == {"a": 1}
    assert found["better"].attributes == {"error.type": "KeyError"}
    assert b"secret" not in collector.received


def test_a_collector_that_does_not_answer_holds_nobody_up() -> None:
    with serving() as origin:
        origin.routes["/v1/traces"] = lambda exchange: bool(origin.ending.wait())  # type: ignore[assignment]

        def asked() -> bool:
            process(OTEL_EXPORTER_OTLP_ENDPOINT=origin.url, OTEL_EXPORTER_OTLP_TIMEOUT="3600000")
            return bool(origin.requests)

        eventually(asked)

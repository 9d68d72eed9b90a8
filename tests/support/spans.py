"""A collector of traces: receives spans as OTLP over HTTP has them, and decodes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent

from support.origin import Origin, serving


@dataclass(frozen=True)
class Span:
    name: str
    trace: str
    id: str
    parent: str
    kind: str
    pid: int
    attributes: dict[str, str | int]


class Collector:
    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self.settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": origin.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        """The environment of who is to send spans here."""

    @property
    def received(self) -> bytes:
        """All that came, as it came."""
        return b"".join(request.body for request in list(self._origin.requests))

    def spans(self, trace: str) -> dict[str, Span]:
        """Those of one trace that came so far, by name; of several of one name the last."""
        return {span.name: span for span in self.by_id(trace).values()}

    def by_id(self, trace: str) -> dict[str, Span]:
        found = {}
        for request in list(self._origin.requests):
            for resource in ExportTraceServiceRequest.FromString(request.body).resource_spans:
                process = {one.key: one.value for one in resource.resource.attributes}
                assert process["service.name"].string_value == "pansori"
                for scope in resource.scope_spans:
                    for sent in scope.spans:
                        found[sent.span_id.hex()] = _read(sent, process["process.pid"].int_value)
        return {number: span for number, span in found.items() if span.trace == trace}


def _read(sent: Sent, pid: int) -> Span:
    attributes = {one.key: one.value.string_value or one.value.int_value for one in sent.attributes}
    ids = sent.trace_id.hex(), sent.span_id.hex(), sent.parent_span_id.hex()
    return Span(sent.name, *ids, Sent.SpanKind.Name(sent.kind), pid, attributes)


@contextmanager
def collecting() -> Iterator[Collector]:
    with serving({"/v1/traces": lambda exchange: exchange.answer(200, b"", "application/x-protobuf")}) as origin:
        yield Collector(origin)

"""OpenTelemetry's SDK, loaded where its variables ask for it: spans, and whom they are sent to."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pansori.domain.errors import ConfigurationError, Text
from pansori.domain.units import Seconds

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as SdkSpan

Exporter = Literal["otlp", "console"]
EXPORTERS: tuple[Exporter, ...] = ("otlp", "console")
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PROTOCOL = "http/protobuf"
MODULES = {"otlp": "opentelemetry.exporter.otlp.proto.http.trace_exporter", "console": "opentelemetry.sdk.trace.export"}
SOON = 1_000.0  #: milliseconds that a finished span waits for others; OTEL_BSP_SCHEDULE_DELAY says otherwise
FLUSHING = Seconds(2.0)  #: how long a process which ends may take to send its last spans
EXTRA = Text("Install the extra: pip install 'pansori[otel]'", "추가 묶음을 설치하세요: pip install 'pansori[otel]'")


@dataclass(frozen=True)
class Exporting:
    """Whom spans are sent to, as OpenTelemetry's variables say."""

    exporter: Exporter
    endpoint: str
    """Empty: the exporter's own default, or standard output."""


def exporting() -> Exporting | None:
    """None: nobody asked for traces. Raises `ConfigurationError` for what is asked for and cannot be had."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    endpoint = next((found for name in ENDPOINTS if (found := os.environ.get(name, "").strip())), "")
    wanted = os.environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() or ("otlp" if endpoint else "none")
    if wanted == "none":
        return None
    chosen = next((known for known in EXPORTERS if known == wanted), None)
    if chosen is None:
        raise _wrong("OTEL_TRACES_EXPORTER", wanted, ("otlp", "console", "none"))
    protocol = next((found for name in PROTOCOLS if (found := os.environ.get(name, "").strip())), PROTOCOL)
    if chosen == "otlp" and protocol != PROTOCOL:
        raise _wrong("OTEL_EXPORTER_OTLP_PROTOCOL", protocol, (PROTOCOL,))
    if not _is_installed(chosen):
        raise ConfigurationError(
            Text(
                "Traces are asked for, and OpenTelemetry's SDK is not installed.",
                "추적을 켰는데 OpenTelemetry SDK가 설치되어 있지 않아요.",
            ),
            field="OTEL_TRACES_EXPORTER",
            cure=EXTRA,
        )
    return Exporting(chosen, endpoint if chosen == "otlp" else "")


def _is_installed(exporter: Exporter) -> bool:
    try:
        return importlib.util.find_spec(MODULES[exporter]) is not None
    except ModuleNotFoundError:  # of a package above it
        return False


def _wrong(name: str, value: str, choices: tuple[str, ...]) -> ConfigurationError:
    listed = ", ".join(choices)
    return ConfigurationError(
        Text(f"{name}: “{value}” is not possible here.", f"{name}: “{value}” 값은 쓸 수 없어요."),
        field=name,
        cure=Text(f"Choose one of: {listed}.", f"다음 중에서 고르세요: {listed}."),
    )


class Span:
    """One that is recorded."""

    def __init__(self, inner: SdkSpan) -> None:
        self._inner = inner

    @property
    def traceparent(self) -> str:
        context = self._inner.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"

    def rename(self, name: str) -> None:
        self._inner.update_name(name)

    def set(self, name: str, value: str | int | float | bool) -> None:
        self._inner.set_attribute(name, value)

    def fail(self, reason: str) -> None:
        from opentelemetry.trace import StatusCode

        self._inner.set_attribute("error.type", reason)
        self._inner.set_status(StatusCode.ERROR)

    def end(self) -> None:
        self._inner.end()


class Tracer:
    """Of one process. Its spans are sent in batches, from a thread of its own."""

    def __init__(self, to: Exporting) -> None:
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from pansori import __version__

        own: dict[str, Any] = {"service.version": __version__, "process.pid": os.getpid()}
        if "service.name" not in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", ""):
            own[SERVICE_NAME] = os.environ.get("OTEL_SERVICE_NAME") or "pansori"
        self._provider: TracerProvider = TracerProvider(resource=Resource.create(own), shutdown_on_exit=False)
        delay = None if "OTEL_BSP_SCHEDULE_DELAY" in os.environ else SOON
        self._provider.add_span_processor(BatchSpanProcessor(_exporter(to), schedule_delay_millis=delay))
        self._tracer = self._provider.get_tracer("pansori", __version__)

    def begin(self, name: str, kind: str, attributes: Mapping[str, Any], parent: str | None) -> Span:
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        around = TraceContextTextMapPropagator().extract({"traceparent": parent} if parent else {}, Context())
        return Span(self._tracer.start_span(name, around, SpanKind[kind.upper()], attributes))

    def flush(self) -> None:
        # from a thread that is left behind: a collector that does not answer is waited for much longer than we may
        last = threading.Thread(target=self._provider.force_flush, name="last-spans", daemon=True)
        last.start()
        last.join(FLUSHING)


def _exporter(to: Exporting) -> Any:
    if to.exporter == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()  # reads the variables by itself: endpoint, headers, certificates, time-outs


_lock = threading.Lock()
_tracers: dict[int, Tracer | None] = {}  #: by pid: a child that was forked has one of its own, with its own thread


def tracer_of_process() -> Tracer | None:
    """Made when it is first asked for. None: nobody asked for traces."""
    pid = os.getpid()
    if pid not in _tracers:
        with _lock:
            if pid not in _tracers:
                to = exporting()
                made = None if to is None else Tracer(to)
                _tracers.clear()  # a parent's, whose thread is not here
                _tracers[pid] = made
    return _tracers[pid]


def flush() -> None:
    """Send what is finished, before this process ends."""
    tracer = _tracers.get(os.getpid())
    if tracer is not None:
        tracer.flush()

"""What one server process counts of itself, for `/metrics`."""

from __future__ import annotations

import platform
from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from pansori import __version__
from pansori.engines.residency import HERE, Residency

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  #: seconds


class Meters:
    """They begin at 0 with the process."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody needs
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "pansori_http_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "pansori_http_response_seconds",
            "Time from a request to the first byte of its answer.",
            ("method", "route"),
            buckets=BOUNDS,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "pansori_http_requests_in_flight",
            "Requests that are being answered, streams among them.",
            registry=self.registry,
        )
        self.streams = Gauge(
            "pansori_event_streams", "Streams of server-sent events that are open.", registry=self.registry
        )
        self.conversations = Gauge(
            "pansori_conversations",
            "Conversations on /v1/voice, those among them whose connection broke and that wait for another.",
            registry=self.registry,
        )
        about = Gauge(
            "pansori_build_info", "What this process is; always 1.", ("version", "python"), registry=self.registry
        )
        about.labels(__version__, platform.python_version()).set(1)
        ProcessCollector(registry=self.registry)
        self.registry.register(LoadedModels(HERE))
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, first_byte: float | None) -> None:
        """`first_byte`: seconds until it was sent. None: it never was."""
        key = method, route, status
        known = self._known.get(key)
        if known is None:  # looked up once: it takes longer than counting
            known = self.requests.labels(method, route, str(status)), self.seconds.labels(method, route)
            self._known[key] = known
        known[0].inc()
        if first_byte is not None:
            known[1].observe(first_byte)


class LoadedModels(Collector):
    """The models that this process has in memory, for conversations; those of workers are in their own."""

    def __init__(self, models: Residency) -> None:
        self._models = models

    def collect(self) -> Iterable[Metric]:
        used = GaugeMetricFamily("pansori_model_users", "Who uses a loaded model now.", labels=("model",))
        taken = GaugeMetricFamily("pansori_model_bytes", "Memory that a loaded model takes.", labels=("model",))
        for one in self._models.loaded():
            used.add_metric((one.key,), one.users)
            taken.add_metric((one.key,), one.memory)
        tally = self._models.tally()
        yield used
        yield taken
        yield CounterMetricFamily("pansori_model_loads", "Models that were loaded.", value=tally.loads)
        yield CounterMetricFamily("pansori_model_unloads", "Models that were unloaded.", value=tally.unloads)
        yield CounterMetricFamily("pansori_model_refusals", "Models that there was no memory for.", value=tally.refused)

    def describe(self) -> Iterable[Metric]:
        return ()

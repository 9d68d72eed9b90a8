"""`/metrics`: what Prometheus, or whoever speaks its language, reads of this installation.

What this process has counted of itself is told by it alone. What is counted from the database every server tells alike:
one asks for it by `max by (…)`, and never for a sum over servers.
"""

from __future__ import annotations

import hmac
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import Request, Response
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy.exc import DBAPIError

from pansori import jobs
from pansori.api.deps import Server, ServerDep, bearer_of
from pansori.api.guard import is_loopback
from pansori.api.openapi import PROBLEM_ANSWER
from pansori.api.routing import Router
from pansori.db import reason, size_of
from pansori.domain.errors import Forbidden, NotFound, Text, Unauthenticated
from pansori.domain.jobs import FINISHED
from pansori.domain.units import Bytes, Seconds
from pansori.jobs import BOUNDS, LABELS, Load, Tally
from pansori.media import usage_of_all
from pansori.workflows import Services

T = TypeVar("T")
log = logging.getLogger(__name__)
router = Router(tags=["server"])

FRESH = Seconds(2.0)  #: what was read of the load is told again for so long, however many ask
SLOW = Seconds(60.0)  #: the same of what takes longer to read
FORMS = ("text/plain", "application/openmetrics-text")
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")  #: headers that proxies add
NOT_HERE = Text("There is nothing at this address.", "이 주소에는 아무것도 없어요.")
COUNTERS = {
    "jobs_submitted": "Jobs that were asked for, another try of one counted again.",
    "jobs_finished": "Jobs that came to an end.",
    "step_attempts": "Attempts at steps, by how they ended.",
    "engine_failures": "Errors of steps, by the engine that their job names.",
}
HISTOGRAMS = {
    "job_wait": "Seconds from a job's submission to the beginning of its first step.",
    "job_duration": "Seconds from the beginning of a job's first step to its end.",
    "step_duration": "Seconds that attempts which succeeded took. What was reused is not among them.",
}


@dataclass(frozen=True)
class _Stock:
    """What lies there."""

    finished: dict[tuple[str, str], int]
    files: int
    bytes: Bytes
    database: Bytes


class _Recent(Generic[T]):
    """What `read` gave lately; one thread reads it anew, and others take what there is or wait for the first."""

    def __init__(self, read: Callable[[], T], age: Seconds) -> None:
        self._read, self._age = read, age
        self._lock = threading.Lock()
        self._at = float("-inf")
        self._value: T

    def get(self) -> T:
        with self._lock:
            if time.monotonic() - self._at >= self._age:
                self._value = self._read()
                self._at = time.monotonic()
            return self._value


class Installation(Collector):
    """What the database knows. While it is away, `pansori_database_up` is 0 and nothing else is told of it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._load = _Recent(self._read_load, FRESH)
        self._stock = _Recent(self._read_stock, SLOW)

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("pansori_database_up", "Whether the database answered.")
        try:
            load, tallies = self._load.get()
            found = [*_of_load(load), *_of_tallies(tallies), *_of_stock(load, self._stock.get())]
        except DBAPIError as error:
            log.warning("the database was not measured: %s", reason(error))
            found = []
        up.add_metric((), float(bool(found)))
        yield up
        yield from found
        yield _gauge("pansori_data_free_bytes", "Free space where the data folder is.", [((), self._free())])

    def describe(self) -> Iterable[Metric]:
        """Nothing: the registry would read the database to learn the names."""
        return ()

    def _read_load(self) -> tuple[Load, list[Tally]]:
        with self._services.database.read() as session:
            return jobs.load(session), jobs.tallies(session)

    def _read_stock(self) -> _Stock:
        with self._services.database.read() as session:
            files = usage_of_all(session)
            finished = jobs.count_jobs(session, tuple(FINISHED))
            return _Stock(finished, files.files, files.used, size_of(session))

    def _free(self) -> int:
        folder = self._services.settings.data_dir.absolute()
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        return shutil.disk_usage(existing).free


# -- families ------------


def _gauge(name: str, about: str, values: Iterable[tuple[tuple[str, ...], float]], *labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


def _of_load(load: Load) -> Iterator[Metric]:
    queues = load.queues.items()
    yield _gauge("pansori_queue_due_steps", "Steps a free worker could begin.", _each(queues, "due"), "queue")
    yield _gauge("pansori_queue_oldest_seconds", "How long the oldest of them could.", _each(queues, "oldest"), "queue")
    yield _gauge("pansori_queue_later_steps", "Steps that are tried again later.", _each(queues, "later"), "queue")
    yield _gauge("pansori_queue_parked_steps", "Steps that wait for others.", _each(queues, "parked"), "queue")
    yield _gauge("pansori_queue_running_steps", "Steps that a worker holds.", _each(queues, "running"), "queue")
    yield _gauge("pansori_queue_worker_processes", "Processes that host workers.", _each(queues, "workers"), "queue")


def _each(queues: Iterable[tuple[str, object]], name: str) -> list[tuple[tuple[str, ...], float]]:
    return [((queue,), float(getattr(load, name))) for queue, load in queues]


def _of_stock(load: Load, stock: _Stock) -> Iterator[Metric]:
    counted = sorted({**stock.finished, **load.jobs}.items())
    yield _gauge("pansori_jobs", "Jobs in the database.", counted, "kind", "state")
    yield _gauge("pansori_files", "Files in the store.", [((), stock.files)])
    yield _gauge("pansori_files_bytes", "Bytes of the files in the store.", [((), stock.bytes)])
    yield _gauge("pansori_database_bytes", "Size of the database.", [((), stock.database)])


def _of_tallies(tallies: Iterable[Tally]) -> Iterator[Metric]:
    counters = {
        name: CounterMetricFamily(f"pansori_{name}", about, labels=LABELS[name]) for name, about in COUNTERS.items()
    }
    histograms = {
        name: HistogramMetricFamily(f"pansori_{name}_seconds", about, labels=LABELS[name])
        for name, about in HISTOGRAMS.items()
    }
    for tally in tallies:
        if tally.name in counters:
            counters[tally.name].add_metric(tally.labels, tally.count)
        else:
            buckets = [(f"{bound:g}", count) for bound, count in zip(BOUNDS, tally.buckets, strict=True)]
            histograms[tally.name].add_metric(tally.labels, [*buckets, ("+Inf", tally.count)], tally.seconds)
    yield from counters.values()
    yield from histograms.values()


# -- the route ------------


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {form: {} for form in FORMS}, "description": "In the form that Prometheus reads."},
        401: {**PROBLEM_ANSWER, "description": "The token is another one."},
        403: {**PROBLEM_ANSWER, "description": "Not from here, without the token."},
    },
)
def metrics(request: Request, server: ServerDep) -> Response:
    """Counts and measures of this installation, for monitoring. Who may read them is said by `PANSORI_METRICS`."""
    _admit(request, server)
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    own, shared = encode(server.meters.registry), encode(_installation(server))
    # OpenMetrics ends with a mark, which stands once
    body = own.removesuffix(b"# EOF\n") + shared
    return Response(body, headers={"Content-Type": media_type, "Cache-Control": "no-store"})


def _installation(server: Server) -> CollectorRegistry:
    """One for all requests of the server, as long as it lives: it remembers what was read lately."""
    if server.installation is None:
        registry = CollectorRegistry()
        registry.register(Installation(server.services))
        server.installation = registry
    return server.installation


def _admit(request: Request, server: Server) -> None:
    settings = server.services.settings
    if settings.metrics == "off":
        raise NotFound(NOT_HERE)
    given = bearer_of(request)
    if settings.metrics_token and given is not None:
        if hmac.compare_digest(given.encode(), settings.metrics_token.encode()):
            return
        raise Unauthenticated(Text("This is not the token of PANSORI_METRICS_TOKEN.", "토큰이 맞지 않아요."))
    if settings.metrics == "loopback" and not _is_from_here(request):
        raise Forbidden(
            Text("Only this machine reads its metrics.", "지표는 이 컴퓨터에서만 볼 수 있어요."),
            cure=Text(
                "Send the token of PANSORI_METRICS_TOKEN, or set PANSORI_METRICS=open.",
                "PANSORI_METRICS_TOKEN의 토큰을 보내거나 PANSORI_METRICS=open으로 설정하세요.",
            ),
        )


def _is_from_here(request: Request) -> bool:
    """Whether a program of this machine asks for itself. A proxy on this machine asks for others."""
    client = request.client.host if request.client else ""
    name = request.url.hostname or ""
    forwarded = any(header in request.headers for header in FORWARDED)
    return is_loopback(client) and is_loopback(name) and not forwarded

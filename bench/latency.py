"""Submit → start: from a job's being accepted to a worker's beginning it, on an idle server.

Both times are the ones kept with the job. The answer to the request is measured beside it.
"""

from __future__ import annotations

import time
from datetime import datetime

import httpx

from bench.report import Figure, at_most, median, percentile
from bench.servers import Size, serving

JOBS = 60
GOALS_MS: dict[Size, float] = {"embedded": 50.0, "scaled out": 15.0}


def run() -> list[Figure]:
    figures = []
    for size, goal in GOALS_MS.items():
        with serving(size) as server, httpx.Client(base_url=server.url, timeout=60) as client:
            waits, answers = zip(*(one_job(client) for _ in range(JOBS)), strict=True)
        figures += [
            at_most(f"submit → start, median, {size}", median(waits), "ms", goal),
            Figure(f"submit → start, p95, {size}", percentile(waits, 0.95), "ms"),
            Figure(f"`POST /v1/jobs` answered, median, {size}", median(answers), "ms"),
        ]
    return figures


def one_job(client: httpx.Client) -> tuple[float, float]:
    """Milliseconds from accepted to started, and of the request itself, of one job that is waited for."""
    began = time.perf_counter()
    job = client.post("/v1/jobs", json={"kind": "song", "task": {"genre": "jazz", "duration": 5}}).json()
    answered = time.perf_counter() - began
    done = client.get(f"/v1/jobs/{job['id']}/events").text  # the stream ends with the job
    assert "event: succeeded" in done, done
    job = client.get(f"/v1/jobs/{job['id']}").json()
    created, started = (datetime.fromisoformat(job[name]) for name in ("created_at", "started_at"))
    return (started - created).total_seconds() * 1e3, answered * 1e3

"""Submit → start: from a job's being accepted to a worker's beginning it, on an idle server.

Both times are the ones kept with the job. The answer to the request is measured beside it. The peers, in the same run:
a task of bare Celery on Redis, from being sent to being begun, and an answer of the same web server without a product.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import datetime

import httpx

from bench.report import Figure, against, at_most, beside, median, percentile
from bench.servers import Size, bare_server, serving
from bench.throughput import bare_worker
from support.services import running_redis

JOBS = 60
GOALS_MS: dict[Size, float] = {"embedded": 50.0, "scaled out": 15.0}


def run() -> list[Figure]:
    task, answer = bare_task(), bare_answer()
    figures = [
        Figure("bare Celery, sent → begun, median", task, "ms"),
        Figure("bare answer, median", answer, "ms"),
    ]
    for size, goal in GOALS_MS.items():
        with serving(size) as server, httpx.Client(base_url=server.url, timeout=60) as client:
            waits, answers = zip(*(one_job(client) for _ in range(JOBS)), strict=True)
        figures += [
            beside(at_most(f"submit → start, median, {size}", median(waits), "ms", goal), "bare Celery", task),
            Figure(f"submit → start, p95, {size}", percentile(waits, 0.95), "ms"),
            against(f"`POST /v1/jobs` answered, median, {size}", median(answers), "ms", "bare answer", answer),
        ]
    return figures


def bare_task() -> float:
    """Milliseconds from a bare Celery task's being sent to its being begun, with one that waits for nothing else."""
    with running_redis() as broker:
        os.environ["BARE_BROKER"] = broker.url
        command = [sys.executable, "-m", "bench.bare_celery", str(JOBS)]
        with bare_worker():
            return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def bare_answer() -> float:
    """Milliseconds of a request that nothing is done for."""
    with bare_server() as server, httpx.Client(base_url=server.url, timeout=60) as client:
        waits = []
        for _ in range(JOBS):
            began = time.perf_counter()
            client.get("/")
            waits.append((time.perf_counter() - began) * 1e3)
    return median(waits)


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

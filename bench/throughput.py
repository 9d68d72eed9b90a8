"""Empty jobs a second, from the first submit to the last one's end, against bare Celery on the Redis of the same run.

Bare Celery keeps its tasks in Redis' memory alone; a job of ours is in the database before it is accepted, and each of
its changes is one transaction. Two children work in each case, and tasks are acknowledged late in both.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from sqlalchemy import func, select

from bench.report import Figure, against
from pansori.db.tables import Job
from pansori.domain.jobs import JobState
from support.services import RedisServer, running_postgres, running_redis
from support.sizes import Size, make_size
from support.waiting import eventually
from support.workflows import plan, spec

TASKS = 2_000
JOBS = 400
CHILDREN = 2


def run() -> list[Figure]:
    peer = "bare Celery"
    with running_redis() as broker, running_postgres(durable=True) as postgres, tempfile.TemporaryDirectory() as folder:
        bare = celery_tasks_each_second(broker)
        embedded = jobs_each_second(make_size("embedded", Path(folder) / "embedded"))
        scaled = make_size(
            "scaled", Path(folder) / "scaled", database_url=postgres.fresh_database(), broker_url=broker.url
        )
        scaled_out = jobs_each_second(scaled)
    return [
        Figure(f"bare Celery, tasks, {CHILDREN} children", bare, "/s"),
        against(f"jobs, embedded, {CHILDREN} children", embedded, "/s", peer, bare),
        against(f"jobs, scaled out, {CHILDREN} children", scaled_out, "/s", peer, bare),
    ]


def jobs_each_second(size: Size) -> float:
    done = select(func.count()).select_from(Job).where(Job.state == JobState.SUCCEEDED)

    def finished() -> int:
        with size.kernel.database.read() as session:
            return session.execute(done).scalar_one()

    with size.workers(CHILDREN):
        size.finished(size.submit(plan(spec("first"))).id)  # the workers are up
        began = time.perf_counter()
        for _ in range(JOBS):
            size.submit(plan(spec("only")))
        eventually(lambda: finished() == JOBS + 1, timeout=300)
        took = time.perf_counter() - began
    size.close()
    return JOBS / took


def celery_tasks_each_second(broker: RedisServer) -> float:
    os.environ["BARE_BROKER"] = broker.url
    from bench.bare_celery import COUNTER, nothing

    with redis.Redis.from_url(broker.url) as counter, bare_worker():
        nothing.delay()
        eventually(lambda: counter.get(COUNTER) == b"1", timeout=60)
        began = time.perf_counter()
        for _ in range(TASKS):
            nothing.delay()
        eventually(lambda: counter.get(COUNTER) == str(TASKS + 1).encode(), timeout=300)
        return TASKS / (time.perf_counter() - began)


@contextmanager
def bare_worker() -> Iterator[None]:
    options = ["--concurrency", str(CHILDREN), "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    command = [sys.executable, "-m", "celery", "--app", "bench.bare_celery:app", "worker", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)

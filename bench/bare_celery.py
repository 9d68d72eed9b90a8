"""The peer of `throughput`: Celery on Redis with a task that does nothing but count itself."""

from __future__ import annotations

import os

import redis
from celery import Celery

COUNTER = "bare"

app = Celery("bare", broker=os.environ.get("BARE_BROKER", "redis://127.0.0.1:1/0"))
app.conf.update(task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=1)
counter = redis.Redis.from_url(app.conf.broker_url)


@app.task(name="nothing")  # type: ignore[untyped-decorator]  # Celery has no types
def nothing() -> None:
    counter.incr(COUNTER)

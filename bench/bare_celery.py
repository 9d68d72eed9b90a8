"""The peer of `throughput` and `latency`: Celery on Redis with tasks that do nothing but say that they have run.

`python -m bench.bare_celery TIMES` prints the median of the milliseconds from sending one to its start.
"""

from __future__ import annotations

import os
import statistics
import sys
import time

import redis
from celery import Celery

COUNTER = "bare"
STARTS = "starts"

app = Celery("bare", broker=os.environ.get("BARE_BROKER", "redis://127.0.0.1:1/0"))
app.conf.update(task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=1)
counter = redis.Redis.from_url(app.conf.broker_url)


@app.task(name="nothing")  # type: ignore[untyped-decorator]  # Celery has no types
def nothing() -> None:
    counter.incr(COUNTER)


@app.task(name="stamp")  # type: ignore[untyped-decorator]
def stamp() -> None:
    counter.rpush(STARTS, time.time())


def wait_for_start() -> float:
    """Milliseconds."""
    sent = time.time()
    stamp.delay()
    popped = counter.blpop([STARTS], timeout=60)
    assert isinstance(popped, list | tuple), "no worker took it"
    return (float(popped[1]) - sent) * 1e3


if __name__ == "__main__":
    wait_for_start()  # the worker is up
    print(statistics.median(wait_for_start() for _ in range(int(sys.argv[1]))))

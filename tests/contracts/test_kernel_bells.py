"""Laws of the scaled-out size alone: what doorbells say, who waits for the broker (nobody), and whose clock counts."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from sqlalchemy import update

from pansori.db.tables import Step
from pansori.domain.jobs import JobState
from pansori.domain.units import Seconds
from pansori.jobs import Bell, Kernel, Sweeper
from support.services import PostgresServer, RedisServer, scaled_out
from support.sizes import Size, drain, in_background, make_size, planned
from support.waiting import PATIENCE, eventually
from support.workflows import plan, spec

MOST_RINGS = 20


@pytest.fixture
def scaled(redis_server: RedisServer, postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Size]:
    with scaled_out(redis_server, postgres_server) as settings:
        size = make_size("scaled", tmp_path, **settings)
        yield size
        size.close()


class Waiting:
    """The doorbells that nobody has answered, as they lie in Redis."""

    def __init__(self, size: Size) -> None:
        settings = size.kernel.settings
        self._redis = redis.Redis.from_url(settings.broker_url)
        self._key = f"{settings.key_prefix}:cpu"

    def __enter__(self) -> Waiting:
        return self

    def __exit__(self, *_: object) -> None:
        self._redis.close()

    def messages(self) -> list[dict[str, Any]]:
        found: Any = self._redis.lrange(self._key, 0, -1)
        return [json.loads(message) for message in found]


def test_a_doorbell_says_only_look(scaled: Size) -> None:
    job = scaled.submit(plan(spec("a")))
    with Waiting(scaled) as bells:
        [message] = eventually(bells.messages)
    assert message["headers"]["expires"], "one that nobody heard is dropped in the end"
    arguments, options, _ = json.loads(base64.b64decode(message["body"]))
    assert (arguments, options) == (["cpu"], {})
    assert str(job.id) not in json.dumps(message)


def test_no_more_doorbells_wait_than_wake_anybody(scaled: Size) -> None:
    with Waiting(scaled) as bells:
        for _ in range(3):
            scaled.kernel.bell.ring("cpu", 100)
        eventually(lambda: len(bells.messages()) == MOST_RINGS)
        scaled.kernel.bell.ring("cpu", 100)
        scaled.kernel.bell.close()  # after it has rung for the last time
        assert len(bells.messages()) == MOST_RINGS


class Heard(Bell):
    """Remembers how often it was rung, where `depth` rings wait already."""

    def __init__(self, depth: int) -> None:
        self.rings = 0
        self._depth = depth

    def ring(self, queue: str, times: int = 1) -> None:
        self.rings += times

    def depth(self, queue: str) -> int:
        return self._depth

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("ready", "depth", "age", "rings"),
    [(5, 0, 3.0, 5), (5, 3, 3.0, 2), (5, 9, 3.0, 0), (30, 0, 3.0, MOST_RINGS), (5, 0, 1.0, 0)],
)
def test_the_sweeper_rings_for_steps_that_nobody_has_heard_of(
    tmp_path: Path, ready: int, depth: int, age: float, rings: int
) -> None:
    size, bell = make_size("memory", tmp_path), Heard(depth)
    kernel = Kernel(size.kernel.database, size.kernel.assets, planned(), size.kernel.settings, bell=bell)
    size.submit(plan(*(spec(f"s{index}") for index in range(ready))))

    def rung() -> int:
        bell.rings = 0
        with kernel.database.write() as session:
            since = kernel.database.now(session) - timedelta(seconds=age)
            session.execute(update(Step).values(run_after=since))
        Sweeper(kernel).tick()
        return bell.rings

    eventually(lambda: rung() == rings)  # a machine that stands still meanwhile makes them older
    kernel.close()
    size.close()


@pytest.mark.parametrize("waited", [{"parked": True}, {"failures": 1}])
def test_the_sweeper_rings_as_soon_as_what_was_waited_for_is_over(tmp_path: Path, waited: dict[str, Any]) -> None:
    size, bell = make_size("memory", tmp_path), Heard(0)
    kernel = Kernel(size.kernel.database, size.kernel.assets, planned(), size.kernel.settings, bell=bell)
    size.submit(plan(spec("over"), spec("not yet")))
    with kernel.database.write() as session:
        now = kernel.database.now(session)
        for name, moment in (("over", now), ("not yet", now + timedelta(hours=1))):
            session.execute(update(Step).where(Step.name == name).values(run_after=moment, **waited))
    Sweeper(kernel).tick()
    assert bell.rings == 1
    kernel.close()
    size.close()


# -- a broker that is there and says nothing ------------


class Mute:
    """A broker that takes one connection and never answers, until `end`."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._socket.getsockname()[1]}/0"
        self.asked = threading.Event()
        self.given_up = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join(PATIENCE)

    def _listen(self) -> None:
        with self._socket, self._socket.accept()[0] as client:
            client.settimeout(0.1)
            while not self._over.is_set():
                with suppress(TimeoutError):
                    if not client.recv(4096):
                        self.given_up.set()
                        self._over.wait()
                    self.asked.set()


def test_a_submit_waits_for_no_broker(tmp_path: Path) -> None:
    broker = Mute()
    size = make_size("embedded", tmp_path, broker_url=broker.url)
    job = size.submit(plan(spec("a")))
    has_waited = broker.given_up.is_set()
    assert broker.asked.wait(PATIENCE)
    assert drain(size) == 1
    broker.end()
    assert not has_waited, "it was somebody else who asked, and who may wait for the answer"
    assert size.view(job.id).state is JobState.SUCCEEDED
    size.close()


def test_a_feed_whose_broker_is_away_looks_by_itself(tmp_path: Path) -> None:
    size = make_size("embedded", tmp_path, broker_url="redis://127.0.0.1:1/0")
    seen = size.kernel.feed.wait(size.kernel.feed.value, 5.0)
    assert size.kernel.feed.wait(seen, PATIENCE) > seen
    size.close()


# -- clocks ------------


@pytest.mark.parametrize("days", [1, -1])
def test_the_clock_of_the_database_counts(postgres_server: PostgresServer, tmp_path: Path, days: int) -> None:
    """Machines disagree about the time; here the database is a whole day off."""
    url = postgres_server.installation()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA off")
        clock = f"SELECT pg_catalog.clock_timestamp() + interval '{days} day'"
        connection.execute(
            f"CREATE FUNCTION off.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $${clock}$$".encode()
        )
        name = url.rpartition("/")[2]
        connection.execute(f'ALTER DATABASE "{name}" SET search_path = off, pg_catalog, public'.encode())
    size = make_size("embedded", tmp_path, database_url=url, lease=Seconds(600.0))
    flag = tmp_path / "go"
    job = size.submit(plan(spec("a", do="wait_for_file", file=str(flag)), spec("b", "a")), deadline=Seconds(600.0))
    with in_background(size):
        size.running(job.id, "a")
        Sweeper(size.kernel).tick()  # finds neither the lease nor the deadline over
        flag.touch()
    assert drain(size) == 1
    view = size.view(job.id)
    assert (view.state, [step.attempt for step in view.steps]) == (JobState.SUCCEEDED, [1, 1])
    for moment in (view.created_at, view.started_at, view.finished_at):
        assert moment is not None
        assert abs(moment - datetime.now(UTC) - timedelta(days=days)) < timedelta(hours=1)
    size.close()
    postgres_server.drop(url)

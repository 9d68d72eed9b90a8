"""Celery's settings that drills showed to matter; the drills find some of them out only now and then."""

from __future__ import annotations

from typing import Any

import pytest

from pansori.jobs.hosts.celery import doorbell, make_app
from pansori.settings import Settings

BROKER = "redis://127.0.0.1:1/0"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_acks_late", True),  # a doorbell whose child died rings once more
        ("task_reject_on_worker_lost", False),  # but does not kill one child after the other
        ("task_ignore_result", True),
        ("worker_prefetch_multiplier", 1),  # a child that works holds no doorbell that another would hear
        ("worker_enable_remote_control", False),
        ("worker_cancel_long_running_tasks_on_connection_loss", False),  # the steps go on without a broker
        ("broker_connection_max_retries", None),
    ],
)
def test_what_the_drills_taught(name: str, value: Any) -> None:
    app = make_app(Settings(broker_url=BROKER))
    assert app.conf[name] == value
    app.close()


def test_installations_share_a_redis_without_hearing_each_other() -> None:
    apps = [make_app(Settings(broker_url=BROKER, key_prefix=name)) for name in ("one", "two")]
    options = [app.conf.broker_transport_options for app in apps]
    assert [one["global_keyprefix"] for one in options] == ["one:", "two:"]
    assert {(one["visibility_timeout"], one["socket_timeout"], one["socket_connect_timeout"]) for one in options} == {
        (86_400, 5.0, 2.0)
    }
    for app in apps:
        app.close()


def test_there_is_one_task() -> None:
    assert doorbell.name == "pansori.doorbell"
    assert {name for name in doorbell.app.tasks if not name.startswith("celery.")} <= {"pansori.doorbell", "nothing"}

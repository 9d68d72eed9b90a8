"""The log, read as programs and people read it."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pansori import telemetry

log = logging.getLogger("pansori.test")
TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.fixture(autouse=True)
def _hook_as_it_was() -> Iterator[None]:
    before = sys.excepthook
    yield
    sys.excepthook = before


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Each line of the log by itself: one that is not JSON fails."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_record_is_one_object_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.log_to_stderr("json", "info")
    log.info("%s\nand on", "판소리")
    [line] = lines(capsys)
    assert {name: line[name] for name in ("level", "logger", "message")} == {
        "level": "info",
        "logger": "pansori.test",
        "message": "판소리\nand on",
    }
    assert line["time"].endswith("Z")
    assert abs((datetime.now(UTC) - datetime.fromisoformat(line["time"])).total_seconds()) < 3600


def test_what_is_done_stands_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.log_to_stderr("json", "info")
    with telemetry.about(request_id="r1", step=None), telemetry.span("outer", parent=TRACE):
        log.info("outside")
        with telemetry.about(job_id="j1", attempt=2):
            log.info("inside")
        telemetry.note(account=10)
        log.info("noted")
    log.info("afterwards")
    facts = [
        {
            name: line[name]
            for name in ("request_id", "job_id", "attempt", "account", "step", "trace_id")
            if name in line
        }
        for line in lines(capsys)
    ]
    outside = {"request_id": "r1", "trace_id": "a" * 32}
    assert facts == [outside, {**outside, "job_id": "j1", "attempt": 2}, {**outside, "account": 10}, {}]


def test_a_traceback_is_a_field(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.log_to_stderr("json", "info")
    try:
        raise ValueError("no such note")
    except ValueError:
        log.exception("it failed")
    [line] = lines(capsys)
    assert line["message"] == "it failed"
    assert "Traceback" in line["exception"]
    assert "no such note" in line["exception"]


def test_what_no_encoding_has_is_written_too(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.log_to_stderr("json", "info")
    log.info("half a surrogate \ud83d, a line's end \u2028, an end of text \x03")
    [line] = lines(capsys)
    assert line["message"] == "half a surrogate \ud83d, a line's end \u2028, an end of text \x03"


def test_people_read_text_with_the_id_of_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.log_to_stderr("text", "info")
    log.info("alone")
    with telemetry.about(request_id="r1"):
        log.info("asked for")
    alone, asked = capsys.readouterr().err.splitlines()
    assert alone.endswith(" INFO pansori.test: alone")
    assert asked.endswith(" INFO pansori.test: asked for (request r1)")


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_level_holds(form: Any, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.log_to_stderr(form, "warning")
    log.info("unimportant")
    log.warning("important")
    [line] = capsys.readouterr().err.splitlines()
    assert "important" in line


def test_a_thread_that_dies_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.log_to_stderr("json", "info")

    def die() -> None:
        raise RuntimeError("for a reason")

    with telemetry.uncaught_logged():
        thread = threading.Thread(target=die, name="singer")
        thread.start()
        thread.join()
    [line] = lines(capsys)
    assert (line["level"], line["message"]) == ("critical", "the thread singer ends by RuntimeError")
    assert "for a reason" in line["exception"]


def test_a_process_that_dies_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.log_to_stderr("json", "info")
    try:
        with telemetry.uncaught_logged():
            raise RuntimeError("for a reason")
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    [line] = lines(capsys)
    assert line["message"] == "the process ends by RuntimeError"
    assert "for a reason" in line["exception"]

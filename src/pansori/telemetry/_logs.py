"""The log: lines of text for people, or JSON for programs, to standard error."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

from pansori.telemetry._context import known
from pansori.telemetry._trace import trace_id

log = logging.getLogger(__name__)

LogFormat = Literal["text", "json"]
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FIELDS = "fields"  #: of a record: `extra={FIELDS: {…}}` are fields of its line in JSON
BREAKS = {ord(one): f"\\u{ord(one):04x}" for one in "\x85\u2028\u2029"}  #: what some take for a line's end


class TextFormatter(logging.Formatter):
    """As people read it. The request's id follows in parentheses, so that one finds all lines of one request."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        line = super().formatMessage(record)
        request_id = known().get("request_id")
        return line if request_id is None else f"{line} (request {request_id})"


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time` in UTC, `level`, `logger`, `message`, `process`; what `known` knows, `trace_id`
    and a record's own fields; `exception` with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **known(),
        }
        trace = trace_id()
        if trace is not None:
            line["trace_id"] = trace
        line.update(getattr(record, FIELDS, {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        # half a surrogate, as addresses may carry, becomes the escape that JSON has for it
        written = json.dumps(line, ensure_ascii=False, default=str).encode(errors="backslashreplace").decode()
        return written.translate(BREAKS)


def log_to_stderr(form: LogFormat, level: str) -> None:
    """All of this process's log from now on, in place of wherever it went before."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel("WARNING")  # what it says of a new database means nothing to most


@contextmanager
def uncaught_logged() -> Iterator[None]:
    """While the block runs, an exception that ends a thread is a record of the log, and from then on so is one that
    ends the process: Python would write tracebacks of many lines."""

    def of_process(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, at)
            return
        log.critical("the process ends by %s", kind.__name__, exc_info=(kind, error, at))

    def of_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None and told.exc_type is not SystemExit:
            name = told.thread.name if told.thread is not None else "?"
            log.critical(
                "the thread %s ends by %s",
                name,
                told.exc_type.__name__,
                exc_info=(told.exc_type, told.exc_value, told.exc_traceback),
            )

    sys.excepthook = of_process
    before, threading.excepthook = threading.excepthook, of_thread
    try:
        yield
    finally:
        threading.excepthook = before

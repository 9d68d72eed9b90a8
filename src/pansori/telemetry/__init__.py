"""What a running installation tells of itself: its log, and traces of what happens where."""

from pansori.telemetry._context import Fact, about, known, note
from pansori.telemetry._exporter import Exporting, exporting, flush
from pansori.telemetry._logs import FIELDS, LogFormat, log_to_stderr, uncaught_logged
from pansori.telemetry._trace import Attributes, fail_span, span, traceparent

__all__ = [
    "FIELDS",
    "Attributes",
    "Exporting",
    "Fact",
    "LogFormat",
    "about",
    "exporting",
    "fail_span",
    "flush",
    "known",
    "log_to_stderr",
    "note",
    "span",
    "traceparent",
    "uncaught_logged",
]

"""What the installation tells of itself, and to whom."""

from __future__ import annotations

from collections.abc import Iterator

from pansori import telemetry
from pansori.cli.doctor.finding import Finding, of_error, ok
from pansori.domain.errors import ConfigurationError, Text
from pansori.settings import Settings

CURE = Text("See docs/operations.md, “Watching it”.", "docs/operations.md의 “Watching it”을 보세요.")
READERS = {
    "loopback": Text("this machine", "이 컴퓨터"),
    "open": Text("everybody", "누구나"),
    "off": Text("nobody", "아무도 못 봄"),
}


def watching(settings: Settings) -> Iterator[Finding]:
    readers = READERS[settings.metrics]
    if settings.metrics == "loopback" and settings.metrics_token:
        readers = Text(f"{readers.en}, or by token", f"{readers.ko} 또는 토큰이 있는 프로그램")
    yield ok("metrics", f"read by: {readers.en}", f"볼 수 있는 곳: {readers.ko}")
    try:
        to = telemetry.exporting()
    except ConfigurationError as error:
        yield of_error("traces", error, CURE)
        return
    if to is None:
        yield ok("traces", "none", "없음")
    else:
        where = to.endpoint or {"otlp": "http://localhost:4318", "console": "standard output"}[to.exporter]
        yield ok("traces", where)

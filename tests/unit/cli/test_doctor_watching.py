"""What `pansori doctor` says of metrics and traces."""

from __future__ import annotations

from typing import Any

import pytest

from pansori.cli.doctor.watching import watching
from pansori.settings import Settings


@pytest.fixture(autouse=True)
def _asked_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)


def seen(**options: Any) -> dict[str, tuple[str, str]]:
    found = watching(Settings.model_validate(options))
    return {finding.name: (finding.state, finding.seen.en) for finding in found}


@pytest.mark.parametrize(
    ("options", "readers"),
    [
        ({}, "this machine"),
        ({"metrics_token": "sixteen-or-more-"}, "this machine, or by token"),
        ({"metrics": "open"}, "everybody"),
        ({"metrics": "off"}, "nobody"),
    ],
)
def test_who_reads_metrics(options: dict[str, Any], readers: str) -> None:
    assert seen(**options)["metrics"] == ("ok", f"read by: {readers}")


def test_where_traces_go(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen()["traces"] == ("ok", "none")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")
    assert seen()["traces"] == ("ok", "http://collector:4318")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
    assert seen()["traces"][0] == "missing"

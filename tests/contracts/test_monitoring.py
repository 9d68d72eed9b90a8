"""What the examples for Prometheus and Grafana ask for is what `/metrics` tells."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families as parse

from pansori import jobs
from pansori.api import create_app
from pansori.bootstrap import build
from pansori.db.tables import Tally
from pansori.domain.jobs import QUEUES
from pansori.settings import load

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "operations"
PAGE = ROOT / "docs" / "operations.md"
METRIC = re.compile(r"\b(?:pansori|process)_\w+")
SELECTOR = re.compile(r"\b(\w+)\{([^}]*)\}")
GROUPING = re.compile(r"\b(?:by|on) \(([^)]*)\)")
OF_PROMETHEUS = {"job", "instance", "up"}  #: labels and series of its own
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


def dashboard() -> Any:
    return json.loads((EXAMPLES / "grafana.json").read_text(encoding="utf-8"))


def panels() -> list[Any]:
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def alerts() -> list[str]:
    text = (EXAMPLES / "alerts.yml").read_text(encoding="utf-8")
    return re.findall(r"^ +expr: (.*)$", text, re.MULTILINE)


EXPRESSIONS = [target["expr"] for panel in panels() for target in panel["targets"]] + alerts()


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Metric]]:
    """All that a server tells after it was asked for something, with a sample of everything."""
    services = build(load(data_dir=tmp_path_factory.mktemp("told"), compose_engine="debug", workers=0))
    row = {"count": 1, "seconds": 1.0, "buckets": [1] * len(jobs.BOUNDS)}
    with services.database.write() as session:
        for name, labels in jobs.LABELS.items():
            session.add(Tally(name=name, labels=json.dumps(labels), **row))

    async def told() -> str:
        transport = httpx.ASGITransport(create_app(services))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.post("/v1/jobs", json={"kind": "song", "task": {"genre": "folk"}})
            return (await client.get("/metrics")).text

    yield list(parse(anyio.run(told)))
    services.close()


@pytest.fixture(scope="module")
def labels(families: list[Metric]) -> dict[str, set[str]]:
    """The labels of every series, by its name."""
    found: dict[str, set[str]] = {}
    for family in families:
        for suffix in SUFFIXES[family.type]:
            found[family.name + suffix] = set()
        for sample in family.samples:
            found[sample.name] |= set(sample.labels)
    return found


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_asks_for_what_there_is(expression: str, labels: dict[str, set[str]]) -> None:
    names = METRIC.findall(expression)
    elsewhere = "process_" if sys.platform != "linux" else "none_"  # these are Linux's alone
    assert not [name for name in names if name not in labels and not name.startswith(elsewhere)]
    known = OF_PROMETHEUS.union(*(labels.get(name, set()) for name in names))
    for grouping in GROUPING.findall(expression):
        assert {label.strip() for label in grouping.split(",")} <= known, grouping
    for name, selector in SELECTOR.findall(expression):
        asked = {part.partition("=")[0].rstrip("!").strip() for part in selector.split(",")}
        assert asked <= labels.get(name, set()) | OF_PROMETHEUS, selector
    assert [expression.count(one) for one in "({["] == [expression.count(one) for one in ")}]"]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_all_servers_tell_alike_is_not_added_up(expression: str, families: list[Metric]) -> None:
    """What the database knows is told by every server: a sum over servers would count it several times."""
    own = ("pansori_http_", "pansori_event_streams", "pansori_build_info")
    shared = [name for name in METRIC.findall(expression) if name.startswith("pansori_") and not name.startswith(own)]
    for name in shared:
        before = expression[: expression.index(name)]
        assert re.search(r"\b(max|min)( by \([^)]*\))? ?\((rate\(|increase\()?$", before), expression


def test_the_dashboard_is_one_that_grafana_reads() -> None:
    board = dashboard()
    assert {"uid", "title", "schemaVersion", "templating"} <= board.keys()
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        grid = panel["gridPos"]
        cells = {(grid["x"] + x, grid["y"] + y) for x in range(grid["w"]) for y in range(grid["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert all(panel["description"].endswith(".") for panel in panels())
    assert {panel["datasource"]["uid"] for panel in panels()} == {"$datasource"}


def test_every_series_is_explained(families: list[Metric]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = {family.name + SUFFIXES[family.type][0].removesuffix("_bucket") for family in families}
    assert not {name for name in names if name.startswith("pansori_") and f"`{name}`" not in page}


def test_every_queue_is_told_of_though_it_is_empty(families: list[Metric]) -> None:
    for family in families:
        if family.name.startswith("pansori_queue_"):
            assert {sample.labels["queue"] for sample in family.samples} == set(QUEUES)

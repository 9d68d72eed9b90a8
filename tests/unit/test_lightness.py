"""Starting the program loads little of what is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

#: Libraries of models.
HEAVY = ("torch", "transformers", "diffusers", "ctranslate2", "onnxruntime", "tensorflow", "jax")
#: Libraries of sound that only a running engine needs.
LATE = ("pyworld", "tinysoundfont", "espeakng_loader", "pretty_midi", "parselmouth")
#: What asks other servers, and what draws tables on terminals.
ASKING = ("httpx", "httpcore", "rich")
#: What only the scaled-out size needs.
SCALED = ("celery", "kombu", "billiard", "redis")
#: What only those need who ask for traces. OpenTelemetry's API comes with FastAPI, and is small.
TRACING = ("opentelemetry.sdk", "opentelemetry.exporter")
#: What neither a server nor a worker needs before the first request or job that asks for it.
WORKING = (
    *("numpy", "scipy", "av", "soxr", "soundfile", "alembic", "sqlalchemy.dialects.postgresql"),
    *("pansori.reports", "pansori.engines.analyze.corrections", "pansori.engines.analyze.imitation"),
    *(f"pansori.engines.{name}.engine" for name in ("analyze.pansori", "compose.house_band", "write.songsmith")),
)
#: What answers requests, which workers never do.
ANSWERING = ("fastapi", "starlette", "uvicorn", "jinja2", "prometheus_client", "opentelemetry")
START = """
import json, sys, tempfile
from pathlib import Path

import pansori.cli.app
import pansori.cli.serve
from pansori.bootstrap import assemble, build
from pansori.settings import load

with tempfile.TemporaryDirectory() as folder:
    settings = load(data_dir=Path(folder), workers=0)
    assemble(settings).close()
    worker = list(sys.modules)
    from pansori import web
    from pansori.api import create_app
    services = assemble(settings)
    create_app(services, extend=web.install)
    services.close()
    server = list(sys.modules)
    services = build(settings)
    create_app(services).openapi()
    engines = list(services.registry.descriptions())
    services.close()
assert any(engine["name"] == "house_band" and engine["state"] == "ready" for engine in engines), engines
print(json.dumps({"worker": worker, "server": server, "asked": list(sys.modules)}))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Modules of a worker and of a server that have started, and of a server that was asked for what it can do."""
    folder = tmp_path_factory.mktemp("libraries")
    for name in HEAVY:  # each is there to be imported, so whoever tries it is found out
        (folder / f"{name}.py").touch()
    told = subprocess.run(
        [sys.executable, "-c", START],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    return {name: set(modules) for name, modules in json.loads(told).items()}


@pytest.mark.parametrize("who", ["worker", "server", "asked"])
def test_starting_loads_no_library_that_only_others_need(loaded: dict[str, set[str]], who: str) -> None:
    assert "pansori.bootstrap" in loaded[who]
    assert not loaded[who] & {*HEAVY, *LATE, *ASKING, *SCALED, *TRACING}


@pytest.mark.parametrize("who", ["worker", "server"])
def test_what_works_is_loaded_by_the_first_work(loaded: dict[str, set[str]], who: str) -> None:
    assert not loaded[who] & set(WORKING)


def test_workers_load_nothing_that_answers_requests(loaded: dict[str, set[str]]) -> None:
    assert not loaded["worker"] & set(ANSWERING)

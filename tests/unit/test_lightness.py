"""Starting the program loads little of what is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
START = """
import sys, tempfile
from pathlib import Path

import pansori.cli.app
from pansori.api import create_app
from pansori.bootstrap import build
from pansori.settings import load

with tempfile.TemporaryDirectory() as folder:
    services = build(load(data_dir=Path(folder), workers=0))
    create_app(services).openapi()
    engines = list(services.registry.descriptions())
    services.close()
assert any(engine["name"] == "house_band" and engine["state"] == "ready" for engine in engines), engines
print(*{name.partition(".")[0] for name in sys.modules}, *{name for name in sys.modules if name.count(".") == 1})
"""


def test_starting_loads_no_library_that_only_others_need(tmp_path: Path) -> None:
    for name in HEAVY:  # each is there to be imported, so whoever tries it is found out
        (tmp_path / f"{name}.py").touch()
    loaded = subprocess.run(
        [sys.executable, "-c", START],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert "pansori" in loaded
    assert not set(loaded) & {*HEAVY, *LATE, *ASKING, *SCALED, *TRACING}

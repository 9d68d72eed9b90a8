"""Real Gradio apps, which the tests of Spaces share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from support.gradio.server import Apps, running_apps

VERSIONS = ("new", "4")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Apps]]:
    """Both start at once: importing Gradio takes its time. Kept to the end, for another test may come here."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with ExitStack() as stack:
        yield {
            version: stack.enter_context(running_apps(version, shared / f"gradio-{version}")) for version in VERSIONS
        }


@pytest.fixture(scope="session", params=VERSIONS)
def apps(request: pytest.FixtureRequest, running: dict[str, Apps]) -> Apps:
    apps: Apps = running[request.param]
    apps.wait()
    return apps

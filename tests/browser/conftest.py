"""Servers whose pages are looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.members import serving_accounts
from support.server import Server


@pytest.fixture(scope="session")
def accounts_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Where one logs in, and guests have libraries of their own."""
    settings = {"PANSORI_ACCOUNT_QUOTA": "50000000"}
    with serving_accounts(tmp_path_factory.mktemp("accounts"), settings) as server:
        yield server


@pytest.fixture(scope="session")
def patient_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same without workers: whatever its guests ask of it stays queued, and none sees what others wait for."""
    with serving_accounts(tmp_path_factory.mktemp("patient"), {"PANSORI_WORKERS": "0"}, until_ready=False) as server:
        yield server

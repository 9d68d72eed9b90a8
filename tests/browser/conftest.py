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

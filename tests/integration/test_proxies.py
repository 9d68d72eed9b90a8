"""Behind a reverse proxy: what it says of its client is believed, and what anybody else says of themselves is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from pansori.domain.errors import ConfigurationError
from pansori.settings import load
from support.members import serving_accounts
from support.server import Server

HERE = "127.0.0.1"  #: where the tests come from, as a proxy on the same machine does
CLIENT, SOMEBODY = "203.0.113.7", "198.51.100.9"
SETTINGS = {"PANSORI_WORKERS": "0"}


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is set as it comes: it believes proxies on its own machine."""
    with serving_accounts(tmp_path_factory.mktemp("trusting"), SETTINGS, until_ready=False) as server:
        yield server


@pytest.fixture(scope="module")
def wary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One whose proxies are elsewhere."""
    settings = {**SETTINGS, "FORWARDED_ALLOW_IPS": "192.0.2.1, 198.18.0.0/15"}
    with serving_accounts(tmp_path_factory.mktemp("wary"), settings, until_ready=False) as server:
        yield server


def log_in(server: Server, forwarded_for: str) -> tuple[requests.Response, Any]:
    """A guest's login by way of a proxy that speaks HTTPS, and what the server knows of it."""
    said = {"X-Forwarded-For": forwarded_for, "X-Forwarded-Proto": "https", "Host": "songs.example"}
    answer = server.post("/v1/auth/login", json={"email": "mina@mail.example"}, headers=said)
    assert answer.status_code == 200, answer.text
    bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    return answer, server.get("/v1/account/sessions", headers=bearer).json()["sessions"][0]


def test_a_proxy_tells_who_its_client_is(trusting: Server) -> None:
    answer, login = log_in(trusting, CLIENT)
    assert login["address"] == CLIENT
    assert "; Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("said", [f"{SOMEBODY}, {CLIENT}", f"{SOMEBODY},{CLIENT}, {HERE}", f"{SOMEBODY}, {CLIENT}:443"])
def test_what_the_client_told_the_proxy_of_itself_is_not_believed(trusting: Server, said: str) -> None:
    """Proxies put at the end whom they see."""
    assert log_in(trusting, said)[1]["address"] == CLIENT


def test_a_page_behind_a_proxy_is_of_the_same_origin(trusting: Server) -> None:
    said = {"X-Forwarded-Proto": "https", "Host": "songs.example", "Origin": "https://songs.example"}
    body = {"email": "mina@mail.example"}
    assert trusting.post("/v1/auth/login", json=body, headers=said).status_code == 200
    foreign = {**said, "Origin": "https://elsewhere.example"}
    assert trusting.post("/v1/auth/login", json=body, headers=foreign).status_code == 403


def test_whoever_is_no_proxy_is_not_believed(wary: Server) -> None:
    answer, login = log_in(wary, CLIENT)
    assert login["address"] == HERE
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_an_address_that_is_none_is_no_setting() -> None:
    """Else a slip of the pen would let all clients have the proxy's address, and its limits in common."""
    with pytest.raises(ConfigurationError) as refused:
        load(forwarded_allow_ips="10.0.0.0/8, proxy.example")
    assert refused.value.field == "FORWARDED_ALLOW_IPS"
    assert load(forwarded_allow_ips="10.0.0.1,*").forwarded_allow_ips == ("*",)
    assert load(forwarded_allow_ips="").forwarded_allow_ips == ()

"""Which other servers are told what their work belongs to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pansori import telemetry
from pansori.net import Client, parse_url
from support.origin import Exchange, Origin, redirecting, serving

TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.fixture
def origin() -> Iterator[Origin]:
    def answer(exchange: Exchange) -> None:
        exchange.answer(200, b"here")

    with serving({"/": answer}) as origin:
        yield origin


def fetch(origin: Origin, client: Client) -> list[str | None]:
    """The contexts that the origin was told by requests of a traced step."""
    with telemetry.span("a step", parent=TRACE):
        assert client.fetch(parse_url(origin.url, any_port=True)).content == b"here"
    return [request.headers.get("traceparent") for request in origin.requests]


def test_who_the_operator_named_is_told(origin: Origin) -> None:
    assert fetch(origin, Client(trusted=(parse_url(origin.url, any_port=True),))) == [TRACE]


def test_nobody_else_is(origin: Origin) -> None:
    assert fetch(origin, Client(allow_loopback=True)) == [None]


def test_nobody_is_without_a_trace(origin: Origin) -> None:
    url = parse_url(origin.url, any_port=True)
    assert Client(trusted=(url,)).fetch(url).content == b"here"
    assert "traceparent" not in origin.requests[0].headers


def test_a_redirect_tells_nobody_else(origin: Origin) -> None:
    with serving({"/": redirecting(f"{origin.url}/")}) as named:
        url = parse_url(named.url, any_port=True)
        with telemetry.span("a step", parent=TRACE):
            Client(trusted=(url,), allow_loopback=True).fetch(url)
        assert named.requests[0].headers["traceparent"] == TRACE
    assert "traceparent" not in origin.requests[0].headers

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from pansori.api.guard import LOOPBACK_NAMES, Guard, host_name


def ask(method: str, headers: dict[str, str], *, hosts: frozenset[str] = LOOPBACK_NAMES, allowed: str = "") -> int:
    """Status that a request gets: 200 where the guard lets it through."""
    statuses: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": "/",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(Guard(app, hosts=hosts, origins={allowed} if allowed else ())(scope, receive, send))
    return statuses[0]


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST", "127.0.0.1"])
def test_our_own_names_are_answered(host: str) -> None:
    assert ask("GET", {"Host": host}) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "[::1", "localhost@x"]
)
def test_a_name_that_was_rebound_to_this_machine_is_refused(host: str) -> None:
    assert ask("GET", {"Host": host}) == 403


def test_a_server_for_other_machines_answers_to_any_name() -> None:
    assert ask("GET", {"Host": "music.example"}, hosts=frozenset()) == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),  # curl, requests
        ({"Origin": "http://localhost:8080"}, 200),
        ({"Origin": "http://localhost:3000"}, 403),  # another server on this machine is another origin
        ({"Origin": "https://localhost:8080"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_only_our_own_pages_change_things(headers: dict[str, str], status: int) -> None:
    assert ask("POST", {"Host": "localhost:8080", **headers}) == status
    assert ask("DELETE", {"Host": "localhost:8080", **headers}) == status


def test_pages_that_the_settings_allow_may_change_things() -> None:
    page = {"Host": "localhost:8080", "Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
    assert ask("POST", page, allowed="https://app.example") == 200
    assert ask("POST", page, allowed="https://other.example") == 403


def test_reading_is_left_to_cors() -> None:
    assert ask("GET", {"Host": "localhost:8080", "Origin": "https://evil.example"}) == 200


@pytest.mark.parametrize(("host", "name"), [("a:1", "a"), ("[::1]:5", "::1"), ("A.B", "a.b"), ("[", ""), ("", "")])
def test_host_name(host: str, name: str) -> None:
    assert host_name(host) == name

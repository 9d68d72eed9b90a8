"""What every route has in common, over HTTP against the real server."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import requests

from support.server import Server

SONG = {"kind": "song", "task": {"genre": "folk", "lyrics": "산새가 운다", "seed": 7}}


def test_the_root_says_what_this_is(server: Server) -> None:
    root = server.get("/").json()
    assert root.keys() == {"message", "version", "docs", "user"}
    assert (root["message"], root["docs"], root["user"]["id"]) == ("Pansori", "/docs", 10)


def test_health_and_readiness(server: Server) -> None:
    assert server.get("/health").json() == {
        "status": "healthy",
        "database": "connected",
        "redis": "not used",
        "celery": "not used",
        "workers": "running",
    }
    assert server.get("/ready").json() == {"status": "ready"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
@pytest.mark.parametrize(
    "path",
    ["/nothing", "/v1/jobs", "/v1/nothing", "/job-status", "//", "/%2e%2e/%2e%2e/etc/passwd", "/docs/static/../../x"],
)
def test_every_address_has_an_answer(server: Server, method: str, path: str) -> None:
    answer = requests.request(method, server.url + path, timeout=60)
    assert answer.status_code < 500
    if answer.status_code in (404, 405):
        told = answer.json()
        assert told.get("error", told)["code"] in ("not_found", "method_not_allowed")  # OpenAI's, below /v1


def test_requests_have_ids(server: Server) -> None:
    assert server.get("/", headers={"X-Request-ID": "abc-123"}).headers["X-Request-ID"] == "abc-123"
    assert server.get("/", headers={"X-Request-ID": "a b"}).headers["X-Request-ID"] != "a b"
    assert server.get("/nothing").headers["X-Request-ID"]


def test_strange_hosts_and_foreign_pages_are_refused(server: Server) -> None:
    assert server.get("/", headers={"Host": "evil.example"}).json()["code"] == "unknown_host"
    foreign = server.post("/v1/jobs", json=SONG, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    own = server.post("/v1/jobs", json=SONG, headers={"Origin": server.url, "Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 202


def test_allowed_pages_may_read_and_change(server: Server) -> None:
    page = {"Origin": "https://app.example"}
    assert server.get("/v1/jobs", headers=page).headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert server.post("/v1/jobs", json=SONG, headers=page).status_code == 202
    asked = {**page, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
    preflight = requests.options(f"{server.url}/v1/jobs", headers=asked, timeout=60)
    assert preflight.status_code == 200
    assert "Access-Control-Allow-Origin" not in server.get("/", headers={"Origin": "https://evil.example"}).headers


def test_an_unknown_token_is_ignored(server: Server) -> None:
    assert (
        server.get("/v1/jobs", headers={"Authorization": "Bearer whatever", "Cookie": "session=x"}).status_code == 200
    )


def test_a_body_that_never_says_its_size_is_cut_off(server: Server) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    answer = server.post("/v1/jobs", data=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "request_line", [b"GET / HTTP/9.9", b"\x00\xff\x00", b"GET /\x00 HTTP/1.1", b"POST /v1/jobs HTTP/1.1"]
)
def test_broken_requests_do_not_break_the_server(server: Server, request_line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as raw:
        raw.sendall(request_line + b"\r\nContent-Length: nonsense\r\n\r\n")
        raw.shutdown(socket.SHUT_WR)
        assert b" 500 " not in raw.recv(4096)
    assert server.get("/").status_code == 200

"""What TextTune's routes answer to whoever may not ask, and to whoever is in the way of what is being made."""

from __future__ import annotations

from uuid import uuid4

import pytest
import requests

from support.members import Member, join
from support.server import Server
from support.waiting import eventually

NOBODYS = "00000000-0000-4000-8000-000000000000"  # the same in every process: tests are named by it
ROUTES = [
    ("GET", "/v1/me", None),
    ("POST", "/v1/generations", {"prompt": "jazz"}),
    ("GET", f"/v1/generations/{NOBODYS}", None),
    ("GET", f"/v1/generations/{NOBODYS}/events", None),
    ("POST", f"/v1/generations/{NOBODYS}/cancel", None),
    ("GET", "/v1/library", None),
    ("DELETE", f"/v1/library/{NOBODYS}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_a_login_that_is_none_is_refused_in_the_words_of_the_document(
    accounts_server: Server, method: str, path: str, body: dict[str, str] | None
) -> None:
    headers = {"Authorization": "Bearer nonsense"}
    answer = requests.request(method, accounts_server.url + path, json=body, headers=headers, timeout=60)
    assert (answer.status_code, answer.json().keys()) == (401, {"detail"})
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", ["tracks", "stream", "download"])
def test_what_nobody_has_is_not_found_in_the_words_of_the_document(accounts_server: Server, route: str) -> None:
    member = join(accounts_server, f"{uuid4().hex}@mail.example")
    for name in (NOBODYS, "x"):
        answer = member.get(f"/v1/{route}/{name}")
        assert (answer.status_code, answer.json().keys()) == (404, {"detail"}), name
    assert accounts_server.get(f"/v1/{route}/{NOBODYS}").status_code == 401


def test_a_wrong_password_is_refused_in_the_words_of_the_document(accounts_server: Server) -> None:
    member = join(accounts_server, f"{uuid4().hex}@mail.example")
    answer = accounts_server.post("/v1/auth/login", json={"email": member.email, "password": "wrong horse"})
    assert (answer.status_code, answer.json().keys()) == (401, {"detail"})


def test_what_is_deleted_while_it_is_made_never_comes(accounts_server: Server) -> None:
    """Whatever the worker was at: nothing of it is in the library afterwards, nor kept."""
    member: Member = join(accounts_server, f"{uuid4().hex}@mail.example")
    task = {"prompt": "a long piece", "duration": 240, "format": "wav", "samplerate": 48_000}
    job = member.post("/v1/jobs", json={"kind": "generation", "task": task}).json()["id"]
    eventually(lambda: member.get(f"/v1/jobs/{job}").json()["state"] != "queued")
    assert member.ask("DELETE", f"/v1/library/{job}").status_code == 200

    def is_over() -> bool:
        answer = member.get(f"/v1/generations/{job}")
        return answer.status_code == 404 or (answer.json()["status"], answer.json()["error"]) == ("failed", "cancelled")

    eventually(is_over)
    assert member.get("/v1/library").json()["items"] == []
    answer = member.get(f"/v1/jobs/{job}")
    assert answer.status_code == 404 or answer.json()["artifacts"] == []
    assert member.ask("DELETE", f"/v1/library/{job}").status_code == 404

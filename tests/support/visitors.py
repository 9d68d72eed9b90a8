"""Browsers and letters of those who log in."""

from __future__ import annotations

import re

import requests

from support.accounts import PASSWORD
from support.members import Member
from support.server import Server
from support.waiting import eventually


def browser(server: Server, member: Member | None = None) -> requests.Session:
    """A client with cookies, as one that has just logged in."""
    session = requests.Session()
    session.trust_env = False
    if member is not None:
        answer = session.post(f"{server.url}/v1/auth/login", json={"email": member.email, "password": PASSWORD})
        assert answer.status_code == 200
    return session


def letter(server: Server, to: str, page: str) -> str:
    """The newest token that was mailed to somebody, from the log, where letters are written without a mail server."""

    def look() -> list[str]:
        letters = server.log.split("a letter to ")
        return [
            token
            for one in letters
            if one.startswith(f"{to}:")
            for token in re.findall(rf"/app/{page}\?token=(\S+)", one)
        ]

    return eventually(look)[-1]


def refused(answer: requests.Response) -> bool:
    return answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"

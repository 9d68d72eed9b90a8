"""What is somebody's is nobody else's: every route of the program, with ids of another account.

It grows by itself: a route that is added is asked like all others, and a parameter in a path that nobody has named
here fails until it is said what it stands for.
"""

from __future__ import annotations

import pytest
import requests

from support.members import Member, furnish, join
from support.memoria import SONG
from support.routes import Address, addresses, example_body
from support.server import Server
from support.sse import EventSource

WORDS = "몽금포타령"  #: in everything that the owner makes
FREE = {
    "model": "engines, which are the same for everybody",
    "name": "files of the pages, which are the same for everybody",
}
"""Parameters of paths that stand for nobody's things, and why."""
COMMON = frozenset({"number", "picture", "user_id"})
"""Parameters that are called the same among everybody's things."""
IN_QUERY = {"id": "track_id", "of": "analysis_id", "a": "analysis_id"}
"""Parameters of queries that stand for somebody's things."""
READING = ("GET", "HEAD")
REFUSED = (401, 403, 404)
QUIET = 2.0  #: seconds in which a stream that has something to tell has begun
MOST = 500_000  #: bytes of an answer that are looked at

WITH_IDS = [one for one in addresses() if set(one.parameters) - set(FREE)]
LISTS = [one for one in addresses() if one.method == "GET" and not one.parameters]


@pytest.fixture(scope="module")
def owner(accounts_server: Server) -> Member:
    member = join(accounts_server, "owner@mail.example")
    furnish(member, WORDS)
    return member


@pytest.fixture(scope="module")
def other(accounts_server: Server, owner: Member) -> Member:
    return join(accounts_server, "other@mail.example")


@pytest.fixture(scope="module")
def nobody(accounts_server: Server) -> Member:
    class Nobody(Member):
        @property
        def headers(self) -> dict[str, str]:
            return {}

    return Nobody(accounts_server, "", "")


def paths(address: Address, owner: Member) -> list[str]:
    """The address with each of the owner's ids."""
    filled = [address.path]
    for name in address.parameters:
        assert name in owner.things, f"say in tests/support/members.py what {{{name}}} stands for"
        filled = [path.replace(f"{{{name}}}", one) for path in filled for one in owner.things[name]]
    return filled


def is_refused(answer: requests.Response) -> bool:
    """401, 403, 404; or a page that leads to where one logs in."""
    return answer.status_code in REFUSED or (
        answer.status_code in (302, 303) and "/app/sign" in answer.headers.get("Location", "")
    )


def test_there_are_routes_to_ask() -> None:
    assert len(WITH_IDS) > 30
    assert {"/v1/jobs/{job_id}", "/v1/tracks/{track_id}", "/job-status/{job_id}"} <= {one.path for one in WITH_IDS}


@pytest.mark.parametrize("address", WITH_IDS, ids=str)
def test_what_is_anothers_is_not_there(address: Address, owner: Member, other: Member, nobody: Member) -> None:
    body = example_body(address, owner.things)
    for path in paths(address, owner):
        for asking in (other, nobody):
            answer = asking.ask(address.method, path, json=body, allow_redirects=False, stream=True)
            answer.close()
            assert is_refused(answer), (answer.status_code, path, asking.email)


def test_nor_by_a_query(owner: Member, other: Member, nobody: Member) -> None:
    for address in addresses():
        for name in set(address.query) & set(IN_QUERY):
            for one in owner.things[IN_QUERY[name]]:
                for asking in (other, nobody):
                    answer = asking.ask(address.method, address.path, params={name: one})
                    assert WORDS not in answer.text, str(address)


@pytest.mark.parametrize("address", LISTS, ids=str)
def test_no_list_shows_what_is_anothers(address: Address, owner: Member, other: Member, nobody: Member) -> None:
    theirs = [WORDS, *(one for name, ids in owner.things.items() if name not in COMMON for one in ids)]
    for asking in (other, nobody):
        text = beginning(asking, address)
        assert not [one for one in theirs if one in text], asking.email


def beginning(member: Member, address: Address) -> str:
    """What is told first: of a stream its first piece, else as much as matters."""
    with member.get(address.path, allow_redirects=False, stream=True) as answer:
        if not answer.headers.get("Content-Type", "").startswith("text/event-stream"):
            return answer.raw.read(MOST, decode_content=True).decode(errors="replace")
    try:
        with member.get(address.path, stream=True, timeout=QUIET) as stream:
            return next(stream.iter_content(None), b"").decode()
    except (requests.ReadTimeout, requests.ConnectionError):  # it has nothing to tell
        return ""


def test_changing_lists_of_ids_changes_nothing_of_anothers(owner: Member, other: Member, nobody: Member) -> None:
    for address in addresses():
        body = example_body(address, owner.things)
        if not address.parameters and isinstance(body, dict) and "ids" in body:
            for asking in (other, nobody):
                asking.ask(address.method, address.path, json=body)


def test_a_stream_tells_of_nothing_that_is_anothers(accounts_server: Server, owner: Member, other: Member) -> None:
    with EventSource(f"{accounts_server.url}/events", token=other.token) as source:
        assert source.next().json["jobs"] == {}
        theirs = owner.post("/generate-music-async/", json=SONG).json()["job_id"]
        mine = other.post("/generate-music-async/", json=SONG).json()["job_id"]
        seen = source.next().json["jobs"]
        while seen.get(mine, {}).get("status") != "completed":
            assert theirs not in seen
            seen = source.next().json["jobs"]


def test_afterwards_everything_is_there_for_its_owner(owner: Member) -> None:
    """Which also shows that what was refused to the others were real addresses."""
    for address in WITH_IDS:
        if address.method in READING:
            answers = [owner.ask(address.method, path, stream=True) for path in paths(address, owner)]
            for answer in answers:
                answer.close()
            assert any(answer.status_code < 400 for answer in answers), str(address)
            assert all(answer.status_code < 400 for answer in answers) or "job_id" in address.parameters
    assert WORDS in owner.get("/v1/library").text
    assert WORDS in owner.get("/v1/templates").text
    assert WORDS in owner.get("/v1/analyses").text
    for kept in ("/scripts", "/actors", "/tokens", "/users"):
        assert WORDS in owner.get(kept).text

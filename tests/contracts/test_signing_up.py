"""Accounts from their sign-up to their end."""

from __future__ import annotations

import io
import json
import zipfile
from uuid import uuid4

import pytest

from support.accounts import PASSWORD
from support.members import Member, furnish, join, log_in
from support.server import Server
from support.visitors import browser, letter, refused


@pytest.fixture
def house(accounts_server: Server) -> Server:
    return accounts_server


@pytest.fixture(scope="module")
def nari(accounts_server: Server) -> Member:
    return join(accounts_server, "nari@mail.example")


# -- signing up ------------


def test_from_guest_to_member_and_everything_stays(house: Server) -> None:
    client, email = browser(house), f"{uuid4().hex}@mail.example"
    generation = client.post(f"{house.url}/v1/generations", json={"prompt": "비 오는 날의 재즈", "duration": 5})
    assert generation.status_code == 202
    signed = client.post(f"{house.url}/v1/auth/signup", json={"email": email, "password": PASSWORD, "name": "미나"})
    assert (signed.status_code, signed.json()) == (202, {"status": "accepted"})
    guest = client.get(f"{house.url}/v1/me").json()
    assert guest["kind"] == "guest"
    verified = client.post(f"{house.url}/v1/auth/verify", json={"token": letter(house, email, "verify")}).json()
    assert verified["user"] == {"id": guest["id"], "kind": "local", "email": email, "name": "미나"}
    assert client.get(f"{house.url}/v1/me").json() == verified["user"]
    location = house.url + generation.headers["Location"]
    assert client.get(location).status_code == log_in(house, email).get(generation.headers["Location"]).status_code
    assert client.get(location).status_code == 200


def test_whoever_signs_up_learns_nothing_of_others(house: Server, nari: Member) -> None:
    new = f"{uuid4().hex}@mail.example"
    for route, more in (("signup", {"password": PASSWORD}), ("resend", {}), ("forgot", {})):
        answers = [house.post(f"/v1/auth/{route}", json={"email": email, **more}) for email in (nari.email, new)]
        assert {(one.status_code, one.text) for one in answers} == {(202, '{"status":"accepted"}')}
    assert letter(house, nari.email, "reset")


def test_a_password_is_chosen_anew(house: Server) -> None:
    member = join(house, f"{uuid4().hex}@mail.example")
    assert house.post("/v1/auth/forgot", json={"email": member.email}).status_code == 202
    token = letter(house, member.email, "reset")
    short = house.post("/v1/auth/reset", json={"token": token, "password": "short"})
    assert (short.status_code, short.json()["field"]) == (422, "password")
    assert house.post("/v1/auth/reset", json={"token": token, "password": "another one"}).status_code == 204
    assert refused(member.get("/v1/jobs"))
    assert house.post("/v1/auth/reset", json={"token": token, "password": "another one"}).status_code == 422
    assert log_in(house, member.email, "another one").get("/v1/jobs").status_code == 200


def test_what_is_wrong_with_a_sign_up_is_told(house: Server) -> None:
    for body, field in (
        ({"email": "nari", "password": PASSWORD}, "email"),
        ({"email": "a@b.c\nBcc: x@y.z", "password": PASSWORD}, "email"),
        ({"email": "a@mail.example", "password": "short"}, "password"),
        ({"email": "a@mail.example", "password": PASSWORD, "name": "x" * 200}, "name"),
        ({"email": "a@mail.example"}, "password"),
        ({"email": "a@mail.example", "password": PASSWORD, "kind": "local"}, "kind"),
    ):
        answer = house.post("/v1/auth/signup", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, field)


# -- the account ------------


def test_a_member_changes_name_and_password(house: Server) -> None:
    member = join(house, f"{uuid4().hex}@mail.example")
    other = log_in(house, member.email)
    assert member.ask("PATCH", "/v1/account", json={"name": " 미나 "}).json()["name"] == "미나"
    wrong = {"password": "wrong horse", "new_password": "another one"}
    assert member.post("/v1/account/password", json=wrong).status_code == 403
    right = {"password": PASSWORD, "new_password": "another one"}
    assert member.post("/v1/account/password", json=right).status_code == 204
    assert refused(other.get("/v1/jobs"))
    assert member.get("/v1/jobs").status_code == 200
    new = f"{uuid4().hex}@mail.example"
    moved = member.ask("PATCH", "/v1/account", json={"email": new, "password": "another one"})
    assert moved.json()["email"] == member.email  # until the link was followed
    assert house.post("/v1/auth/verify", json={"token": letter(house, new, "verify")}).status_code == 200
    assert member.get("/v1/me").json()["email"] == new


SCOPED = [
    (["read"], "GET", "/v1/jobs", 200),
    (["read"], "GET", "/jobs", 200),
    (["read"], "GET", "/v1/library", 200),
    (["read"], "GET", "/v1/me", 200),
    (["read"], "POST", "/v1/jobs", 403),
    (["read"], "POST", "/generate-music-async/", 403),
    (["read"], "POST", "/v1/generations", 403),
    (["read"], "GET", "/v1/account/keys", 403),
    (["write"], "GET", "/v1/jobs", 403),
    (["write"], "POST", "/v1/generations", 202),
    (["account"], "GET", "/v1/account", 200),
    (["account"], "GET", "/v1/jobs", 403),
]


@pytest.mark.parametrize(("scopes", "method", "path", "status"), SCOPED)
def test_every_contract_takes_keys_for_what_they_say(
    nari: Member, scopes: list[str], method: str, path: str, status: int
) -> None:
    key = nari.post("/v1/account/keys", json={"name": "program", "scopes": scopes}).json()
    program = Member(nari.server, "", key["key"])
    bodies = {
        "/v1/jobs": {"kind": "song", "task": {"genre": "folk"}},
        "/v1/generations": {"prompt": "folk", "duration": 3},
    }
    body = bodies.get(path, {"genre_txt": "folk", "lyrics_txt": "la"})
    answer = program.ask(method, path, json=body if method == "POST" else None)
    assert answer.status_code == status, answer.text
    assert nari.ask("DELETE", f"/v1/account/keys/{key['id']}").status_code == 204
    assert refused(program.ask(method, path, json=body if method == "POST" else None))


def test_a_key_is_shown_once(nari: Member) -> None:
    made = nari.post("/v1/account/keys", json={"name": "studio", "expires_in": 60}).json()
    listed = nari.get("/v1/account/keys")
    assert made["key"].startswith(made["prefix"])
    assert made["key"] not in listed.text
    assert made["id"] in listed.text
    assert nari.get(f"/v1/account/keys/{made['id']}").json()["name"] == "studio"


def test_a_key_makes_none_that_may_do_more(nari: Member) -> None:
    key = nari.post("/v1/account/keys", json={"name": "manager", "scopes": ["account"]}).json()["key"]
    program = Member(nari.server, "", key)
    assert program.post("/v1/account/keys", json={"name": "more", "scopes": ["write"]}).status_code == 409


def test_guests_have_no_keys(house: Server) -> None:
    client = browser(house)
    client.get(f"{house.url}/v1/me")
    assert client.post(f"{house.url}/v1/account/keys", json={"name": "x"}).status_code == 403


def test_one_takes_everything_along_and_leaves_nothing(house: Server) -> None:
    member = join(house, f"{uuid4().hex}@mail.example")
    furnish(member, "떠나는 날의 노래")
    assets = [member.get(f"/v1/assets/{one}").json() for one in member.things["asset_id"]]
    with zipfile.ZipFile(io.BytesIO(member.get("/v1/account/export").content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        account = json.loads(archive.read("account.json"))
        jobs = json.loads(archive.read("jobs.json"))
        tracks = json.loads(archive.read("tracks.json"))
        files = {len(archive.read(name)) for name in names if name.startswith("files/")}
    assert (account["email"], len(account["sessions"]), len(account["keys"])) == (member.email, 1, 1)
    assert {one["id"] for one in jobs} == set(member.things["job_id"])
    assert [one["id"] for one in tracks] == member.things["track_id"]
    assert files == {one["size"] for one in assets}
    stored = {path for path in (house.folder / "data" / "assets").rglob("*") if path.is_file()}
    assert all(any(one["id"] in path.name for path in stored) for one in assets)
    assert member.ask("DELETE", "/v1/account").status_code == 422
    assert member.ask("DELETE", "/v1/account", json={"password": "wrong horse"}).status_code == 403
    assert member.ask("DELETE", "/v1/account", json={"password": PASSWORD}).status_code == 204
    assert refused(member.get("/v1/account"))
    again = house.post("/v1/auth/login", json={"email": member.email, "password": PASSWORD})
    assert again.status_code == 401
    left = {path.name for path in (house.folder / "data" / "assets").rglob("*")}
    assert not [one for one in assets if any(one["id"] in name for name in left)]

"""Who one is: in open mode, with accounts, by sessions, keys and logins."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import jwt
import pytest
import requests

from support.accounts import PASSWORD
from support.members import Member, join, log_in
from support.memoria import SONG
from support.server import Server
from support.sse import EventSource
from support.visitors import browser, refused
from support.waiting import eventually

COOKIE = "pansori_session"


@pytest.fixture
def house(accounts_server: Server) -> Server:
    return accounts_server


@pytest.fixture(scope="module")
def mina(accounts_server: Server) -> Member:
    return join(accounts_server, "mina@mail.example")


# -- open mode ------------


def test_open_mode_logs_everybody_into_its_account(server: Server) -> None:
    client = browser(server)
    answer = client.post(f"{server.url}/v1/auth/login", json={"email": "mina@mail.example"})
    assert answer.json().keys() == {"token", "user"}
    assert (answer.json()["user"]["kind"], answer.json()["user"]["email"]) == ("local", "mina@mail.example")
    assert client.cookies[COOKIE] == answer.json()["token"]
    me = server.get("/v1/me").json()
    assert me.keys() == {"id", "kind", "email", "name"}
    assert me["id"] == answer.json()["user"]["id"]
    assert client.get(f"{server.url}/v1/account/sessions").json()["sessions"][0]["current"]


def test_open_mode_tells_of_its_account_as_it_is_now(server: Server) -> None:
    for name in ("Mina", ""):
        assert server.get("/v1/account").json()["name"] != name
        requests.patch(f"{server.url}/v1/account", json={"name": name}, timeout=60)
        assert server.get("/v1/account").json()["name"] == name


@pytest.mark.parametrize("email", ["nonsense", "a\0@mail.example", "x" * 400 + "@mail.example"])
def test_open_mode_takes_addresses_alone(server: Server, email: str) -> None:
    answer = server.post("/v1/auth/login", json={"email": email})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "email"])


def test_open_mode_has_no_sign_up(server: Server) -> None:
    answer = server.post("/v1/auth/signup", json={"email": "mina@mail.example", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert server.delete("/v1/account").status_code == 409


def test_in_open_mode_a_login_that_nobody_knows_is_ignored(server: Server) -> None:
    for headers in ({"Authorization": "Bearer psk_x"}, {"Cookie": f"{COOKIE}=x"}, {"Authorization": "Basic eDp5"}):
        assert server.get("/v1/jobs", headers=headers).status_code == 200


def test_in_open_mode_a_key_that_is_known_is_held_to_its_scopes(server: Server) -> None:
    key = server.post("/v1/account/keys", json={"name": "reader", "scopes": ["read"]}).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    assert server.get("/v1/jobs", headers=headers).status_code == 200
    assert server.post("/v1/jobs", headers=headers, json={"kind": "song", "task": {}}).status_code == 403


# -- accounts mode: who one is ------------


def test_what_everybody_may_see_needs_no_login(house: Server) -> None:
    assert house.get("/").json()["user"] is None
    for path in ("/health", "/ready", "/docs", "/openapi.json", "/docs/static/swagger-ui.css"):
        assert house.get(path).status_code == 200, path


def test_everything_else_does_in_each_contracts_shape(house: Server) -> None:
    problem, detail = house.get("/v1/jobs"), house.get("/jobs", headers={"Accept-Language": "ko"})
    assert refused(problem)
    assert refused(detail)
    assert problem.json()["code"] == "unauthenticated"
    assert detail.json() == {"detail": "로그인이 필요해요. 로그인하거나 API 키를 보내세요."}


def test_the_root_says_who_asks(mina: Member) -> None:
    assert mina.get("/").json()["user"]["id"] == mina.get("/v1/account").json()["alias"]


def test_a_guest_is_made_by_itself_and_stays_the_same(house: Server) -> None:
    client = browser(house)
    me = client.get(f"{house.url}/v1/me").json()
    assert (me["kind"], me["email"]) == ("guest", None)
    assert client.get(f"{house.url}/v1/me").json() == me
    assert client.get(f"{house.url}/v1/jobs").status_code == 200
    assert browser(house).get(f"{house.url}/v1/me").json()["id"] != me["id"]


def test_guests_are_made_by_no_other_route(house: Server) -> None:
    client = browser(house)
    for path in ("/", "/v1/jobs", "/jobs", "/v1/account", "/v1/engines"):
        client.get(house.url + path)
    assert not client.cookies


def test_an_address_alone_opens_nobodys_account(house: Server, mina: Member) -> None:
    answer = house.post("/v1/auth/login", json={"email": mina.email})
    assert answer.status_code == 200
    assert (answer.json()["user"]["kind"], answer.json()["user"]["email"]) == ("guest", mina.email)
    assert answer.json()["user"]["id"] != mina.get("/v1/me").json()["id"]


def test_the_cookie_is_out_of_reach(house: Server, mina: Member) -> None:
    login = {"email": mina.email, "password": PASSWORD}
    plain = house.post("/v1/auth/login", json=login).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(plain.split("; "))
    assert "Secure" not in plain
    behind_tls = house.post("/v1/auth/login", json=login, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in behind_tls.headers["Set-Cookie"].split("; ")
    assert behind_tls.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("origin", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_foreign_page_does_nothing_with_the_cookie(house: Server, mina: Member, origin: dict[str, str]) -> None:
    client = browser(house, mina)
    answer = client.post(f"{house.url}/v1/account/keys", json={"name": "x"}, headers=origin)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


def test_it_answers_to_any_name(house: Server) -> None:
    assert house.get("/", headers={"Host": "music.example"}).status_code == 200


def forgeries(token: str) -> dict[str, str]:
    said = jwt.decode(token, options={"verify_signature": False})
    header, payload, signature = token.split(".")
    unsigned = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    return {
        "alg none": f"{unsigned}.{payload}.",
        "alg none with a signature": f"{unsigned}.{payload}.{signature}",
        "another key": jwt.encode(said, "x" * 32, "HS256"),
        "another algorithm": jwt.encode(said, "x" * 64, "HS512"),
        "truncated": token[:-5],
        "without signature": f"{header}.{payload}.",
        "another account": f"{header}.{payload[:-4]}AAAA.{signature}",
        "no token": "nonsense",
        "no key": "psk_nonsense",
    }


def test_forged_tokens_open_nothing(house: Server, mina: Member) -> None:
    for how, token in forgeries(mina.token).items():
        for path in ("/v1/jobs", "/jobs", "/v1/library", "/v1/me", "/v1/account"):
            assert refused(house.get(path, headers={"Authorization": f"Bearer {token}"})), how
        answer = house.get("/v1/jobs", headers={"Cookie": f"{COOKIE}={token}"})
        assert refused(answer), how
        assert "Max-Age=0" in answer.headers["Set-Cookie"]


# -- logins ------------


def test_logging_out_ends_the_login_at_once(house: Server, mina: Member) -> None:
    client, token = browser(house, mina), log_in(house, mina.email).token
    assert client.post(f"{house.url}/v1/auth/logout").status_code == 204
    assert not client.cookies
    headers = {"Authorization": f"Bearer {token}"}
    assert house.post("/v1/auth/logout", headers=headers).status_code == 204
    assert refused(house.get("/v1/jobs", headers=headers))
    assert house.post("/v1/auth/logout").status_code == 204
    assert mina.get("/v1/jobs").status_code == 200


def test_a_stream_ends_with_its_login(house: Server, mina: Member) -> None:
    gone = log_in(house, mina.email)
    with (
        EventSource(f"{house.url}/events", token=gone.token) as ended,
        EventSource(f"{house.url}/events", token=mina.token) as lives,
    ):
        ended.next()
        assert gone.post("/v1/auth/logout").status_code == 204

        def has_ended() -> bool:
            mina.post("/generate-music-async/", json=SONG)
            return ended.ended.wait(1)

        eventually(has_ended)
        assert not lives.ended.is_set()


def test_logins_are_listed_and_ended(house: Server, mina: Member) -> None:
    other = log_in(house, mina.email)
    listed = mina.get("/v1/account/sessions").json()["sessions"]
    [current] = [one for one in listed if one["current"]]
    assert current.keys() == {"id", "client", "address", "created_at", "seen_at", "expires_at", "current"}
    [theirs] = [one["id"] for one in other.get("/v1/account/sessions").json()["sessions"] if one["current"]]
    assert mina.ask("DELETE", f"/v1/account/sessions/{theirs}").status_code == 204
    assert refused(other.get("/v1/jobs"))
    assert mina.ask("DELETE", f"/v1/account/sessions/{theirs}").status_code == 404
    assert mina.ask("DELETE", "/v1/account/sessions/nonsense").status_code == 404


def test_a_program_renews_its_token(house: Server, mina: Member) -> None:
    old = log_in(house, mina.email)
    answer = old.post("/v1/auth/refresh")
    assert answer.json().keys() == {"token", "user"}
    new = Member(house, mina.email, answer.json()["token"])
    assert new.token != old.token
    assert new.get("/v1/jobs").status_code == old.get("/v1/jobs").status_code == 200  # for a minute
    newest = Member(house, mina.email, new.post("/v1/auth/refresh").json()["token"])
    assert refused(old.get("/v1/jobs"))  # two rotations old: somebody has copied it
    assert refused(newest.get("/v1/jobs"))
    assert refused(house.post("/v1/auth/refresh"))


def test_a_page_may_renew_the_token_that_its_script_kept(house: Server, mina: Member) -> None:
    page = browser(house, mina)
    kept = {"Authorization": f"Bearer {page.cookies[COOKIE]}"}
    for _ in range(2):  # an older token than the one before the newest is void at once
        assert page.post(f"{house.url}/v1/auth/refresh").status_code == 200
    assert refused(page.get(f"{house.url}/v1/library", headers=kept))
    newer = page.post(f"{house.url}/v1/auth/refresh", headers=kept)
    assert newer.status_code == 200
    assert page.cookies[COOKIE] == newer.json()["token"]
    assert page.get(f"{house.url}/v1/me").json()["email"] == mina.email
    assert refused(house.post("/v1/auth/refresh", headers=kept))  # without the cookie it may be anybody's
    assert refused(page.get(f"{house.url}/v1/me"))


def test_wrong_passwords_are_few_and_tell_nothing(house: Server) -> None:
    known = join(house, f"{uuid4().hex}@mail.example").email
    told: dict[str, list[Any]] = {known: [], "nobody@mail.example": []}
    for email, answers in told.items():
        for _ in range(11):
            answer = house.post("/v1/auth/login", json={"email": email, "password": "wrong horse"})
            answers.append((answer.status_code, answer.json()["detail"]))
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert told[known] == told["nobody@mail.example"]

"""No token but ours is taken, however it was made."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.accounts._tokens import Claims, Tokens
from pansori.domain.errors import Unauthenticated
from pansori.domain.units import Seconds

KEY = bytes(range(32))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKENS = Tokens(KEY, Seconds(900.0))
CLAIMS = Claims(uuid4(), uuid4(), 3)
TOKEN = TOKENS.sign(CLAIMS, NOW)
SAID = jwt.decode(TOKEN, options={"verify_signature": False})


def part(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def test_what_was_signed_is_read() -> None:
    assert TOKENS.read(TOKEN, NOW) == CLAIMS
    assert not TOKENS.read(TOKEN, NOW).is_expired


def test_an_expired_one_says_so() -> None:
    assert TOKENS.read(TOKEN, NOW + timedelta(seconds=901)).is_expired


@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="utf-8"))
def test_a_changed_character_is_noticed(at: int, character: str) -> None:
    changed = TOKEN[:at] + character + TOKEN[at + 1 :]
    try:
        claims = TOKENS.read(changed, NOW)
    except Unauthenticated:
        return
    # the last character of base64 has bits that mean nothing, so some change nothing
    assert claims == CLAIMS
    assert changed[:at].rpartition(".")[0] == TOKEN.rpartition(".")[0] or changed == TOKEN


@given(st.integers(0, len(TOKEN) - 1))
def test_a_truncated_one_is_refused(length: int) -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read(TOKEN[:length], NOW)


@given(st.text(max_size=300))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read(text, NOW)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS384", "HS512", "RS256", "", None, 1])
def test_no_other_algorithm_is_taken(algorithm: object) -> None:
    header, payload = part({"alg": algorithm, "typ": "JWT"}), TOKEN.split(".")[1]
    for signature in ("", TOKEN.split(".")[2]):
        with pytest.raises(Unauthenticated):
            TOKENS.read(f"{header}.{payload}.{signature}", NOW)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_nor_one_that_our_key_could_sign(algorithm: str) -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read(jwt.encode(SAID, KEY * 2, algorithm), NOW)
    with pytest.raises(Unauthenticated):
        Tokens(KEY * 2, Seconds(900.0)).read(jwt.encode(SAID, KEY * 2, algorithm), NOW)


def test_another_key_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        TOKENS.read(jwt.encode(SAID, bytes(32), "HS256"), NOW)


@pytest.mark.parametrize("name", ["iss", "sub", "sid", "rot", "exp"])
@pytest.mark.parametrize("value", [None, "x", {}, 10**30])
def test_claims_that_are_missing_or_mean_nothing_are_refused(name: str, value: object) -> None:
    changed = {**SAID, name: value}
    if value is None:
        del changed[name]
    token = jwt.encode(changed, KEY, "HS256") if name != "iss" or isinstance(value, str | None) else "x"
    if name == "rot" and value == 10**30:
        assert TOKENS.read(token, NOW).rotation == 10**30  # newer than any login's, which is not valid either
        return
    with pytest.raises(Unauthenticated):
        TOKENS.read(token, NOW)

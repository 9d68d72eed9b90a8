"""Links that are read without a login, until they expire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.api.signing import Signer
from pansori.domain.errors import Forbidden, LinkExpired

SIGNER = Signer(b"k" * 32)
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def query(thing: str = "track 1", expires: datetime = LATER, signer: Signer = SIGNER) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(signer.query(thing, expires)).items()}


def test_a_link_holds_until_its_moment() -> None:
    assert SIGNER.check("track 1", query(), NOW) == LATER
    assert SIGNER.check("track 1", query(), LATER - timedelta(seconds=1)) == LATER
    for moment in (LATER, LATER + timedelta(days=400)):
        with pytest.raises(LinkExpired):
            SIGNER.check("track 1", query(), moment)


@pytest.mark.parametrize(
    ("thing", "changes"),
    [
        ("track 2", {}),
        ("track 1", {"expires": str(int(LATER.timestamp()) + 1)}),
        ("track 1", {"expires": f" {int(LATER.timestamp())}"}),
        ("track 1", {"expires": f"0{int(LATER.timestamp())}"}),
        ("track 1", {"expires": ""}),
        ("track 1", {"expires": "soon"}),
        ("track 1", {"signature": ""}),
        ("track 1", {"signature": query()["signature"][:-1]}),
        ("track 1", {"signature": query()["signature"].swapcase()}),
        ("track 1", {"signature": query(signer=Signer(b"x" * 32))["signature"]}),
        ("track 1", {"signature": "é\udc80"}),
    ],
)
def test_a_link_that_was_not_made_here(thing: str, changes: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        SIGNER.check(thing, {**query(), **changes}, NOW)


@given(st.text(), st.text())
def test_nobody_guesses_one(expires: str, signature: str) -> None:
    with pytest.raises(Forbidden):
        SIGNER.check("track 1", {"expires": expires, "signature": signature}, NOW)

"""Signed URLs are those that S3 computes itself."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from pansori.domain.units import Seconds
from pansori.media import Bucket, Credentials, Keyring, S3Store
from pansori.media.stores._sigv4 import presign

AT = datetime(2013, 5, 24, tzinfo=UTC)
EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def test_the_example_of_the_reference() -> None:
    """Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters", its only example."""
    url = presign(EXAMPLE, "GET", "https://examplebucket.s3.amazonaws.com/test.txt", expires=Seconds(86400.0), now=AT)
    assert query(url)["X-Amz-Signature"] == "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    assert query(url)["X-Amz-Expires"] == "86400"


def test_every_part_is_signed() -> None:
    def signature(method: str = "GET", path: str = "a", secret: str = "s", region: str = "r", **more: str) -> str:
        credentials = Credentials("id", secret, region=region)
        return query(presign(credentials, method, f"http://s3/{path}", expires=Seconds(60.0), parameters=more, now=AT))[
            "X-Amz-Signature"
        ]

    one = signature()
    others = {
        signature("PUT"),
        signature(path="b"),
        signature(secret="other"),
        signature(region="other"),
        signature(uploads=""),
    }
    assert len({one, *others}) == 6


def test_it_is_valid_for_a_second_at_least_and_a_week_at_most() -> None:
    for asked, given in ((0.0, "1"), (59.9, "59"), (1e9, "604800")):
        assert query(presign(EXAMPLE, "GET", "http://s3/a", expires=Seconds(asked)))["X-Amz-Expires"] == given


def test_a_temporary_key_shows_its_token() -> None:
    bucket = Bucket("songs", "", "http://s3", "us-east-1", Keyring.of(Credentials("id", "secret", "to ken")))
    url = S3Store(bucket).signed_url("a/b.mp3", Seconds(60.0), disposition='attachment; filename="가.mp3"')
    assert query(url)["X-Amz-Security-Token"] == "to ken"
    assert query(url)["response-content-disposition"] == 'attachment; filename="가.mp3"'


def test_a_secret_is_not_shown() -> None:
    assert EXAMPLE.secret_access_key not in repr(EXAMPLE)

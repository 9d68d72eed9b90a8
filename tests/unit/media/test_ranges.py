"""The rules of RFC 9110, by their sections."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.domain.units import Bytes
from pansori.media import Representation, deliver

NOON = datetime(2026, 3, 4, 12, 0, 0, 250_000, tzinfo=UTC)
SIZE = 1000
FILE = Representation(Bytes(SIZE), "ab" * 32, NOON)
ETAG = f'"{"ab" * 32}"'
DATE = "Wed, 04 Mar 2026 12:00:00 GMT"
EARLIER = "Wed, 04 Mar 2026 11:59:59 GMT"
LATER = "Wed, 04 Mar 2026 12:00:01 GMT"


def status(method: str = "GET", /, size: int = SIZE, **headers: str) -> int:
    file = Representation(Bytes(size), FILE.sha256, NOON)
    return deliver(method, {name.replace("_", "-"): value for name, value in headers.items()}, file).status


def span(value: str, size: int = SIZE) -> tuple[int, int, int]:
    answer = deliver("GET", {"range": value}, Representation(Bytes(size), FILE.sha256, NOON))
    return answer.status, answer.start, answer.end


def test_without_conditions_the_whole_is_answered() -> None:
    answer = deliver("GET", {}, FILE)
    assert (answer.status, answer.start, answer.end) == (200, 0, SIZE)
    assert answer.headers == {
        "ETag": ETAG,
        "Last-Modified": DATE,
        "Accept-Ranges": "bytes",
        "Content-Length": "1000",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes=0-499", (206, 0, 500)),  # the examples of 14.1.2, for 1000 bytes
        ("bytes=500-999", (206, 500, 1000)),
        ("bytes=-500", (206, 500, 1000)),
        ("bytes=500-", (206, 500, 1000)),
        ("bytes=0-0", (206, 0, 1)),
        ("bytes=-1", (206, 999, 1000)),
        ("bytes=999-", (206, 999, 1000)),
        ("bytes=0-", (206, 0, 1000)),
        ("bytes=0-5000", (206, 0, 1000)),  # beyond the end: up to the end
        ("bytes=-5000", (206, 0, 1000)),
        ("BYTES=0-1", (206, 0, 2)),  # unit names have no case (14.1)
        ("bytes=, 0-1 ,", (206, 0, 2)),  # empty elements (5.6.1.2)
        ("bytes=00000-00001", (206, 0, 2)),
        ("bytes=1000-", (416, 0, 0)),  # unsatisfiable (14.1.2)
        ("bytes=-0", (416, 0, 0)),
        ("bytes=5000-6000, -0", (416, 0, 0)),
        ("bytes=0-1,5-6", (200, 0, 1000)),  # several: the whole
        ("bytes=5-1", (200, 0, 1000)),  # invalid: ignored (14.2)
        ("bytes=0-1,5-1", (200, 0, 1000)),
        ("bytes=", (200, 0, 1000)),
        ("bytes=a-b", (200, 0, 1000)),
        ("bytes=-", (200, 0, 1000)),
        ("bytes =0-1", (200, 0, 1000)),
        ("bytes=0 - 1", (200, 0, 1000)),
        ("bytes=+1-2", (200, 0, 1000)),
        ("bytes=١-٢", (200, 0, 1000)),
        ("seconds=0-1", (200, 0, 1000)),  # unknown unit: must be ignored
        ("0-1", (200, 0, 1000)),
        ("bytes=" + "9" * 5000 + "-", (200, 0, 1000)),
        ("bytes=" + "9" * 4000 + "-", (416, 0, 0)),
    ],
)
def test_ranges(value: str, expected: tuple[int, int, int]) -> None:
    assert span(value) == expected


@pytest.mark.parametrize(("value", "code"), [("bytes=0-", 416), ("bytes=-1", 200), ("bytes=-0", 416)])
def test_an_empty_file(value: str, code: int) -> None:
    """Its suffix is satisfiable (14.1.2), but has no Content-Range that could say so: the whole."""
    assert span(value, 0) == (code, 0, 0)


def test_headers_of_a_part() -> None:
    headers = deliver("GET", {"range": "bytes=10-19"}, FILE).headers
    assert headers["Content-Range"] == "bytes 10-19/1000"
    assert headers["Content-Length"] == "10"
    assert headers["ETag"] == ETAG


def test_headers_of_an_unsatisfiable_range() -> None:
    """15.5.17: the current length is told."""
    assert deliver("GET", {"range": "bytes=1000-"}, FILE).headers["Content-Range"] == "bytes */1000"


def test_head_has_no_ranges() -> None:
    """14.2: Range is defined for GET alone."""
    answer = deliver("HEAD", {"range": "bytes=0-1"}, FILE)
    assert (answer.status, answer.headers["Content-Length"]) == (200, "1000")


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2000))
def test_any_valid_range_is_inside_the_file(first: int, length: int, size: int) -> None:
    code, start, end = span(f"bytes={first}-{first + length}", size)
    if first < size:
        assert (code, start, end) == (206, first, min(size, first + length + 1))
    else:
        assert (code, start, end) == (416, 0, 0)


@given(st.integers(0, 2000), st.integers(1, 2000))
def test_any_suffix_ends_at_the_end(length: int, size: int) -> None:
    assert span(f"bytes=-{length}", size) == ((206, max(0, size - length), size) if length else (416, 0, 0))


@given(st.text(max_size=60) | st.from_regex(r"bytes=[0-9,\- ]*", fullmatch=True), st.integers(0, 100))
def test_no_header_breaks_it(value: str, size: int) -> None:
    code, start, end = span(value, size)
    assert code in (200, 206, 416)
    assert 0 <= start <= end <= size
    assert (start, end) == (0, size) if code == 200 else (start < end) is (code == 206)


@given(st.text(max_size=60), st.sampled_from(["if-match", "if-none-match", "if-range", "if-modified-since"]))
def test_no_condition_breaks_it(value: str, name: str) -> None:
    assert deliver("GET", {"range": "bytes=0-1", name: value}, FILE).status in (200, 206, 304, 412)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (ETAG, 206),
        (f" {ETAG} ", 206),
        ('"other"', 200),
        (f"W/{ETAG}", 200),  # weak tags never match (13.1.5)
        (DATE, 206),
        (EARLIER, 200),
        (LATER, 200),  # exact, not "not newer" (13.1.5)
        ("nonsense", 200),
        ("", 200),
    ],
)
def test_if_range(value: str, code: int) -> None:
    assert status(range="bytes=0-1", if_range=value) == code


def test_if_range_that_fails_ignores_an_unsatisfiable_range() -> None:
    assert status(range="bytes=1000-", if_range='"other"') == 200
    assert status(range="bytes=1000-", if_range=ETAG) == 416


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (ETAG, 304),
        (f"W/{ETAG}", 304),  # compared weakly (13.1.2)
        (f'"other", {ETAG}', 304),
        (f'"with,comma",W/"x",{ETAG}', 304),
        ("*", 304),
        ('"other"', 200),
        ("ab" * 32, 200),
        ("", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_if_none_match(method: str, value: str, code: int) -> None:
    assert status(method, if_none_match=value) == code


@pytest.mark.parametrize(("value", "code"), [(ETAG, 200), (f"W/{ETAG}", 412), ('"other"', 412), ("*", 200), ("", 412)])
def test_if_match(value: str, code: int) -> None:
    """13.1.1: compared strongly."""
    assert status(if_match=value) == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (DATE, 304),
        (LATER, 304),
        (EARLIER, 200),
        ("Wednesday, 04-Mar-26 12:00:00 GMT", 304),  # the obsolete forms of 5.6.7
        ("Wed Mar  4 12:00:00 2026", 304),
        ("yesterday", 200),
        ("Wed, 99 Mar 2026 12:00:00 GMT", 200),
        ("0", 200),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 200),  # in UTC there is no such day
        (f"{DATE}, {LATER}", 200),  # two lines of it (13.1.3)
    ],
)
def test_if_modified_since(value: str, code: int) -> None:
    assert status(if_modified_since=value) == code


def test_if_unmodified_since() -> None:
    assert status(if_unmodified_since=DATE) == 200
    assert status(if_unmodified_since=EARLIER) == 412
    assert status(if_unmodified_since="nonsense") == 200


def test_precedence() -> None:
    """13.2.2: tags go before dates, conditions before ranges."""
    assert status(if_match=ETAG, if_unmodified_since=EARLIER) == 200
    assert status(if_none_match='"other"', if_modified_since=LATER) == 200
    assert status(if_match='"other"', if_none_match=ETAG) == 412
    assert status(if_none_match=ETAG, range="bytes=0-1") == 304
    assert status(if_none_match=ETAG, range="bytes=5000-") == 304
    assert status(if_match='"other"', range="bytes=0-1") == 412
    assert status(if_match=ETAG, range="bytes=0-1") == 206


def test_an_unchanged_file_is_answered_with_its_validators_alone() -> None:
    """15.4.5."""
    assert deliver("GET", {"if-none-match": ETAG}, FILE).headers == {"ETag": ETAG, "Last-Modified": DATE}


def test_dates_are_told_in_gmt() -> None:
    seoul = Representation(Bytes(1), "00", NOON.astimezone(timezone(timedelta(hours=9))))
    assert deliver("GET", {}, seoul).headers["Last-Modified"] == DATE

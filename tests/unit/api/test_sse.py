from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pansori.api.sse import EventStream, event, resume_after
from support.sse import parse

no_breaks = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(
    st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=200),
    no_breaks.map(str.strip).filter(bool),
    st.integers(0, 10**15),
)
def test_what_is_sent_is_what_is_read(data: str, name: str, number: int) -> None:
    lines = event(data, name=name, number=number).decode().split("\n")
    [read] = parse(lines)
    assert (read.type, read.data, read.last_event_id) == (name, data, str(number))


@given(st.text(max_size=40))
def test_resuming_takes_any_header(header: str) -> None:
    assert 0 <= resume_after(header, 10) <= 10


def test_resuming() -> None:
    assert [resume_after(header, 17) for header in ("0", "5", "17")] == [0, 5, 17]
    strange = (None, "", "x", "-3", "1.5", "٣", "18", "9" * 18, "9" * 30)
    assert [resume_after(header, 17) for header in strange] == [0] * len(strange)


def test_a_silent_stream_ends_with_the_login_by_which_it_was_asked_for() -> None:
    assert streamed(silent(), is_still_in=lambda: False) == [b"first"]


def test_an_unfinished_stream_of_who_is_still_in_goes_on_to_its_end() -> None:
    assert streamed(three(), is_still_in=lambda: True) == [b"1", b"2", b"3"]


async def silent() -> AsyncIterator[bytes]:
    yield b"first"
    await asyncio.Event().wait()
    yield b"never"


async def three() -> AsyncIterator[bytes]:
    for one in (b"1", b"2", b"3"):
        yield one


def streamed(events: AsyncIterator[bytes], **state: Any) -> list[bytes]:
    """What a client that stays reads until the end."""
    read: list[bytes] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message.get("body"):
            read.append(message["body"])

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"spec_version": "2.3"}}
    asyncio.run(EventStream(events)({**scope, "state": state}, receive, send))
    return read

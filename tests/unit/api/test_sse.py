from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pansori.api.sse import event, resume_after
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
    assert resume_after(header) >= 0


def test_resuming() -> None:
    assert resume_after("17") == 17
    assert [resume_after(header) for header in (None, "", "x", "-3", "1.5", "٣", "9" * 30)] == [0] * 7

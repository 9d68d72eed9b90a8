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
    assert 0 <= resume_after(header, 10) <= 10


def test_resuming() -> None:
    assert [resume_after(header, 17) for header in ("0", "5", "17")] == [0, 5, 17]
    strange = (None, "", "x", "-3", "1.5", "٣", "18", "9" * 18, "9" * 30)
    assert [resume_after(header, 17) for header in strange] == [0] * len(strange)

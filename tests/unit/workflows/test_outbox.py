"""What a live conversation has to send, and keeps for one who comes back."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.errors import Cancelled, Text
from pansori.domain.units import SampleRateHz
from pansori.workflows.voice.live.outbox import CROWD, KEPT, WAITING, Outbox
from pansori.workflows.voice.live.vocabulary import Audio, Reply
from support.waiting import eventually

SOUND = bytes(100)
OVER = Text("Over.", "끝났어요.")


def reply(turn: int = 1) -> Reply:
    return Reply(turn=turn, delta="…")


def audio(turn: int = 1) -> Audio:
    return Audio(turn=turn, sentence=0, text="…", rate=SampleRateHz(16_000), samples=50)


def all_of(outbox: Outbox) -> list[int]:
    """The numbers of all that there is to read."""
    found = []
    while (message := outbox.next(outbox.reader)) is not None:
        found.append(message.number)
    return found


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reply"), st.integers(1, 3)),
        st.tuples(st.just("audio"), st.integers(1, 3)),
        st.tuples(st.just("read"), st.integers(1, 4)),
        st.tuples(st.just("again"), st.integers(-1, 12)),
        st.tuples(st.just("drop"), st.integers(1, 3)),
    ),
    max_size=24,
)


@settings(max_examples=60)
@given(STEPS)
def test_whoever_reads_gets_everything_once_and_in_order(steps: list[tuple[str, int]]) -> None:
    """But for sound that nobody wants any more; and after coming back, all that was missed."""
    outbox = Outbox()
    wanted: dict[int, int | None] = {}  # number: the turn whose sound it is
    at = total = 0
    for kind, value in steps:
        ahead = [number for number in wanted if number > at]
        if kind in ("reply", "audio"):
            total += 1
            wanted[total] = value if kind == "audio" else None
            outbox.put(reply(value)) if kind == "reply" else outbox.put(audio(value), SOUND)
        elif kind == "read":
            read = [message.number for _ in range(value) if (message := outbox.next(outbox.reader)) is not None]
            assert read == ahead[:value]
            at = max([at, *read])
        elif kind == "again":
            assert (outbox.rewind(value) is not None) == (0 <= value <= total)
            at = min(at, value) if 0 <= value <= total else at
        else:
            outbox.drop_sound(value)
            wanted = {number: turn for number, turn in wanted.items() if number <= at or turn != value}
    assert all_of(outbox) == [number for number in wanted if number > at]
    assert outbox.waiting == 0


def test_what_was_sent_is_kept_for_so_long_and_no_longer() -> None:
    outbox = Outbox()
    piece = bytes(KEPT // 4)
    for _ in range(8):
        outbox.put(audio(), piece)
        assert outbox.next() is not None
    assert not outbox.rewind(0)
    assert not outbox.rewind(4)
    assert outbox.rewind(5)
    assert all_of(outbox) == [6, 7, 8]


def test_one_who_has_more_sound_waits_for_one_who_reads_slowly() -> None:
    outbox, looked = Outbox(), threading.Semaphore(0)
    pieces = [bytes(WAITING // 2)] * 6

    def make() -> None:
        for piece in pieces:
            outbox.put(audio(), piece, look=looked.release)

    maker = threading.Thread(target=make, daemon=True)
    maker.start()
    for number in range(1, len(pieces) + 1):
        assert looked.acquire(timeout=60)
        eventually(lambda: outbox.waiting, every=0.002)
        assert outbox.waiting <= WAITING
        message = outbox.next()
        assert message is not None
        assert message.number == number
    maker.join(60)
    assert outbox.next() is None


def test_one_who_waits_may_give_up() -> None:
    outbox = Outbox()
    outbox.put(audio(), bytes(WAITING))
    looks = iter(range(3))

    def look() -> None:
        if next(looks, None) is None:
            raise Cancelled(OVER)

    with pytest.raises(Cancelled):
        outbox.put(audio(), SOUND, look=look)
    assert all_of(outbox) == [1], "and has put nothing"


def test_sound_that_nobody_wants_makes_room() -> None:
    outbox = Outbox()
    outbox.put(audio(1), bytes(WAITING))
    outbox.drop_sound(1)
    outbox.put(audio(2), SOUND, look=lambda: None)
    assert all_of(outbox) == [2]


def test_a_piece_larger_than_all_the_room_still_goes() -> None:
    outbox = Outbox()
    outbox.put(audio(), bytes(2 * WAITING), look=lambda: None)
    assert all_of(outbox) == [1]


def test_a_connection_that_was_replaced_reads_no_more_and_is_told_so() -> None:
    outbox = Outbox()
    calls: list[str] = []
    outbox.listen(1, lambda: calls.append("first"))
    outbox.put(reply())
    assert outbox.rewind(0)
    assert calls == ["first"] * 3
    outbox.listen(2, lambda: calls.append("second"))
    outbox.leave(1)  # who was replaced leaves late, and that is nobody's business
    outbox.put(reply())
    assert calls[3:] == ["second"] * 2
    assert outbox.next(1) is None
    assert all_of(outbox) == [1, 2]


def test_many_messages_that_nobody_reads_are_a_crowd() -> None:
    outbox = Outbox()
    for _ in range(CROWD):
        assert not outbox.is_crowded
        outbox.put(reply())
    assert outbox.is_crowded
    outbox.next()
    assert not outbox.is_crowded

"""What is to be sent in a live conversation: numbered, bounded, and kept for a while for one whose connection broke."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pansori.domain.units import Bytes, Seconds
from pansori.workflows.voice.live.vocabulary import Audio, Event, told

WAITING: Final = Bytes(2 * 1024 * 1024)  #: that are not sent yet; who has more sound waits
KEPT: Final = Bytes(4 * 1024 * 1024)  #: that were sent, in case they have not arrived
CROWD: Final = 5_000  #: messages that are not sent yet, at which it is better to listen no more for a while
FIRST: Final = 1  #: number of the first connection that reads
LOOK: Final = Seconds(0.05)  #: between two looks of one who waits


@dataclass(frozen=True)
class Sent:
    """A message, and the binary frame that belongs to it."""

    number: int
    event: Event
    text: str
    sound: bytes = b""

    @property
    def size(self) -> int:
        return len(self.text) + len(self.sound)


class Outbox:
    """Any thread may put; one connection reads, known by its number, until the next one takes its place."""

    def __init__(self) -> None:
        self.reader = FIRST
        """The number of the connection that reads."""
        self._changed: Callable[[], None] = _nobody
        self._waiting: deque[Sent] = deque()
        self._kept: deque[Sent] = deque()
        self._numbers = 0
        self._lost = 0  #: the highest number that was sent and is not kept any more
        self._room = threading.Condition()
        self._sizes = {"waiting": 0, "kept": 0}

    def put(self, event: Event, sound: bytes = b"", *, look: Callable[[], None] | None = None) -> None:
        """`look`: wait for room, and call this while waiting; what it raises ends the wait. None: it is short, and
        goes in any case."""
        with self._room:
            while look is not None:
                look()
                if not self._waiting or self._sizes["waiting"] + len(sound) <= WAITING:
                    break
                self._room.wait(LOOK)
            self._numbers += 1
            text = json.dumps(told(event, self._numbers), ensure_ascii=False, separators=(",", ":"))
            message = Sent(self._numbers, event, text, sound)
            self._waiting.append(message)
            self._sizes["waiting"] += message.size
            changed = self._changed
        changed()

    def listen(self, reader: int, changed: Callable[[], None]) -> None:
        """`changed` is called from now on, in any thread, whenever there is something to read, or another reader. Of
        one who was replaced, at once and never again."""
        with self._room:
            if reader == self.reader:
                self._changed = changed
        changed()

    def leave(self, reader: int) -> None:
        with self._room:
            if reader == self.reader:
                self._changed = _nobody

    @property
    def waiting(self) -> Bytes:
        """How much is not sent yet."""
        return Bytes(self._sizes["waiting"])

    @property
    def is_crowded(self) -> bool:
        """Whoever asks does not read what is answered."""
        return len(self._waiting) >= CROWD

    def next(self, reader: int = FIRST) -> Sent | None:
        """The next message, which counts as sent from now on. None: there is none for this reader."""
        with self._room:
            if reader != self.reader or not self._waiting:
                return None
            message = self._waiting.popleft()
            self._kept.append(message)
            self._sizes["waiting"] -= message.size
            self._sizes["kept"] += message.size
            while self._sizes["kept"] > KEPT and len(self._kept) > 1:
                lost = self._kept.popleft()
                self._lost = lost.number
                self._sizes["kept"] -= lost.size
            self._room.notify_all()
            return message

    def rewind(self, after: int) -> int | None:
        """Let another connection read everything after that number, and who reads now no more. Returns the number by
        which it is known. None: some of that is not kept any more, or never was; then nothing changes."""
        with self._room:
            if not self._lost <= after <= self._numbers:
                return None
            while self._kept and self._kept[-1].number > after:
                message = self._kept.pop()
                self._waiting.appendleft(message)
                self._sizes["kept"] -= message.size
                self._sizes["waiting"] += message.size
            self.reader = reader = self.reader + 1
            replaced, self._changed = self._changed, _nobody
        replaced()
        return reader

    def drop_sound(self, turn: int) -> None:
        """Nobody wants to hear this turn's answer any more."""
        with self._room:
            left = [one for one in self._waiting if not (isinstance(one.event, Audio) and one.event.turn == turn)]
            self._waiting = deque(left)
            self._sizes["waiting"] = sum(one.size for one in left)
            self._room.notify_all()


def _nobody() -> None:
    """Nobody reads yet."""

"""Names become addresses, and waiting has an end: what is loaded without any library of HTTP."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pansori.domain.errors import FetchTimedOut, Text, Unreachable
from pansori.domain.units import Seconds
from pansori.lexicon.particles import attach

Resolver = Callable[[str, int], Sequence[str]]
"""Host and port → its IP addresses in their usual form. Raises `OSError` where the name has none."""


def system_resolver(host: str, port: int) -> Sequence[str]:
    """As the machine resolves names. Its library also reads `0x7f.1`, `2130706433` and their like, as addresses."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Watch:
    """`look` is called often while one waits and may raise; `deadline` is on the monotonic clock."""

    deadline: float
    look: Callable[[], None]

    def left(self, host: str) -> Seconds:
        """Raises `FetchTimedOut` when nothing is."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise timed_out(host)
        return Seconds(left)


def timed_out(host: str) -> FetchTimedOut:
    return FetchTimedOut(
        Text(f"{host} did not answer in time.", f"{attach(host, '이/가')} 제시간에 답하지 않았어요."),
        cure=Text("Try again later.", "나중에 다시 시도해 주세요."),
    )


def unreachable(host: str, error: Exception | None = None) -> Unreachable:
    reason = f" ({error})" if error is not None else ""
    return Unreachable(
        Text(f"{host} cannot be reached{reason}.", f"{host}에 연결할 수 없어요{reason}."),
        cure=Text(
            "Look whether the address is right, or try again later.", "주소를 확인하거나 나중에 다시 시도해 주세요."
        ),
    )

"""Passwords: hashed by Argon2id, a bounded number at once.

Parameters: RFC 9106 §4, second recommended option (64 MiB, 3 passes), with one lane instead of four: that changes how
many cores one hash takes and not what guessing costs, and leaves the others to whoever else asks.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pansori.accounts._common import is_common
from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.units import Bytes

if TYPE_CHECKING:
    from argon2 import PasswordHasher

PASSES: Final = 3
LANES: Final = 1
SHORTEST: Final = 8  #: characters (NIST SP 800-63B §3.1.1.2)
LONGEST: Final = 1024
AT_ONCE: Final = max(1, (os.cpu_count() or 1) // 2)  #: half the cores, so that the others answer


class Passwords:
    """Hashes and checks. Both take a good part of a second and are not for a thread that others wait for."""

    def __init__(self, memory: Bytes) -> None:
        self._memory = memory
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        """In Argon2's encoded form. Raises `InvalidRequest` for one that nobody should choose."""
        check_length(password)
        check_strength(password)
        return self.hash_again(password)

    def hash_again(self, password: str) -> str:
        """The same for one that is somebody's already, whatever it is."""
        with self._slots:
            return self._hasher.hash(_bytes(password))

    def verify(self, hashed: str | None, password: str) -> bool:
        """Whether it is the password. Takes as long where there is none (None), so that nobody learns that."""
        from argon2.exceptions import InvalidHashError, VerificationError

        if len(password) > LONGEST:
            password, hashed = "", None  # of no account
        with self._slots:
            try:
                return self._hasher.verify(hashed or self._nobodys, _bytes(password)) and hashed is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, hashed: str) -> bool:
        """Whether it was hashed with other parameters than those of now."""
        return self._hasher.check_needs_rehash(hashed)

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher  # loaded where somebody logs in

        return PasswordHasher(time_cost=PASSES, memory_cost=self._memory // 1024, parallelism=LANES)

    @cached_property
    def _nobodys(self) -> str:
        """A hash that no password fits."""
        return self._hasher.hash(os.urandom(32))


def _bytes(password: str) -> bytes:
    """The same ones however a keyboard composes its letters (NIST SP 800-63B §3.1.1.2: NFKC)."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")


def check_strength(password: str) -> None:
    if is_common(password):
        raise InvalidRequest(
            Text("This password is among the first that are guessed.", "너무 흔해서 쉽게 알아낼 수 있는 비밀번호예요."),
            field="password",
            cure=Text(
                "Take several words that have nothing to do with each other.",
                "서로 상관없는 낱말을 여러 개 이어서 만들어 주세요.",
            ),
        )


def check_length(password: str) -> None:
    if len(password) < SHORTEST:
        raise InvalidRequest(
            Text(f"A password needs {SHORTEST} characters or more.", f"비밀번호는 {SHORTEST}자 이상이어야 해요."),
            field="password",
        )
    if len(password) > LONGEST:
        raise InvalidRequest(
            Text(f"A password may have {LONGEST} characters.", f"비밀번호는 {LONGEST}자까지 쓸 수 있어요."),
            field="password",
        )

from __future__ import annotations

import pytest

from pansori.accounts import Passwords
from pansori.domain.errors import InvalidRequest
from pansori.domain.units import Bytes

COMMON = (
    "password", "PASSWORD", "Password123!", "12345678", "87654321", "aaaaaaaa", "abcdabcd", "qwertyui", "1q2w3e4r",
    "1234qwer", "iloveyou", "adminadmin", "1qaz2wsx", "비밀번호1234", "letmein99",
)  # fmt: skip
OTHERS = ("wrong horse", "a new password", "hello 8394 2910 3847", "한강의 여름 밤", "korean-rain-42", "xkqpvhzt")


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords(Bytes(1024 * 1024))


@pytest.mark.parametrize("password", COMMON)
def test_what_everybody_tries_is_no_password(passwords: Passwords, password: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        passwords.hash(password)
    assert raised.value.field == "password"
    assert raised.value.cure is not None


@pytest.mark.parametrize("password", OTHERS)
def test_others_are(passwords: Passwords, password: str) -> None:
    assert passwords.verify(passwords.hash(password), password)


def test_one_that_somebody_has_already_stays_theirs(passwords: Passwords) -> None:
    assert passwords.verify(passwords.hash_again("12345678"), "12345678")

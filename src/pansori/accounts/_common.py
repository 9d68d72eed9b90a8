"""Passwords that are guessed first, and so are none (NIST SP 800-63B §3.1.1.2 has them refused)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Words that the commonest passwords are made of. With digits or marks around them they are guessed as soon.
WORDS: Final = frozenset(
    """
    password passwort passw0rd p@ssword p@ssw0rd pa55word passpass passcode mypassword yourpassword thepassword
    iloveyou iloveu iloveme loveyou lovelove loveme trustno starwars superman batman spiderman pokemon naruto
    princess sunshine football baseball basketball softball hockey soccer liverpool chelsea arsenal barcelona
    letmein welcome whatever computer internet samsung google facebook youtube twitter instagram microsoft apple
    administrator admin adminadmin root rootroot toor guest guestguest default changeme changeit secret topsecret
    master mastermaster dragon monkey shadow killer michael michelle jennifer jordan ashley daniel charlie jessica
    andrew joshua matthew nicole thomas anthony samantha hunter ranger buster tigger ginger pepper cookie cheese
    chocolate butterfly flower purple orange summer winter spring autumn mustang corvette ferrari mercedes harley
    freedom forever blessed jesus christ angel heaven qwerty qwertz azerty qwert asdf asdfgh asdfghjkl zxcvbn zxcvbnm
    qwertyuiop qweasd qweasdzxc qazwsx qazwsxedc zaqwsx zaq abc abcd abcdef abcabc test testtest tester testing
    user username login hello hellohello pansori texttune korea seoul sarang saranghae dkssud tkfkd qlalfqjsgh
    비밀번호 사랑해 안녕하세요 대한민국
    """.split()  # noqa: SIM905 - a list of words reads as one
)
BOTH_WAYS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
ACROSS = ("1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "q1w2e3r4t5y6u7i8o9p0", "!@#$%^&*()")
ROWS: Final = (*(row + row[::-1] for row in BOTH_WAYS), *ACROSS)
LONGEST_UNIT: Final = 4  #: characters of what repeats: `abcdabcd`
MOST_AROUND: Final = 6  #: digits and marks that help no word; more of them may be worth something
AROUND: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def is_common(password: str) -> bool:
    """Whether it is among those that everybody tries: a common word with or without digits and marks around it or
    twice in a row, a run along the alphabet or the keyboard, a few characters again and again. Letters count as the
    same in either case."""
    plain = unicodedata.normalize("NFKC", password).casefold().strip()
    word = AROUND.sub("", plain)
    half = word[: len(word) // 2]
    known = word in WORDS or (half * 2 == word and half in WORDS)
    return plain in WORDS or (known and len(plain) - len(word) <= MOST_AROUND) or _repeats(plain) or _runs(plain)


def _repeats(text: str) -> bool:
    """One short piece from end to end, the last of them perhaps cut off."""
    return any((text[:unit] * len(text))[: len(text)] == text for unit in range(1, LONGEST_UNIT + 1))


def _runs(text: str) -> bool:
    """All of it along one row, or in two such pieces: `12345678`, `1234qwer`."""
    return any(_is_run(text[:at]) and _is_run(text[at:]) for at in range(len(text)))


def _is_run(piece: str) -> bool:
    return len(piece) != 1 and any(piece in row for row in ROWS)

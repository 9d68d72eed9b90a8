"""Laws of file names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pansori.media import clean_name, one_line


@given(st.text(max_size=400))
@example("a. .txt")
@example("가" * 400 + ".flac")
@example("\u1100\u1161" * 300)
def test_any_name_becomes_one_safe_component(name: str) -> None:
    clean = clean_name(name)
    assert clean
    assert clean not in {".", ".."}
    assert not set(clean) & set('/\\:*?"<>|')
    assert not {unicodedata.category(character) for character in clean} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(clean) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert len(clean) <= 200
    assert len(clean.encode()) <= 240
    assert not clean.startswith((".", " "))
    assert clean_name(clean) == clean


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("여름이 왔네.mp3", "여름이 왔네.mp3"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("song\u202egpj.exe", "songgpj.exe"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie_ b"),
        ("  .hidden  ", "hidden"),
        ("👩\u200d🎤.wav", "👩\u200d🎤.wav"),
        ("", "file"),
        ("...", "file"),
        ("노래" * 100 + ".flac", "노래" * 39 + ".flac"),
    ],
)
def test_examples(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@given(st.text(max_size=200))
def test_any_text_becomes_one_line_that_can_be_seen(text: str) -> None:
    line = one_line(text)
    assert line == line.strip()
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert one_line(line) == line

"""Tags come back as they went in, in every format, and say that the song was made by a machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mutagen
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.media import AudioFormat
from pansori.media import DigitalSource, Tags, decode, encode, read_tags, write_tags
from support.media import RATE, tone

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
LONG = st.sampled_from(["", "가사 🎤\n둘째 줄\r\n", '{"seed": 7, "줄": "' + "가" * 10_000 + '"}'])


@pytest.fixture(scope="module")
def untagged(tmp_path_factory: pytest.TempPathFactory) -> dict[AudioFormat, Path]:
    folder = tmp_path_factory.mktemp("untagged")
    files = {audio_format: folder / audio_format.value for audio_format in AudioFormat}
    for audio_format, path in files.items():
        encode(tone(0.3), RATE, audio_format, path)
    return files


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_they_come_back(audio_format: AudioFormat, untagged: dict[AudioFormat, Path], tmp_path: Path) -> None:
    path = tmp_path / "tagged"

    @settings(max_examples=20, deadline=None)
    @given(
        st.builds(
            Tags,
            title=TEXT,
            artist=TEXT,
            engine=TEXT,
            seed=st.none() | st.integers(0, 2**32 - 1),
            recipe=LONG | TEXT,
            comment=LONG | TEXT,
            ai_generated=st.booleans(),
            source=st.sampled_from(DigitalSource),
        )
    )
    def round_trip(tags: Tags) -> None:
        shutil.copyfile(untagged[audio_format], path)
        write_tags(path, audio_format, tags)
        assert read_tags(path, audio_format) == tags

    round_trip()


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_tagging_again_replaces_and_leaves_the_sound(
    audio_format: AudioFormat, untagged: dict[AudioFormat, Path], tmp_path: Path
) -> None:
    path = tmp_path / "tagged"
    shutil.copyfile(untagged[audio_format], path)
    write_tags(path, audio_format, Tags(title="old", recipe="x" * 20_000, seed=1))
    write_tags(path, audio_format, Tags(title="새 제목"))
    assert read_tags(path, audio_format) == Tags(title="새 제목")
    assert (decode(path).samples == decode(untagged[audio_format]).samples).all()


def label(path: Path, audio_format: AudioFormat) -> tuple[str, str, str]:
    """The comment, and both fields for programs, as other software finds them."""
    tags: Any = mutagen.File(path).tags
    if audio_format in (AudioFormat.MP3, AudioFormat.WAV):
        assert tags.version == (2, 4, 0)
        return (
            str(tags["COMM::und"]),
            str(tags["TXXX:AI_GENERATED"]),
            str(tags["TXXX:DIGITAL_SOURCE_TYPE"]),
        )
    if audio_format is AudioFormat.M4A:
        named = "----:com.apple.iTunes:"
        fields = (tags[named + name][0].decode() for name in ("AI_GENERATED", "DIGITAL_SOURCE_TYPE"))
        return (tags["\xa9cmt"][0], *fields)
    return (tags["comment"][0], tags["ai_generated"][0], tags["digital_source_type"][0])


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_the_label(audio_format: AudioFormat, untagged: dict[AudioFormat, Path], tmp_path: Path) -> None:
    path = tmp_path / "tagged"
    shutil.copyfile(untagged[audio_format], path)
    write_tags(path, audio_format, Tags(title="노래", comment="for you"))
    assert label(path, audio_format) == (
        "AI-generated (algorithmicMedia)\nfor you",
        "true",
        "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia",
    )


def test_what_no_tag_can_hold_is_left_out() -> None:
    tags = Tags(title="two\nlines\0 and \ud83d half", comment="a\0b\nc")
    assert (tags.title, tags.comment) == ("two lines and half", "ab\nc")

"""What people type, and where what they get goes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.cli import inputs, outputs
from pansori.domain.errors import InvalidRequest, NotFound, StorageError
from pansori.domain.media import AudioFormat


def test_text_is_taken_as_it_is_and_written_line_ends_are_line_ends() -> None:
    assert inputs.read_text("여름이\\n왔네\n바다로", "lyrics") == "여름이\n왔네\n바다로"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_files_may_be_utf8_or_older_korean(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "words.txt"
    file.write_text("여름이 왔네\n", encoding=encoding)
    assert inputs.read_text(f"@{file}", "lyrics") == "여름이 왔네\n"


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_standard_input_is_a_dash(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("여름이 왔네".encode(encoding))))
    assert inputs.read_text("-", "lyrics") == "여름이 왔네"


def test_a_missing_file_and_one_of_another_kind_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"words\.txt"):
        inputs.read_text(f"@{tmp_path / 'words.txt'}", "lyrics")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xff\x00\x81")
    with pytest.raises(InvalidRequest, match=r"picture\.png"):
        inputs.read_text(f"@{tmp_path / 'picture.png'}", "lyrics")
    with pytest.raises(InvalidRequest, match=tmp_path.name):
        inputs.read_text(f"@{tmp_path}", "lyrics")


def test_options_are_names_and_values() -> None:
    read = inputs.read_options(["tempo=92", "voice=male", "vocals=false", "key=C major"])
    assert read == {"tempo": 92, "voice": "male", "vocals": False, "key": "C major"}
    with pytest.raises(InvalidRequest):
        inputs.read_options(["tempo"])


@pytest.mark.parametrize(
    ("asked", "output", "chosen"),
    [
        (None, None, AudioFormat.MP3),
        (None, Path("a.flac"), AudioFormat.FLAC),
        (AudioFormat.WAV, Path("a.wav"), AudioFormat.WAV),
        (AudioFormat.OPUS, Path("a.song"), AudioFormat.OPUS),
    ],
)
def test_the_format_follows_the_name(asked: AudioFormat | None, output: Path | None, chosen: AudioFormat) -> None:
    assert inputs.choose_format(asked, output) is chosen


def test_a_format_that_contradicts_the_name_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        inputs.choose_format(AudioFormat.MP3, Path("a.flac"))


def test_an_ending_that_names_no_format_is_refused_with_those_that_do() -> None:
    with pytest.raises(InvalidRequest) as refused:
        inputs.choose_format(None, Path("a.ogg"))
    assert ".opus" in str(refused.value.cure)


@given(st.text(max_size=300))
def test_any_title_becomes_a_file_name(title: str) -> None:
    name = outputs.file_name(title.encode(errors="ignore").decode())
    assert 0 < len(name.encode()) <= outputs.NAME_MAX_BYTES
    assert not set(name) & set('/\\:*?"<>|\0')
    assert name not in (".", "..")


def test_a_folder_never_loses_a_song(tmp_path: Path) -> None:
    for expected in ("여름.mp3", "여름 2.mp3", "여름 3.mp3"):
        path = outputs.target(tmp_path / "songs", True, "여름", "mp3")
        assert path.name == expected
        outputs.write(iter((b"so", b"ng")), path)
        assert path.read_bytes() == b"song"
    assert outputs.target(tmp_path / "mine.mp3", False, "여름", "mp3") == tmp_path / "mine.mp3"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def interrupted() -> object:
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outputs.write(interrupted(), tmp_path / "song.mp3")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="file"):
        outputs.write(iter((b"x",)), tmp_path / "file" / "song.mp3")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match="folder"):
        outputs.write(iter((b"x",)), tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]

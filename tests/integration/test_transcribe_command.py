"""`pansori transcribe` as people use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile

from support.command import Inside
from support.transcriber_suite import COMMAND, command


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    folder = Inside(tmp_path)
    soundfile.write(tmp_path / "take.wav", command(), 16_000)
    return folder


def test_a_command_is_written_down_and_saved_as_subtitles(inside: Inside) -> None:
    done = inside.run("transcribe", "take.wav", "--commands", "--srt", "--vtt", "--txt", "--output", "found")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{COMMAND}\n"
    saved = {path.name: path.read_text() for path in (inside.folder / "found").iterdir()}
    assert set(saved) == {"take.srt", "take.vtt", "take.txt"}
    assert saved["take.srt"].startswith("1\n00:00:00,")
    assert saved["take.vtt"].startswith("WEBVTT\n")


def test_a_bad_file_does_not_stop_the_rest(inside: Inside) -> None:
    (inside.folder / "words.wav").write_text("these are no sounds")
    done = inside.run("transcribe", "nowhere.wav", "words.wav", "take.wav", "--engine", "debug", "--json")
    assert done.returncode == 3
    nowhere, words, take = json.loads(done.stdout)["files"]
    assert (nowhere["error"]["code"], words["error"]["code"]) == ("not_found", "unreadable_media")
    assert take["transcript"]["duration"] == pytest.approx(len(command()) / 16_000)
    first, second = done.stderr.splitlines()  # each file is named, and once
    assert (first.count("nowhere.wav"), second.count("words.wav")) == (1, 1)


def test_recordings_of_one_name_are_saved_apart(inside: Inside) -> None:
    soundfile.write(inside.folder / "take.flac", command(), 16_000)
    done = inside.run("transcribe", "take.wav", "take.flac", "--engine", "debug", "--txt")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in inside.folder.glob("*.txt")} == {"take.wav.txt", "take.flac.txt"}


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("--language", "xx"), 2, "en"),
        (("--language", "ko"), 2, "whisper"),
        (("--translate",), 2, "whisper"),
        (("--engine", "nobody"), 2, "pocketsphinx"),
        (("--engine", "openai"), 5, "PANSORI_OPENAI_URL"),
        (("--set", "strictness=9"), 2, "strictness"),
    ],
)
def test_what_cannot_be_done_is_told(arguments: tuple[str, ...], code: int, complaint: str, inside: Inside) -> None:
    done = inside.run("transcribe", "take.wav", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert complaint in done.stderr


def test_silence_is_no_error(inside: Inside) -> None:
    soundfile.write(inside.folder / "silence.wav", 0 * command(), 16_000)
    done = inside.run("transcribe", "silence.wav", "--commands")
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing was understood" in done.stderr

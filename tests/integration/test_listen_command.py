"""`pansori listen`, with files in place of devices and with a sound card."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile

from support.command import Inside
from support.media import wave_file
from support.signals import coming
from support.soundcard import SoundCard
from support.talking import RATE, spoken, tones
from support.voice import ENGINES
from support.waiting import eventually


@pytest.fixture
def command(tmp_path: Path) -> Inside:
    return Inside(tmp_path, {"PANSORI_DATA_DIR": str(tmp_path / "data")})


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> SoundCard:
    """Somebody asks what it can do, and says nothing more."""
    card = SoundCard()
    card.said = np.concatenate((spoken("What can you do?"), np.zeros(RATE)))
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    return card


def kept(command: Inside) -> list[tuple[str, str]]:
    """What was said, and how the turn ended."""
    with closing(sqlite3.connect(command.folder / "data" / "pansori.db")) as database:
        return database.execute("SELECT heard, state FROM turns ORDER BY created_at").fetchall()


@pytest.fixture
def question(tmp_path: Path) -> Path:
    """Three things are said, with pauses between them; the last is no command."""
    said = ("What can you do?", "thank you", "The parliament of Iceland adjourned.")
    sound = np.concatenate([spoken(one) for one in said])
    return wave_file(tmp_path / "question.wav", sound[None].astype(np.float32), RATE)


def test_a_recording_is_heard_and_answered(command: Inside, question: Path) -> None:
    done = command.run("listen", "--file", "question.wav", "--output", "answer.wav")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "You: what can you do"
    assert "I can make songs" in lines[1]
    assert [line.split()[-1] for line in lines if " s  " in line][:2] == ["pause", "understood"]
    assert sum(line.startswith("You: ") for line in lines) == 2
    assert "(not understood)" in lines
    assert done.stderr.count("pansori models get whisper-small") == 1
    sound, _ = soundfile.read(command.folder / "answer.wav")
    assert np.abs(sound).max() > 0.05
    assert kept(command)[0] == ("what can you do", "done")


def test_programs_read_every_event(command: Inside, question: Path) -> None:
    done = command.run("listen", "--file", "question.wav", "--json", "--once")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [one["type"] for one in told]
    assert kinds.count("done") == 1
    assert kinds[-1] == "bye"
    assert {"speech_started", "speech_ended", "final", "reply", "audio"} <= set(kinds)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--file", "nothing.wav"), 3, "nothing.wav"),
        (("--file", "words.wav"), 1, "text, not sound"),
        (("--file", "question.wav", "--output", "a.xyz"), 2, "one of: .mp3"),
        (("--file", "question.wav", "--silence", "9"), 2, "--silence"),
        (("--file", "question.wav", "--voice", "nobody"), 2, "nobody"),
        (("--file", "question.wav", "--language", "xx"), 2, "xx"),
    ],
)
def test_what_cannot_be_is_refused(
    arguments: tuple[str, ...], code: int, said: str, command: Inside, question: Path
) -> None:
    (command.folder / "words.wav").write_text("no sound at all")
    done = command.run("listen", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_silence_is_not_answered(command: Inside) -> None:
    wave_file(command.folder / "silence.wav", np.zeros((1, RATE), np.float32), RATE)
    done = command.run("listen", "--file", "silence.wav", "--output", "answer.wav")
    assert (done.returncode, done.stdout) == (1, "")
    assert not (command.folder / "answer.wav").exists()


def test_what_the_microphone_hears_is_answered_aloud(command: Inside, card: SoundCard) -> None:
    done = command.run("listen", "--once")
    assert done.returncode == 0, done.stderr
    assert "You: what can you do" in done.stdout
    assert max(np.abs(sound).max() for sound in card.played.values()) > 0.05


def test_control_c_ends_it_and_the_answers_are_kept(command: Inside, card: SoundCard) -> None:
    def interrupt() -> None:
        try:
            eventually(lambda: [state for _, state in kept(command)] == ["done"])
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    card.afterwards = interrupt
    done = command.run("listen", "--output", "answers.wav")
    assert (done.returncode, done.stderr.splitlines()[1:]) == (0, [])
    sound, _ = soundfile.read(command.folder / "answers.wav")
    assert np.abs(sound).max() > 0.05


def test_control_c_ends_it_as_well_while_the_microphone_is_being_opened(command: Inside, card: SoundCard) -> None:
    engines = {f"PANSORI_{name.upper()}": engine for name, engine in ENGINES.items()}
    with coming(signal.SIGINT, lambda frame: frame.f_code is SoundCard.RawInputStream.__code__):
        done = command.run("listen", "--output", "answers.wav", **engines)
    assert (done.returncode, done.stderr.splitlines()[1:]) == (0, [])


def test_without_a_sound_card_the_cure_is_told(command: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)  # which cannot be imported then
    done = command.run("listen")
    assert done.returncode == 5
    assert "libportaudio2" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "heard"), [((), ["five"]), (("--headphones",), ["five", "six"])], ids=["aloud", "headphones"]
)
def test_it_listens_while_it_speaks_where_one_wears_headphones(
    command: Inside, card: SoundCard, arguments: tuple[str, ...], heard: list[str]
) -> None:
    card.said, card.interjected = tones(5), tones(6)
    card.afterwards = lambda: os.kill(os.getpid(), signal.SIGINT)
    done = command.run("listen", *arguments, **{f"PANSORI_{name.upper()}": engine for name, engine in ENGINES.items()})
    assert done.returncode == 0, done.stderr
    assert [said for said, _ in kept(command)] == heard
    assert ("interrupted" in done.stdout) is (len(heard) > 1)

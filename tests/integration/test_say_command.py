"""`pansori say` as people use it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pansori.domain.tasks import SPEECH_MAX_CHARACTERS
from pansori.media import probe
from support.command import Inside
from support.soundcard import SoundCard


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    return Inside(tmp_path)


@pytest.fixture
def sound_card(monkeypatch: pytest.MonkeyPatch) -> SoundCard:
    card = SoundCard()
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    return card


def test_a_text_is_said_into_a_file(inside: Inside) -> None:
    done = inside.run("say", "안녕하세요, 반가워요.", "--voice", "f2", "--output", "hello.wav", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    sound, rate = soundfile.read(inside.folder / "hello.wav")
    assert Path(told["path"]) == (inside.folder / "hello.wav").resolve()
    assert (told["engine"], told["speech"]["voice"], told["speech"]["language"]) == ("espeak", "f2", "ko")
    assert [word["text"] for word in told["speech"]["words"]] == ["안녕하세요,", "반가워요."]
    assert len(sound) / rate == pytest.approx(told["speech"]["duration"])
    assert abs(sound).max() > 0.05
    assert soundfile.info(inside.folder / "hello.wav").subtype == "PCM_16"  # as conversations and `wave` take it


def test_a_file_is_named_after_what_it_says(inside: Inside) -> None:
    done = inside.run("say", "-", "--engine", "debug", "--rate", "2", stdin="Good morning!")
    assert done.returncode == 0, done.stderr
    assert probe(inside.folder / "Good morning!.mp3").codec.startswith("mp3")
    assert "Good morning!.mp3" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("--voice", "nobody"), 2, "f2"),
        (("--rate", "9"), 2, "--rate"),
        (("--engine", "nobody"), 2, "espeak"),
        (("--engine", "openai"), 5, "no server is set. — Set PANSORI_OPENAI_URL"),
        (("--output", "hello.xyz"), 2, "xyz"),
        (("--language", "한국어"), 2, "--language: This has to be auto or a language tag such as ko"),
    ],
)
def test_what_cannot_be_said_is_told_and_nothing_is_written(
    arguments: tuple[str, ...], code: int, complaint: str, inside: Inside
) -> None:
    done = inside.run("say", "Hello", *arguments)
    assert (done.returncode, list(inside.folder.iterdir())) == (code, [])
    assert complaint in done.stderr


def test_what_is_only_to_be_seen_is_silence_and_it_says_so(inside: Inside) -> None:
    done = inside.run("say", "***", "--engine", "debug")
    assert (done.returncode, [path.name for path in inside.folder.iterdir()]) == (0, ["speech.mp3"])
    assert "this is silence" in done.stderr


def test_no_text_is_refused(inside: Inside) -> None:
    done = inside.run("say", "  ")
    assert (done.returncode, done.stderr) == (2, "pansori: TEXT: This may not be empty.\n")


def test_speech_goes_where_one_pipes_it(inside: Inside) -> None:
    done = inside.run("say", "Good morning!", "--engine", "debug", "--output", "-")
    assert done.returncode == 0, done.stderr
    sound, rate = soundfile.read(io.BytesIO(done.stdout.encode(errors="surrogateescape")))
    assert len(sound) / rate > 0.5
    assert list(inside.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["hello.ogg", "hello.opus", "hello.flac", "hello.m4a"])
def test_the_ending_chooses_the_format(name: str, inside: Inside) -> None:
    done = inside.run("say", "Good morning!", "--engine", "debug", "--output", name)
    assert done.returncode == 0, done.stderr
    assert probe(inside.folder / name).duration == pytest.approx(0.9, abs=0.3)


def test_markup_is_spoken_and_named_after_its_words(inside: Inside) -> None:
    done = inside.run("say", '<speak>Call <say-as interpret-as="digits">42</say-as></speak>', "--ssml", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert Path(told["path"]).name == "Call 42.mp3"
    assert [word["text"] for word in told["speech"]["words"]] == ["Call", "42"]
    assert "".join(one["ipa"] for one in told["speech"]["words"][1]["phonemes"]).endswith("ɔːɹtˈuː")  # four two


def test_it_is_said_aloud_and_no_file_is_left(inside: Inside, sound_card: SoundCard) -> None:
    done = inside.run("say", "One two. Three four.", "--engine", "debug", "--play")
    assert (done.returncode, done.stdout, list(inside.folder.iterdir())) == (0, "", [])
    [(rate, played)] = sound_card.played.items()
    assert len(played) / rate == pytest.approx(0.05 * 17 + 0.05 * 4, abs=0.01)
    assert np.abs(played).max() > 0.1


@pytest.mark.parametrize("argument", ["--json", "--output=hello.wav"])
def test_what_is_only_said_is_no_file(argument: str, inside: Inside, sound_card: SoundCard) -> None:
    done = inside.run("say", "Hello", "--engine", "debug", "--play", argument)
    assert (done.returncode, sound_card.played, list(inside.folder.iterdir())) == (2, {}, [])
    assert "Leave out --output and --json." in done.stderr


def test_without_a_sound_card_it_says_what_helps(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)  # which cannot be imported then
    done = inside.run("say", "Hello", "--engine", "debug", "--play")
    assert done.returncode == 5
    assert "libportaudio2" in done.stderr


def test_a_text_that_is_too_long_is_refused(inside: Inside) -> None:
    (inside.folder / "long.txt").write_text("가" * 100_000, encoding="utf-8")
    done = inside.run("say", "@long.txt")
    assert done.returncode == 2
    assert f"{SPEECH_MAX_CHARACTERS:,}" in done.stderr or str(SPEECH_MAX_CHARACTERS) in done.stderr
    assert [path.name for path in inside.folder.iterdir()] == ["long.txt"]


def test_voices_are_listed_by_name(inside: Inside) -> None:
    done = inside.run("say", "--voices", "--engine", "debug")
    assert (done.returncode, done.stdout.split()) == (0, ["high", "low"])
    told = json.loads(inside.run("say", "--voices", "--json").stdout)
    assert {"name": "f2", "languages": [], "gender": "female"} in told

"""A finished song, measured by others' means: Praat for pitch, pyloudnorm for loudness, mido for the notes."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import mido
import numpy as np
import numpy.typing as npt
import pyloudnorm
import pytest
import soundfile
from scipy.signal import butter, resample_poly, sosfilt

from pansori.domain.media import AudioFormat
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import MidiPitch, Seconds
from pansori.engines.base import Samples
from pansori.engines.compose.house_band.model import SungNote
from pansori.media import Tags, master_encode
from support import pitch, rendered
from support.rendered import DOCUMENTED, ENGLISH, INSTRUMENTAL, SHORT, Finished

STEMS = ("stem.vocal", "stem.drums", "stem.bass", "stem.rest")
EIGHT = {
    "신나는 케이팝": "kpop_dance",
    "ballad": "ballad",
    "록": "rock",
    "hip-hop": "hiphop",
    "재즈": "jazz",
    "trot": "trot",
    "포크": "folk",
    "lo-fi": "lofi",
}
ELSEWHERE = "from support.rendered import SHORT, finished; print(finished(SHORT).context.digest())"


@pytest.fixture(params=[DOCUMENTED, ENGLISH], ids=["korean", "english"])
def sung(request: pytest.FixtureRequest) -> Finished:
    return rendered.finished(request.param)


def vocal_notes(made: Finished) -> list[SungNote]:
    """What the MIDI file says is sung, in seconds."""
    file = mido.MidiFile(file=io.BytesIO(made.context.files["midi"].content))
    tempo = next(message.tempo for track in file.tracks for message in track if message.type == "set_tempo")
    vocal = next(track for track in file.tracks if track.name == "voice")
    notes, began, ticks = [], {}, 0
    for message in vocal:
        ticks += message.time
        now = mido.tick2second(ticks, file.ticks_per_beat, tempo)
        if message.type == "note_on" and message.velocity:
            began[message.note] = now
        elif message.type in ("note_on", "note_off") and message.note in began:
            start = began.pop(message.note)
            notes.append(SungNote(Seconds(start), Seconds(now - start), MidiPitch(message.note)))
    return notes


def mono(made: Finished, role: str) -> npt.NDArray[np.float32]:
    samples: npt.NDArray[np.float32] = made.context.sounds[role].samples[0]
    return samples


def decibels(samples: npt.NDArray[np.float32]) -> float:
    """RMS."""
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


def loudness(samples: Samples, rate: int) -> float:
    """Integrated, in LUFS, by an implementation that is not ours."""
    return float(pyloudnorm.Meter(rate).integrated_loudness(samples.T))


def test_every_note_is_sung_in_tune(sung: Finished) -> None:
    notes = vocal_notes(sung)
    judged = pitch.judge(mono(sung, "stem.vocal.dry"), 44_100, notes)
    assert judged.judged > 15
    assert judged.median <= 15.0
    assert judged.within(50.0) >= 0.95


def test_every_syllable_is_sung(sung: Finished) -> None:
    """In each syllable's time there is a voice, and Praat hears a pitch in it."""
    voice, heard = mono(sung, "stem.vocal.dry"), pitch.track(mono(sung, "stem.vocal.dry"), 44_100)
    spans = [(s.text, s.start, s.end) for line in sung.song.lines for s in line.syllables]
    levels = {
        (text, start): float(np.sqrt(np.mean(voice[round(start * 44_100) : round(end * 44_100)] ** 2)))
        for text, start, end in spans
    }
    usual = float(np.median(list(levels.values())))
    for text, start, end in spans:
        beside = 20 * np.log10(levels[text, start] / usual)
        assert -14.0 < beside < 12.0, f"{text} at {start:.2f} s is {beside:.1f} dB beside the usual syllable"
        assert len(heard.between(start, end)), f"{text} at {start:.2f} s has no voice in it"


def test_all_words_are_in_the_song(sung: Finished) -> None:
    wanted = [line for line in sung.task.lyrics.splitlines() if line and not line.startswith("[")]
    sung_lines = [line.text for line in sung.song.lines]
    assert [line for line in wanted if line not in sung_lines] == []


def test_loudness_and_peaks_of_the_finished_file(sung: Finished, tmp_path: Path) -> None:
    sound, path = sung.context.sounds["song"], tmp_path / "song.mp3"
    tags = Tags(title=sung.song.title, engine="house_band", seed=sung.song.seed, recipe="{}")
    master_encode(sound.samples, sound.sample_rate, AudioFormat.MP3, path, tags)
    decoded, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert loudness(decoded.T, rate) == pytest.approx(-14.0, abs=1.0)
    between_samples = resample_poly(decoded, 8, 1, axis=0)
    assert 20 * np.log10(np.max(np.abs(between_samples))) <= -1.0


def test_stems_sum_to_the_song(sung: Finished) -> None:
    sounds = sung.context.sounds
    together = sum(sounds[role].samples for role in STEMS)
    np.testing.assert_allclose(together, sounds["song"].samples, atol=1e-5)


def test_words_are_timed_where_vowels_are(sung: Finished) -> None:
    """The LRC's syllables begin where the voice begins to sound: Praat hears a pitch there and shortly after."""
    heard = pitch.track(mono(sung, "stem.vocal.dry"), 44_100)
    lrc = sung.context.files["lrc"].content.decode()
    times = [60 * int(m) + float(s) for m, s in re.findall(r"<(\d+):(\d+\.\d+)>\S", lrc)]
    syllables = [syllable.start for line in sung.song.lines for syllable in line.syllables]
    assert len(times) >= len(syllables)
    voiced = [len(heard.between(start + 0.03, start + 0.09)) > 3 for start in syllables]
    assert np.mean(voiced) > 0.9
    off = [min(abs(start - time) for time in times) for start in syllables]
    assert max(off) < 0.02


def test_the_voice_is_heard_over_the_band(sung: Finished) -> None:
    """Where words are understood, 1-4 kHz, the voice is not far below everything else while it sings."""
    sounds = sung.context.sounds
    band = butter(4, (1000, 4000), "bandpass", fs=44_100, output="sos")
    power = {role: sosfilt(band, sounds[role].samples.mean(axis=0)) ** 2 for role in STEMS}
    mask = np.zeros(len(power["stem.vocal"]), dtype=bool)
    for line in sung.song.lines:
        mask[round(line.start * 44_100) : round(line.end * 44_100)] = True
    others = sum(power[role][mask].mean() for role in STEMS[1:])
    assert 10 * np.log10(power["stem.vocal"][mask].mean() / others) > -4.0


def test_the_song_is_balanced_and_clean(sung: Finished) -> None:
    samples = sung.context.sounds["song"].samples
    left, right = (loudness(samples[side : side + 1], 44_100) for side in (0, 1))
    assert abs(left - right) < 1.5
    assert abs(float(samples.mean(dtype=np.float64))) < 1e-3
    assert np.max(np.abs(samples[:, [0, -1]])) < 1e-3
    assert np.max(np.abs(np.diff(samples[:, -4410:]))) < 0.05


def test_everything_that_belongs_to_a_song_is_there(sung: Finished) -> None:
    assert set(sung.context.sounds) == {"song", *STEMS, "stem.vocal.dry"}
    assert set(sung.context.files) == {"midi", "lrc", "recipe"}
    for role in STEMS:
        assert loudness(sung.context.sounds[role].samples, 44_100) > -30.0, role


def test_the_song_is_wide_and_its_lows_are_in_the_middle(sung: Finished) -> None:
    left, right = sung.context.sounds["song"].samples
    mid, side = left + right, left - right
    assert -16.0 < decibels(side) - decibels(mid) < -6.0
    low = butter(4, 120, fs=44_100, output="sos")
    assert decibels(sosfilt(low, side)) - decibels(sosfilt(low, mid)) < -15.0


def test_the_chorus_lifts(sung: Finished) -> None:
    song = sung.context.sounds["song"].samples
    heard: dict[str, list[float]] = {"verse": [], "chorus": []}
    for section in sung.song.sections:
        if section.label in heard:
            part = song[:, round(section.start * 44_100) : round(section.end * 44_100)]
            heard[section.label].append(loudness(part, 44_100))
    assert np.mean(heard["chorus"]) > np.mean(heard["verse"]) + 0.5


@pytest.mark.parametrize(("genre", "style"), EIGHT.items())
def test_every_style_plays_and_sings_both_languages_in_one_line(genre: str, style: str) -> None:
    task = ComposeTask(genre=genre, lyrics="[verse]\n사랑해 my baby 오늘", duration=Seconds(9.0), seed=1)
    made = rendered.finished(task)
    assert json.loads(made.context.files["recipe"].content)["style"]["name"] == style
    sounds = made.context.sounds
    assert sounds["song"].samples.shape == (2, 9 * 44_100)
    assert loudness(sounds["song"].samples, 44_100) == pytest.approx(-14.0, abs=1.0)
    for role in STEMS:
        assert loudness(sounds[role].samples, 44_100) > -35.0, role
    heard = pitch.track(mono(made, "stem.vocal.dry"), 44_100)
    syllables = [syllable for line in made.song.lines for syllable in line.syllables]
    assert "".join(syllable.text for syllable in syllables[:8]).strip() == "사랑해 my baby 오늘"
    for syllable in syllables:
        assert len(heard.between(syllable.start, syllable.end)), f"{syllable.text} has no voice in it"


def test_the_notes_are_a_midi_file_with_every_part(sung: Finished) -> None:
    file = mido.MidiFile(file=io.BytesIO(sung.context.files["midi"].content))
    assert file.length == pytest.approx(sung.song.duration, abs=4.0)
    names = {track.name.lower() for track in file.tracks}
    assert len(names) >= 5
    syllables = [message.text for track in file.tracks for message in track if message.type == "lyrics"]
    assert len(syllables) >= sum(len(line.syllables) for line in sung.song.lines)


def test_the_recipe_says_how_it_was_made(sung: Finished) -> None:
    recipe = json.loads(sung.context.files["recipe"].content)
    assert recipe["task"] == sung.task.model_dump(mode="json")
    assert recipe["style"]["words"]
    assert len(recipe["soundfont"]["sha256"]) == 64
    assert [chord["start"] for chord in recipe["chords"]] == sorted(chord["start"] for chord in recipe["chords"])


def test_without_words_it_is_an_instrumental_of_the_asked_length() -> None:
    made = rendered.finished(INSTRUMENTAL)
    assert made.song.lines == ()
    assert made.context.sounds["song"].samples.shape == (2, 20 * 44_100)
    assert set(made.context.sounds) == {"song", *STEMS} - {"stem.vocal"}
    assert set(made.context.files) == {"midi", "recipe"}
    assert loudness(made.context.sounds["song"].samples, 44_100) == pytest.approx(-14.0, abs=1.0)


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "1"}
    elsewhere = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    assert elsewhere.stdout.strip() == rendered.finished(SHORT).context.digest()

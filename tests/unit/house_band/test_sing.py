"""The singer sings every syllable, in tune, on the beat, and always the same; judged by Praat and by plain energy."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.errors import Cancelled, EngineFailed
from pansori.domain.units import MidiPitch, SampleRateHz, Seconds
from pansori.engines.compose.house_band.model import Phrase, Voice
from pansori.engines.compose.house_band.voice.sing import LONGEST_RUN, SungVocal, sing
from support.phrases import ENGLISH, FEMALE, KOREAN, MALE, SHORT, lower, notes_of, phrase
from support.pitch import judge, track

RATE = SampleRateHz(44_100)
SONGS = {
    "korean": (KOREAN, FEMALE),
    "english": (ENGLISH, FEMALE),
    "korean, male": (tuple(lower(one, 12) for one in KOREAN), MALE),
    "english, male": (tuple(lower(one, 12) for one in ENGLISH), MALE),
}


def sung(phrases: Sequence[Phrase], voice: Voice = FEMALE, *, duration: float = 12.0, seed: int = 1) -> SungVocal:
    return sing(phrases, voice, duration=Seconds(duration), sample_rate=RATE, seed=seed, progress=lambda _: None)


@pytest.fixture(scope="module", params=SONGS)
def song(request: pytest.FixtureRequest) -> tuple[tuple[Phrase, ...], SungVocal]:
    phrases, voice = SONGS[request.param]
    return phrases, sung(phrases, voice)


def level(samples: npt.NDArray[np.float32], start: float, end: float) -> float:
    """RMS in dB below full scale."""
    part = samples[max(0, round(start * RATE)) : round(end * RATE)].astype(np.float64)
    return float(10 * np.log10(np.mean(part**2) + 1e-12))


def vowel_onset(samples: npt.NDArray[np.float32], start: float, end: float) -> float | None:
    """When the energy below 4 kHz rises to within 6 dB of the vowel's own; seconds from `start`. None: it was never
    lower, as after some voiced consonants."""
    low, high, hop = max(0.0, start - 0.15), start + min(0.12, 0.6 * (end - start)), 0.0025
    part = samples[round(low * RATE) : round(end * RATE)].astype(np.float64)
    spectrum = np.fft.rfft(part)
    spectrum[np.fft.rfftfreq(len(part), 1 / RATE) > 4_000] = 0
    power = np.fft.irfft(spectrum, len(part)) ** 2
    smooth = np.convolve(power, np.ones(441) / 441, mode="same")[:: round(hop * RATE)]
    times = low + np.arange(len(smooth)) * hop
    vowel = np.median(smooth[(times >= start + 0.3 * (end - start)) & (times <= start + 0.6 * (end - start))])
    above = smooth > vowel / 4
    rises = np.flatnonzero(above[1:] & ~above[:-1]) + 1
    near = [float(times[index] - start) for index in rises if start - 0.1 <= times[index] <= high]
    return min(near, key=abs, default=None)


def test_sings_in_tune(song: tuple[tuple[Phrase, ...], SungVocal]) -> None:
    phrases, vocal = song
    heard = judge(vocal.lead, RATE, notes_of(phrases))
    assert heard.unvoiced == ()
    assert heard.median <= 15
    assert heard.within(50) >= 0.95


def test_sings_every_syllable(song: tuple[tuple[Phrase, ...], SungVocal]) -> None:
    phrases, vocal = song
    heard = track(vocal.lead, RATE)
    for one in phrases:
        levels = [level(vocal.lead, syllable.start, syllable.end) for syllable in one.syllables]
        assert min(levels) > np.median(levels) - 9, dict(zip(one.text, levels, strict=False))
        for syllable in one.syllables:
            frames = (syllable.end - syllable.start) / 0.005
            voiced = len(heard.between(syllable.start, syllable.end))
            assert voiced >= 0.4 * frames, syllable.syllable.text


def test_vowels_begin_on_the_beat(song: tuple[tuple[Phrase, ...], SungVocal]) -> None:
    phrases, vocal = song
    syllables = [syllable for one in phrases for syllable in one.syllables]
    found = [vowel_onset(vocal.lead, syllable.start, syllable.end) for syllable in syllables]
    late = [abs(onset) for onset in found if onset is not None]
    assert len(late) >= 0.6 * len(syllables)
    assert np.median(late) <= 0.03
    assert np.quantile(late, 0.9) <= 0.09


def test_silent_where_nothing_is_sung(song: tuple[tuple[Phrase, ...], SungVocal]) -> None:
    phrases, vocal = song
    between = (phrases[0].syllables[-1].end + 0.1, phrases[1].syllables[0].start - 0.2)
    assert level(vocal.lead, *between) < -36, "nothing louder than a breath"
    assert level(vocal.lead, phrases[-1].syllables[-1].end + 0.15, 12.0) < -90
    assert np.isfinite(vocal.lead).all()
    assert np.abs(vocal.lead).max() < 0.99


def test_lines_are_timed_as_they_are_sung(song: tuple[tuple[Phrase, ...], SungVocal]) -> None:
    phrases, vocal = song
    assert [line.text for line in vocal.lines] == [one.text for one in phrases]
    first = vocal.lines[0]
    assert "".join(syllable.text for syllable in first.syllables).strip() == first.text
    assert [syllable.start for syllable in first.syllables] == [syllable.start for syllable in phrases[0].syllables]


def test_doubles_are_apart_from_the_lead() -> None:
    vocal = sung(KOREAN)
    assert vocal.doubles is not None
    assert vocal.doubles.shape == (2, len(vocal.lead))
    plain, doubled = KOREAN
    assert level(vocal.doubles[0], 0.0, plain.syllables[-1].end) < -90
    assert level(vocal.doubles[0], doubled.syllables[0].start, doubled.syllables[-1].end) > -40
    left, right = vocal.doubles
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.8, "two singers, not one"
    alone = sung([plain])
    assert alone.doubles is None
    until = round(5.0 * RATE)
    assert np.array_equal(alone.lead[:until], vocal.lead[:until]), "a line does not depend on those after it"


def test_harmony_is_sung_where_there_is_one() -> None:
    base = phrase("라-라-라", [64, 65, 67], [0.6, 0.6, 1.2], doubled=True)
    unison = sung([base], duration=4.0).doubles
    third = with_harmony(base, 4)
    doubled = sung([third], duration=4.0).doubles
    assert unison is not None
    assert doubled is not None
    only = (doubled - unison).mean(axis=0)  # the unison doubles are the same in both
    heard = judge(only, RATE, notes_of([lower(base, -4)]))
    assert heard.median <= 20


def with_harmony(one: Phrase, above: int) -> Phrase:
    return replace(
        one,
        syllables=tuple(
            replace(each, notes=tuple(replace(note, harmony=MidiPitch(note.pitch + above)) for note in each.notes))
            for each in one.syllables
        ),
    )


def test_the_same_in_every_process() -> None:
    phrases = [SHORT]
    here = digest(sung(phrases, duration=3.0, seed=7))
    code = (
        "import hashlib, sys; sys.path.insert(0, sys.argv[1])\n"
        "from support.phrases import FEMALE, SHORT\n"
        "from pansori.engines.compose.house_band.voice.sing import sing\n"
        "vocal = sing([SHORT], FEMALE, duration=3.0, sample_rate=44100, seed=7, progress=lambda _: None)\n"
        "print(hashlib.sha256(vocal.lead.tobytes() + vocal.doubles.tobytes()).hexdigest())"
    )
    tests = str(Path(__file__).parents[2])
    there = subprocess.run([sys.executable, "-c", code, tests], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert there.strip() == here
    assert digest(sung(phrases, duration=3.0, seed=8)) != here


def digest(vocal: SungVocal) -> str:
    assert vocal.doubles is not None
    return hashlib.sha256(vocal.lead.tobytes() + vocal.doubles.tobytes()).hexdigest()


def test_a_melisma_reaches_all_its_notes() -> None:
    runs = [phrase("사-랑", [60, (64, 67, 65, 64, 62)], [0.5, 2.0]), phrase("오", [(72, 71, 69, 67)], [1.6], start=3.5)]
    heard = judge(sung(runs, duration=6.0).lead, RATE, notes_of(runs))
    assert heard.within(50) == 1.0


def test_very_short_and_very_long_notes() -> None:
    short = phrase("다-라-디-리-다-라-디-리-다-라", [64, 65] * 5, [0.1] * 10)
    long = phrase("love", [69], [10.0], start=2.5, language="en")
    vocal = sung([short, long], duration=13.0)
    levels = [level(vocal.lead, syllable.start, syllable.end) for syllable in short.syllables]
    assert min(levels) > max(levels) - 12
    heard = track(vocal.lead, RATE)
    assert len(heard.between(2.5, 12.5)) > 0.97 * 10.0 / 0.005
    assert judge(vocal.lead, RATE, notes_of([long])).median <= 15


def test_a_line_without_end_is_given_breaths() -> None:
    count = 2 * round(0.6 * LONGEST_RUN / 0.25)
    line = phrase("-".join("나" * count), [64, 67] * (count // 2), [0.25] * count, start=0.2)
    vocal = sung([line], duration=19.0)
    assert judge(vocal.lead, RATE, notes_of([line])).within(50) > 0.97


def test_many_short_lines() -> None:
    lines = [phrase("네", [60 + number % 12], [0.15], start=0.2 + 0.2 * number) for number in range(60)]
    vocal = sung(lines, duration=13.0)
    levels = [level(vocal.lead, one.syllables[0].start, one.syllables[0].end) for one in lines]
    assert min(levels) > np.median(levels) - 6


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("ㅋ-ㅋ-ㅋ ㅠ-ㅠ", "ko"),
        ("쀍-쑮 뷁", "ko"),
        ("의-의 예-쁜 뭐-야", "ko"),
        ("mmm hmm psst shh", "en"),
        ("rhy-thm strengths a ev-e-ry choc-o-late hour", "en"),
        ("don't rock'n'-roll 'cause café naïve", "en"),
        ("[[x]] <voice> 😀 \x010H", "en"),
        ("b c d", "en"),
    ],
)
def test_odd_words_are_sung_too(words: str, language: str) -> None:
    count = len(words.replace(" ", "-").split("-"))
    assert language in ("ko", "en")
    one = phrase(words, [64, 62] * count, [0.4] * count, language="ko" if language == "ko" else "en")
    vocal = sung([one], duration=0.8 + 0.4 * count)
    heard = judge(vocal.lead, RATE, notes_of([one]))
    assert heard.unvoiced == ()
    assert heard.within(50) >= 0.9


@settings(max_examples=8, deadline=None)
@given(
    syllables=st.lists(st.text(max_size=4), min_size=1, max_size=6),
    language=st.sampled_from(["ko", "en"]),
    length=st.floats(0.05, 0.8),
    pitch=st.integers(36, 84),
)
def test_whatever_is_written_is_sung(syllables: list[str], language: str, length: float, pitch: int) -> None:
    written = " ".join(text.replace(" ", "").replace("-", "") for text in syllables)
    count = len(written.split(" "))
    one = phrase(written, [pitch] * count, [length] * count, language="ko" if language == "ko" else "en")
    vocal = sung([one], duration=1.0 + count * length)
    assert np.isfinite(vocal.lead).all()
    for syllable in one.syllables:
        assert level(vocal.lead, syllable.start, syllable.end) > -50


def test_what_lies_outside_the_song_is_cut_off() -> None:
    early, late = phrase("아", [60], [0.5], start=-0.2), phrase("아", [60], [2.0], start=1.5)
    assert len(sung([early, late], duration=2.0).lead) == 2 * RATE


def test_nothing_to_sing() -> None:
    vocal = sung([], duration=1.0)
    assert not vocal.lead.any()
    assert vocal.doubles is None
    assert vocal.lines == ()


def test_progress_rises_to_one() -> None:
    seen: list[float] = []
    sing(ENGLISH, FEMALE, duration=Seconds(12), sample_rate=RATE, seed=1, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.parametrize("at", [0.0, 0.1, 0.25, 0.5], ids=["speaking", "analysing", "singing", "in the middle"])
def test_cancelling_ends_it_and_its_threads(at: float) -> None:
    def cancel(fraction: float) -> None:
        if fraction >= at:
            raise Cancelled("enough")

    before = set(threading.enumerate())
    with pytest.raises(Cancelled):
        sing(KOREAN, FEMALE, duration=Seconds(12), sample_rate=RATE, seed=1, progress=cancel)
    assert not set(threading.enumerate()) - before


@pytest.mark.parametrize("variant", ["nobody", "../f2", ""])
def test_an_unknown_voice_is_named(variant: str) -> None:
    voice = Voice("female", variant, FEMALE.low, FEMALE.high)
    with pytest.raises(EngineFailed) as failure:
        sung(KOREAN, voice)
    assert "voice" in failure.value.message.en

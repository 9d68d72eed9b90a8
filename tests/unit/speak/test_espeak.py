"""espeak-ng as it is wrapped: what it can speak, how the pitch is set, and that a text is no command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from pansori.domain.errors import Cancelled, EngineFailed
from pansori.domain.units import Hertz
from pansori.engines.analyze.pansori.voice.praat import pitch_of, sound
from pansori.engines.analyze.pansori.voice.settings import VoiceSettings
from pansori.espeak import (
    HIGHEST,
    LOWEST,
    SOURCE_RATE,
    Line,
    Resident,
    Spoken,
    Text,
    Turn,
    UnknownPhoneme,
    find_installed,
    guess_language,
    mnemonics_of,
    phonemes_of,
    say,
    speak,
    speak_all,
)

TEXT = "Please call me tomorrow before you leave the house."


@pytest.fixture(scope="module")
def resident() -> Iterator[Resident]:
    resident = Resident()
    yield resident
    resident.close()


def spoken_by(resident: Resident, text: str, language: str = "en-us", **how: Any) -> Spoken:
    [spoken] = speak_all([Text(text, language, **how)], by=resident)
    return spoken


def median_pitch(spoken: Spoken) -> float:
    chosen = VoiceSettings(pitch_floor=Hertz(40.0), pitch_ceiling=Hertz(700.0))
    found = pitch_of(sound(spoken.samples, SOURCE_RATE), chosen).selected_array["frequency"]
    return float(np.median(found[found > 0]))


def test_what_is_installed_is_known_without_loading_it() -> None:
    seen = "import sys; from pansori.espeak import find_installed as f; f(); print('espeakng_loader' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", seen], check=True, stdout=subprocess.PIPE, text=True).stdout
    assert told.strip() == "False"
    found = find_installed()
    assert found is not None
    assert {"ko": "Korean", "en-us": "English (America)", "fr": "French (France)"}.items() <= found.languages.items()
    genders = {one.name: one.gender for one in found.variants}
    assert (genders["f2"], genders["m3"]) == ("female", "male")


def test_whatever_is_listed_speaks() -> None:
    found = find_installed()
    assert found is not None
    languages = [Line(voice, "Ah 1.", 300) for voice in found.voices.values()]
    variants = [Line(f"en-us+{one.name}", "Ah.", 300) for one in found.variants]
    lines = [*languages, *variants]
    silent = [line.voice for line, said in zip(lines, say(lines), strict=True) if np.abs(said.samples).max() < 0.01]
    assert not silent
    assert set(found.voices) == set(found.languages)


@pytest.mark.parametrize("semitones", [-6.0, -3.0, 3.0, 6.0])
def test_pitch_is_in_semitones(semitones: float, resident: Resident) -> None:
    low, high = (median_pitch(spoken_by(resident, TEXT, pitch=pitch)) for pitch in (0.0, semitones))
    assert 12 * np.log2(high / low) == pytest.approx(semitones, abs=0.4)
    assert LOWEST < semitones < HIGHEST


def test_without_intonation_the_pitch_stays(resident: Resident) -> None:
    spreads = []
    for intonation in (0.0, 1.0):
        chosen = VoiceSettings(pitch_floor=Hertz(50.0))
        spoken = spoken_by(resident, TEXT, intonation=intonation)
        found = pitch_of(sound(spoken.samples, SOURCE_RATE), chosen).selected_array["frequency"]
        spreads.append(float(np.subtract(*np.percentile(found[found > 0], (90, 10)))))
    assert spreads[0] < 0.25 * spreads[1]


def test_korean_is_spoken_as_it_is_pronounced() -> None:
    [said] = say([Line("ko", "동닙", 175)])
    spoken = speak("독립", language="ko")
    assert spoken.samples.tolist() == said.samples.tolist()
    assert [word.text for word in spoken.words] == ["독립"]


def test_words_that_are_reported_as_one_are_told_apart(resident: Resident) -> None:
    """espeak joins short words and takes a number apart; a word is what is written."""
    spoken = spoken_by(resident, "오늘은 날씨가 123 정말 좋아요.", "ko")
    assert [word.text for word in spoken.words] == ["오늘은", "날씨가", "123", "정말", "좋아요."]
    heard = {word.text: "".join(one.ipa for one in word.phonemes) for word in spoken.words}
    assert "n" in heard["오늘은"]
    assert heard["날씨가"].startswith("n")
    assert heard["123"].count("p") == 2  # 백, 십


def test_decomposed_hangul_is_korean(resident: Resident) -> None:
    assert guess_language("안녕") == "ko"
    assert guess_language("annyeong") == "en"
    assert spoken_by(resident, "안녕", "ko").text == "안녕"


def test_a_failing_library_is_an_error_with_its_reason() -> None:
    with pytest.raises(EngineFailed, match="no voice variant"):
        say([Line("ko+nobody", "안녕", 175)])


def test_what_the_heartbeat_raises_ends_the_speaking() -> None:
    def stop() -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        speak(TEXT, language="en-us", heartbeat=stop)


def test_who_stays_speaks_as_who_comes_for_it_alone(resident: Resident) -> None:
    """Whatever it has spoken before: every text is spoken by the library as it was when it had just been loaded."""
    lines = [Line("en-us", TEXT, 175), Line("ko+f5", "안녕하세요, 반가워요.", 300, 80, 90)]
    for _ in range(2):
        for line, alone in zip(lines, [say([one]) for one in lines], strict=True):
            [said] = say([line], by=resident)
            assert said.samples.tolist() == alone[0].samples.tolist()
            assert (said.phonemes, said.words) == (alone[0].phonemes, alone[0].words)
    together = say(lines * 40, by=resident)  # more than a pipe has room for
    assert [one.words for one in together[-2:]] == [one[0].words for one in (say([line]) for line in lines)]
    assert together[0].samples.tolist() == together[-2].samples.tolist()


def test_one_that_is_gone_is_followed_by_another(resident: Resident) -> None:
    [before] = say([Line("en-us", "Hello", 175)], by=resident)
    assert resident.pid is not None
    os.kill(resident.pid, signal.SIGKILL)
    [after] = say([Line("en-us", "Hello", 175)], by=resident)
    assert after.samples.tolist() == before.samples.tolist()


def test_told_to_end_with_all_others_it_stays_for_whom_it_works_for(resident: Resident) -> None:
    assert say([Line("en-us", "Hello", 175)], by=resident)
    before = resident.pid
    assert before is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(before, number)
    assert say([Line("en-us", "Hello", 175)], by=resident)
    assert resident.pid == before


def test_called_off_it_answers_the_next_text_all_the_same(resident: Resident) -> None:
    calls = 0

    def stop() -> None:
        nonlocal calls
        calls += 1
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        speak_all([Text(TEXT * 20, "en-us")], stop, by=resident)
    assert calls == 1
    assert [word.text for word in spoken_by(resident, "Good morning.").words] == ["Good", "morning."]


def test_a_failing_library_does_not_end_who_stays(resident: Resident) -> None:
    with pytest.raises(EngineFailed, match="no voice variant"):
        say([Line("ko+nobody", "안녕", 175)], by=resident)
    assert say([Line("ko", "안녕", 175)], by=resident)


def test_the_manner_turns_on_the_way(resident: Resident) -> None:
    text = "Please call me tomorrow. Please call me tomorrow."
    half = len(text) // 2 + 1
    plain = spoken_by(resident, text)
    turned = spoken_by(resident, text, turns=(Turn(half, rate=2.0, pitch=6.0, volume=-12.0),))
    assert [(word.text, word.first) for word in turned.words] == [(word.text, word.first) for word in plain.words]

    def of(spoken: Spoken, first: int, last: int) -> tuple[float, float]:
        """How long some words last, and how loud they are."""
        low, high = (round(time * SOURCE_RATE) for time in (spoken.words[first].start, spoken.words[last].end))
        part = spoken.samples[low:high]
        return len(part), float(np.sqrt(np.mean(part**2)))

    assert of(turned, 0, 3)[0] == pytest.approx(of(plain, 0, 3)[0], rel=0.02)
    assert of(turned, 4, 7)[0] == pytest.approx(of(plain, 4, 7)[0] / 2, rel=0.2)
    assert of(turned, 4, 7)[1] == pytest.approx(of(plain, 4, 7)[1] / 4, rel=0.5)


def test_phonemes_are_told_clause_by_clause_and_may_be_spoken(resident: Resident) -> None:
    assert phonemes_of("Hello there, you. How are you?", language="en-us", by=resident) == [
        ("həlˈoʊ ðˈɛɹ", ","), ("juː", "."), ("hˈaʊ ɑːɹ juː", "?"),
    ]  # fmt: skip
    assert phonemes_of("Hello 안녕 there", language="en-us", by=resident) == [("həlˈoʊ ˈɐnnjʌŋ ðˈɛɹ", "")]
    spoken = spoken_by(resident, f"[[{mnemonics_of('təˈmeɪtoʊ')}]] now", mnemonics=True)
    assert "".join(one.ipa for one in spoken.words[0].phonemes).replace("ˈ", "") == "təmeɪɾoʊ"
    assert [word.text for word in spoken.words][1:] == ["now"]
    with pytest.raises(UnknownPhoneme, match="☺"):
        mnemonics_of("a☺")


FORKING = """
import os, sys
from pansori.espeak import Line, Resident, say
resident = Resident()
[before] = say([Line("en-us", "Hello", 175)], by=resident)
first = resident.pid
child = os.fork()
if child == 0:
    sys.exit(0)  # with all that is done at the end of a process
os.waitpid(child, 0)
[after] = say([Line("en-us", "Hello", 175)], by=resident)
print(resident.pid == first, len(after.samples) == len(before.samples))
"""


def test_a_fork_of_its_owner_leaves_it_alone_when_it_ends() -> None:
    done = subprocess.run([sys.executable, "-c", FORKING], check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.split() == ["True", "True"]

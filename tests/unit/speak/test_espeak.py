"""espeak-ng as it is wrapped: what it can speak, how the pitch is set, and that a text is no command."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from pansori.domain.errors import Cancelled, EngineFailed
from pansori.domain.units import Hertz
from pansori.engines.analyze.pansori.voice.praat import pitch_of, sound
from pansori.engines.analyze.pansori.voice.settings import VoiceSettings
from pansori.espeak import HIGHEST, LOWEST, SOURCE_RATE, Line, Spoken, find_installed, guess_language, say, speak

TEXT = "Please call me tomorrow before you leave the house."


def median_pitch(spoken: Spoken) -> float:
    chosen = VoiceSettings(pitch_floor=Hertz(40.0), pitch_ceiling=Hertz(700.0))
    found = pitch_of(sound(spoken.samples, SOURCE_RATE), chosen).selected_array["frequency"]
    return float(np.median(found[found > 0]))


def test_what_is_installed_is_known_without_loading_it() -> None:
    seen = "import sys; from pansori.espeak import find_installed as f; f(); print('espeakng_loader' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", seen], check=True, capture_output=True, text=True).stdout
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
def test_pitch_is_in_semitones(semitones: float) -> None:
    low, high = (median_pitch(speak(TEXT, language="en-us", pitch=pitch)) for pitch in (0.0, semitones))
    assert 12 * np.log2(high / low) == pytest.approx(semitones, abs=0.4)
    assert LOWEST < semitones < HIGHEST


def test_without_intonation_the_pitch_stays() -> None:
    spreads = []
    for intonation in (0.0, 1.0):
        chosen = VoiceSettings(pitch_floor=Hertz(50.0))
        spoken = speak(TEXT, language="en-us", intonation=intonation)
        found = pitch_of(sound(spoken.samples, SOURCE_RATE), chosen).selected_array["frequency"]
        spreads.append(float(np.subtract(*np.percentile(found[found > 0], (90, 10)))))
    assert spreads[0] < 0.25 * spreads[1]


def test_korean_is_spoken_as_it_is_pronounced() -> None:
    [said] = say([Line("ko", "동닙", 175)])
    spoken = speak("독립", language="ko")
    assert spoken.samples.tolist() == said.samples.tolist()
    assert [word.text for word in spoken.words] == ["독립"]


def test_words_that_are_reported_as_one_are_told_apart() -> None:
    """espeak joins short words and takes a number apart; a word is what is written."""
    spoken = speak("오늘은 날씨가 123 정말 좋아요.", language="ko")
    assert [word.text for word in spoken.words] == ["오늘은", "날씨가", "123", "정말", "좋아요."]
    heard = {word.text: "".join(one.ipa for one in word.phonemes) for word in spoken.words}
    assert "n" in heard["오늘은"]
    assert heard["날씨가"].startswith("n")
    assert heard["123"].count("p") == 2  # 백, 십


def test_decomposed_hangul_is_korean() -> None:
    assert guess_language("안녕") == "ko"
    assert guess_language("annyeong") == "en"
    assert speak("안녕", language="ko").text == "안녕"


def test_a_failing_library_is_an_error_with_its_reason() -> None:
    with pytest.raises(EngineFailed, match="no voice variant"):
        say([Line("ko+nobody", "안녕", 175)])


def test_what_the_heartbeat_raises_ends_the_speaking() -> None:
    def stop() -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        speak(TEXT, language="en-us", heartbeat=stop)

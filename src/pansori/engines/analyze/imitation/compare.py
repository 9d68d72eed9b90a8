"""Two clips compared, part by part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from pansori.domain.units import Hertz, Seconds
from pansori.engines.analyze.imitation import marks
from pansori.engines.analyze.imitation.contours import (
    Pair,
    levels,
    mean_level,
    median_pitch,
    pitch_track,
    semitones,
)
from pansori.engines.analyze.imitation.likeness import Likeness, compare_sounds
from pansori.engines.analyze.imitation.marks import compare_courses, refused
from pansori.engines.analyze.imitation.model import (
    Clip,
    Contours,
    Imitation,
    PitchMark,
    WordMark,
)
from pansori.engines.analyze.imitation.path import Values
from pansori.engines.analyze.imitation.refusals import SILENT, TOO_LONG, TOO_SHORT, UNVOICED, refuse, versions
from pansori.engines.analyze.imitation.sound import HIGHEST, RATE, Heard, hear, listen
from pansori.engines.analyze.imitation.words import Placed, place_words
from pansori.engines.analyze.measure import Curve, Refusal, Span
from pansori.engines.base import Recording
from pansori.espeak import guess_language

LONGEST: Final = Seconds(120.0)
SHORTEST: Final = Seconds(0.2)  #: of speech
FRAMES: Final = 3000  #: of speech at most: the memory grows with their square
LEAST_BAND: Final = 1000.0  # Hz: where a file has less, the bands above are empty
HOP: Final = RATE // 100


def compare(
    reference: Recording,
    attempt: Recording,
    *,
    text: str = "",
    language: str = "",
    check_cancelled: Callable[[], None] = lambda: None,
) -> Imitation:
    """How near `attempt` comes to `reference`. `text`: what the reference says, which gives every word its marks;
    `language`: its BCP 47 tag, guessed where it is empty. `check_cancelled` is called between the parts; what it
    raises ends the comparison. Raises `EngineFailed` where espeak fails.

    Clips of more than `LONGEST` are refused, as are silent and very short ones.
    """
    language = language or (guess_language(text) if text.strip() else "")
    why = _too_long(reference, attempt)
    if why is None:
        check_cancelled()
        return _Comparison(reference, attempt, text.strip(), language, check_cancelled).imitation()
    clips = (_clip(one, None, None) for one in (reference, attempt))
    return refuse(why, text.strip(), language, *clips)


class _Comparison:
    def __init__(
        self, reference: Recording, attempt: Recording, text: str, language: str, check_cancelled: Callable[[], None]
    ) -> None:
        self._files = reference, attempt
        self._text, self._language = text, language
        self._check_cancelled = check_cancelled
        self._reference, self._attempt = _listen(reference, attempt)
        self._highest = Hertz(max(min(HIGHEST, 0.45 * reference.rate, 0.45 * attempt.rate), LEAST_BAND))

    def imitation(self) -> Imitation:
        why = self._silent()
        if why is not None:
            heard = (self._reference, self._attempt)
            clips = (_clip(file, one, None) for file, one in zip(self._files, heard, strict=True))
            return refuse(why, self._text, self._language, *clips)
        sounds = compare_sounds(self._reference, self._attempt, self._highest)
        self._check_cancelled()
        parts = self._parts(sounds)
        self._check_cancelled()
        return self._told(parts)

    def _silent(self) -> Refusal | None:
        for role, heard in (("reference", self._reference), ("attempt", self._attempt)):
            if heard.first is None:
                return SILENT[role]
            if len(heard.speech) * heard.step < SHORTEST:
                return TOO_SHORT[role]
        return None

    def _parts(self, sounds: Likeness) -> _Parts:
        columns = sounds.path.columns_of(len(self._reference.speech))
        own, other = pitch_track(self._reference), pitch_track(self._attempt)
        return _Parts(
            sounds=sounds,
            columns=columns,
            timing=marks.read_timing(columns, self._reference.step),
            pitches=(median_pitch(own), median_pitch(other)),
            pitch=semitones(own, other, columns),
            intensity=levels(self._reference, self._attempt, columns),
        )

    def _told(self, parts: _Parts) -> Imitation:
        words = marks.words_mark(parts.sounds.moments, parts.sounds.distance)
        timing = marks.timing_mark(parts.timing)
        pitch = _pitch_mark(parts)
        level = mean_level(self._attempt) - mean_level(self._reference)
        intensity = marks.intensity_mark(compare_courses(parts.intensity), level)
        clips = [
            _clip(file, heard, median)
            for file, heard, median in zip(self._files, (self._reference, self._attempt), parts.pitches, strict=True)
        ]
        return Imitation(
            versions=versions(),
            settings={**marks.SETTINGS, "stretch": parts.sounds.stretch, "step_seconds": self._reference.step},
            text=self._text,
            language=self._language,
            reference=clips[0],
            attempt=clips[1],
            overall=marks.overall_mark(words, {"pitch": pitch, "timing": timing, "intensity": intensity}),
            words=words,
            timing=timing,
            pitch=pitch,
            intensity=intensity,
            each_word=self._each_word(parts),
            contours=self._contours(parts),
        )

    def _each_word(self, parts: _Parts) -> tuple[WordMark, ...]:
        if not self._text:
            return ()
        placed = place_words(self._text, self._language, self._reference, self._highest, self._check_cancelled)
        return tuple(self._word(word, parts) for word in placed)

    def _word(self, word: Placed, parts: _Parts) -> WordMark:
        here = slice(word.first, word.last + 1)
        distance = parts.sounds.distances[here].mean(keepdims=True)
        off = float(np.sqrt(np.mean(parts.timing.off[here] ** 2)))
        stretch = (parts.columns[word.last] - parts.columns[word.first] + 1) / (word.last - word.first + 1)
        octaves = float(np.log2(max(stretch, 1e-2) * parts.timing.rate))
        return WordMark(
            text=word.text,
            reference=_span(self._reference, word.first, word.last),
            attempt=_span(self._attempt, parts.columns[word.first], parts.columns[word.last]),
            words=marks.shown(marks.words_score(distance)),
            timing=marks.shown(marks.bell(off, marks.OFF_SCALE) * marks.bell(octaves, 2 * marks.RATE_SCALE) / 100),
            pitch=_pitch_here(parts, here),
            intensity=marks.shown(_course_here(parts.intensity, here)),
        )

    def _contours(self, parts: _Parts) -> Contours:
        start, step = _time(self._reference, 0), self._reference.step
        assert self._attempt.first is not None, "it has speech"

        def curve(values: Values) -> Curve:
            return Curve.of(values, start=start, step=step)

        nothing = np.full(len(parts.columns), np.nan)
        pitch = parts.pitch or Pair(nothing, nothing)
        alike = 1 - np.minimum(parts.sounds.distances, 1.0)
        return Contours(
            attempt_time=curve((parts.columns + self._attempt.first) * step),
            reference_pitch=curve(pitch.reference),
            attempt_pitch=curve(pitch.attempt),
            reference_intensity=curve(parts.intensity.reference),
            attempt_intensity=curve(parts.intensity.attempt),
            likeness=curve(alike),
        )


@dataclass(frozen=True)
class _Parts:
    """Everything on the frames of the reference's speech."""

    sounds: Likeness
    columns: Values  #: of the attempt
    timing: marks.Timing
    pitches: tuple[Hertz | None, Hertz | None]
    pitch: Pair | None
    intensity: Pair


def _pitch_mark(parts: _Parts) -> PitchMark:
    own, other = parts.pitches
    if parts.pitch is None or own is None or other is None:
        return cast(PitchMark, refused(PitchMark, UNVOICED))
    return marks.pitch_mark(compare_courses(parts.pitch, odd=marks.ODD), float(12 * np.log2(other / own)))


def _pitch_here(parts: _Parts, here: slice) -> float | None:
    """Of a word: against how far the whole reference moves."""
    if parts.pitch is None or not parts.pitch.both[here].any():
        return None
    apart = np.abs(parts.pitch.reference[here] - parts.pitch.attempt[here])
    whole = compare_courses(parts.pitch, odd=marks.ODD)
    return marks.shown(marks.bell(float(np.nanmedian(apart)) / max(whole.own, marks.LEAST_MOVEMENT), marks.PITCH_SCALE))


def _course_here(pair: Pair, here: slice) -> float:
    apart = float(np.sqrt(np.mean((pair.reference[here] - pair.attempt[here]) ** 2)))
    own = max(float(np.std(pair.reference)), marks.LEAST_COURSE)
    return marks.bell(apart / own, marks.INTENSITY_SCALE)


def _listen(reference: Recording, attempt: Recording) -> tuple[Heard, Heard]:
    """In steps of 10 ms, or wider ones where there is much speech."""
    first, second = listen(reference, HOP), listen(attempt, HOP)
    longest = max((len(one.speech) for one in (first, second) if one.first is not None), default=0)
    wider = -(-longest // FRAMES)
    if wider > 1:
        first, second = (hear(one.samples, HOP * wider) for one in (first, second))
    return first, second


def _too_long(reference: Recording, attempt: Recording) -> Refusal | None:
    if reference.duration > LONGEST:
        return TOO_LONG["reference"]
    return TOO_LONG["attempt"] if attempt.duration > LONGEST else None


def _time(heard: Heard, frame: float) -> Seconds:
    """Of a frame of the speech, in the whole clip."""
    assert heard.first is not None, "it has speech"
    return Seconds(round((heard.first + float(frame)) * heard.step, 4))


def _span(heard: Heard, first: float, last: float) -> Span:
    return Span(start=_time(heard, first), end=_time(heard, last + 1))


def _clip(recording: Recording, heard: Heard | None, pitch: Hertz | None) -> Clip:
    spoken = heard is not None and heard.first is not None
    return Clip(
        duration=Seconds(round(recording.duration, 4)),
        sha256=recording.sha256,
        speech=_span(cast(Heard, heard), 0, len(cast(Heard, heard).speech) - 1) if spoken else None,
        pitch=None if pitch is None else Hertz(round(pitch, 2)),
    )

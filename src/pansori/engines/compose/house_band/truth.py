"""The exact score of a song as data, in seconds: what is true of the sound, for those who measure analysers with it.

Beats, downbeats, chords and sections lie on the band's grid; notes are where its players really play them. Chords are
written in Harte's syntax (C. Harte et al., "Symbolic representation of musical chords", ISMIR 2005).
"""

from __future__ import annotations

import math
import statistics
from itertools import pairwise

from pansori.domain.jobs import JsonDict
from pansori.engines.compose.house_band.clock import Clock, clock_of, tempi
from pansori.engines.compose.house_band.model import Chord, Performance, Phrase, Score
from pansori.engines.compose.house_band.planning import key_name
from pansori.lexicon.music import NOTE_NAMES

FORMAT = 1
HARTE = {"m7b5": "hdim7", "6": "maj6"}  #: the names of qualities that are another's there
DEGREES = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")
COUNTED = 1e-6  #: beats by which rounding may miss the end


def truth(score: Score, performance: Performance) -> JsonDict:
    """Everything that was meant to be heard. Times in seconds, pitches as MIDI numbers, tempo in beats a minute, which
    are dotted quarters in 6/8. `tempo_curve`: [from when, which tempo]."""
    style = score.style
    clock = clock_of(score)
    end = float(performance.duration)
    places = [float(style.pulse) * count for count in range(math.ceil((score.length - COUNTED) / style.pulse))]
    beats = [float(clock.at(beat)) for beat in places if clock.at(beat) < end]
    return {
        "format": FORMAT,
        "duration": end,
        "style": style.name,
        "tempo": _usual_tempo(beats) if style.flow != "steady" else float(style.felt_tempo),
        "tempo_curve": [[float(clock.at(beat)), tempo / style.pulse] for beat, tempo in tempi(score)],
        "flow": style.flow,
        "swing": style.swing,
        "metre": "6/8" if style.compound else f"{style.beats_per_bar}/4",
        "beats_per_bar": style.felt_beats,
        "key": key_name(style.key),
        "beats": beats,
        "downbeats": beats[:: style.felt_beats],
        "chords": [
            [float(clock.at(chord.start)), min(float(clock.at(chord.start + chord.length)), end), chord_name(chord)]
            for chord in score.chords
            if clock.at(chord.start) < end
        ],
        "sections": _sections(score, clock, end),
        "notes": {
            name: [[float(note.start), float(note.duration), note.pitch, note.velocity] for note in notes]
            for name, notes in performance.parts.items()
        },
        "melody": [
            [float(note.start), float(note.duration), note.pitch]
            for phrase in performance.phrases
            for syllable in phrase.syllables
            for note in syllable.notes
        ],
        "words": [word for phrase in performance.phrases for word in _words(phrase)],
    }


def _usual_tempo(beats: list[float]) -> float:
    """Of a tempo that moves: the median, by beats."""
    return 60.0 / statistics.median([after - before for before, after in pairwise(beats)] or [1.0])


def chord_name(chord: Chord) -> str:
    """Such as `C:maj`, `A:min7` or `G:maj/3`."""
    name = f"{NOTE_NAMES[chord.root]}:{HARTE.get(chord.quality, chord.quality)}"
    if chord.bass is None or chord.bass == chord.root:
        return name
    return f"{name}/{DEGREES[(chord.bass - chord.root) % 12]}"


def _sections(score: Score, clock: Clock, end: float) -> list[list[object]]:
    starts = [float(clock.at(section.start)) for section in score.sections]
    spans = pairwise([*starts, end])
    return [
        [start, min(stop, end), section.label]
        for section, (start, stop) in zip(score.sections, spans, strict=True)
        if start < end
    ]


def _words(phrase: Phrase) -> list[list[object]]:
    """[start, end, word] of every word that is sung."""
    words: dict[int, list[object]] = {}
    for sung in phrase.syllables:
        word = words.setdefault(sung.syllable.word, [float(sung.start), float(sung.end), ""])
        word[1] = float(sung.end)
        word[2] = f"{word[2]}{sung.syllable.text}"
    return list(words.values())

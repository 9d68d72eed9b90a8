"""The exact score of a song as data, in seconds: what is true of the sound, for those who measure analysers with it.

Beats, downbeats, chords and sections lie on the band's grid; notes are where its players really play them. Chords are
written in Harte's syntax (C. Harte et al., "Symbolic representation of musical chords", ISMIR 2005).
"""

from __future__ import annotations

import math
from itertools import pairwise

from pansori.domain.jobs import JsonDict
from pansori.engines.compose.house_band.model import Chord, Performance, Phrase, Score
from pansori.engines.compose.house_band.planning import key_name
from pansori.engines.compose.house_band.sound.perform import Clock
from pansori.lexicon.music import NOTE_NAMES

FORMAT = 1
HARTE = {"m7b5": "hdim7", "6": "maj6"}  #: the names of qualities that are another's there
DEGREES = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")
COUNTED = 1e-6  #: beats by which rounding may miss the end


def truth(score: Score, performance: Performance) -> JsonDict:
    """Everything that was meant to be heard. Times in seconds, pitches as MIDI numbers, tempo in beats a minute."""
    style = score.style
    clock = Clock(60.0 / style.tempo, style.swing)
    end = float(performance.duration)
    beats = [float(clock.at(beat)) for beat in range(math.ceil(score.length - COUNTED)) if clock.at(beat) < end]
    return {
        "format": FORMAT,
        "duration": end,
        "style": style.name,
        "tempo": float(style.tempo),
        "tempo_curve": [[0.0, float(style.tempo)]],
        "swing": style.swing,
        "beats_per_bar": style.beats_per_bar,
        "key": key_name(style.key),
        "beats": beats,
        "downbeats": beats[:: style.beats_per_bar],
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

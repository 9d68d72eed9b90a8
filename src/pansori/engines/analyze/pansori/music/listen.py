"""All music measures of one sound, each made of those before it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pansori.engines.analyze.pansori.music import grid, onsets, reasons
from pansori.engines.analyze.pansori.music.chords import chords, places
from pansori.engines.analyze.pansori.music.key import Pitches, key, pitched, pitches
from pansori.engines.analyze.pansori.music.melody import melody
from pansori.engines.analyze.pansori.music.model import Key, Metre, Music, Refused, Samples, TimedChord
from pansori.engines.analyze.pansori.music.rhythm import Rhythm, rhythm
from pansori.engines.analyze.pansori.music.spectrum import SILENCE, Frames, frames_of
from pansori.engines.analyze.pansori.music.structure import sections
from pansori.engines.analyze.pansori.music.texture import danceability, texture

READ, EXPLAINED, COUNTED = 0.5, 0.7, 0.85  #: fractions of the work at which its stages end
SHORTEST = 0.5  #: seconds about which anything can be said


Watch = Callable[[float], None]  #: told the fraction that is done; what it raises ends the work


def listen(samples: Samples, watch: Watch = lambda _: None) -> Music:
    """Measure mono `samples` [n] at `RATE`, finite, full scale 1.0. They are read in blocks, so they may be a view into
    a file."""
    frames = frames_of(samples, lambda done: watch(READ * done))
    if frames.seconds < SHORTEST:
        return _nothing(reasons.TOO_SHORT)
    if frames.rms < SILENCE:
        return _nothing(reasons.SILENT)
    heard = pitches(frames.pitch)
    watch(EXPLAINED)
    told = rhythm(_for_grid(frames, heard))
    watch(COUNTED)
    named, harmony = _tonal(frames, heard, told)
    steady = isinstance(told, Rhythm)
    envelope = onsets.strength(frames)
    times = onsets.pick(envelope) if onsets.any_stand_out(frames) else np.zeros(0)
    return Music(
        tempo=told.tempo if isinstance(told, Rhythm) else told,
        beats=told.beats if isinstance(told, Rhythm) else told,
        metre=told.metre if isinstance(told, Rhythm) else told,
        key=named,
        chords=harmony,
        sections=sections(
            frames.seconds,
            told.metre.downbeats if isinstance(told, Rhythm) and isinstance(told.metre, Metre) else np.zeros(0),
            frames.timbre,
            frames.flux,
            heard.treble + 0.5 * heard.bass,
        )
        if steady or not isinstance(harmony, Refused)
        else reasons.NO_PULSE,
        onsets=times if len(times) else reasons.NO_ONSETS,
        melody=melody(heard, frames.pitch),
        texture=texture(frames),
        danceability=danceability(told),
    )


def _for_grid(frames: Frames, heard: Pitches) -> grid.Heard:
    return grid.Heard(onsets.strength(frames), onsets.bands(frames), heard.treble, heard.bass, pitched(heard.notes))


def _tonal(
    frames: Frames, heard: Pitches, told: Rhythm | Refused
) -> tuple[Key | Refused, tuple[TimedChord, ...] | Refused]:
    """Key and chords: chords heard plainly name the key, and the key helps to hear them better."""
    if isinstance(told, Rhythm) and isinstance(told.metre, Metre):
        where = places(frames.seconds, told.beats.times, told.metre.positions, told.metre.beats_per_bar)
    else:
        where = places(frames.seconds, None, None, 4)
    plain = chords(heard, where, reasons.NO_PITCH, frames.level)
    named = key(heard, frames.level, plain)
    if isinstance(named, Refused):
        return named, named
    return named, chords(heard, where, named, frames.level)


def _nothing(reason: Refused) -> Music:
    return Music(
        tempo=reason,
        beats=reason,
        metre=reason,
        key=reason,
        chords=reason,
        sections=reason,
        onsets=reason,
        melody=reason,
        texture=reason,
        danceability=reason,
    )

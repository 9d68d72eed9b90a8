"""The notes of a MIDI file, in seconds."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Iterator

import mido

from pansori.cli.picture.model import RollNote, Voice
from pansori.domain.units import MidiPitch, Seconds

DRUM_CHANNEL = 9
DEFAULT_TEMPO = 500_000  #: microseconds a quarter note, until the file says otherwise
VOCAL_NAMES = ("vocal", "voice", "sing", "melody")


class TempoMap:
    """Turns ticks into seconds, tempo changes obeyed."""

    def __init__(self, score: mido.MidiFile) -> None:
        self._second_per_unit = 1e-6 / score.ticks_per_beat
        changes = sorted(
            (tick, m.tempo) for track in score.tracks for tick, m in _ticks(track) if m.type == "set_tempo"
        )
        self._starts, self._seconds, self._tempi = [0], [0.0], [DEFAULT_TEMPO]
        for tick, tempo in changes:
            self._seconds.append(self.seconds(tick))
            self._starts.append(tick)
            self._tempi.append(tempo)

    def seconds(self, tick: int) -> Seconds:
        at = bisect_right(self._starts, tick) - 1
        return Seconds(self._seconds[at] + (tick - self._starts[at]) * self._tempi[at] * self._second_per_unit)


def read_notes(content: bytes) -> list[RollNote]:
    """Every note of every track, in the order in which they end."""
    score = mido.MidiFile(file=io.BytesIO(content))
    tempo = TempoMap(score)
    return [note for track in score.tracks for note in _notes(track, tempo)]


def _notes(track: mido.MidiTrack, tempo: TempoMap) -> Iterator[RollNote]:
    sounding: dict[tuple[int, int], Seconds] = {}
    for tick, message in _ticks(track):
        if message.type not in ("note_on", "note_off"):
            continue
        key = (message.channel, message.note)
        now = tempo.seconds(tick)
        began = sounding.pop(key, None)
        if began is not None:
            yield RollNote(_voice(track.name, message.channel), began, now, MidiPitch(message.note))
        if message.type == "note_on" and message.velocity > 0:
            sounding[key] = now


def _ticks(track: mido.MidiTrack) -> Iterator[tuple[int, mido.Message]]:
    tick = 0
    for message in track:
        tick += message.time
        yield tick, message


def _voice(track_name: str, channel: int) -> Voice:
    if channel == DRUM_CHANNEL:
        return "drums"
    name = track_name.lower()
    if any(word in name for word in VOCAL_NAMES):
        return "vocal"
    return "bass" if "bass" in name else "other"

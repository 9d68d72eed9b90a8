"""The song's files of notes and words: a standard MIDI file, and an LRC file with the time of every syllable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from pansori.engines.compose.base import TimedLine
from pansori.engines.compose.house_band.clock import Clock, clock_of, tempi
from pansori.engines.compose.house_band.model import PARTS, Chord, Key, Performance, PhraseSyllable, PlayedNote, Score

if TYPE_CHECKING:
    import mido

TICKS = 480  #: a quarter note
DRUM_CHANNEL = 9
VOICE_PROGRAM = 52  #: choir; players without a voice sing with it
NOTE_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")

Event = tuple[int, int, "mido.Message | mido.MetaMessage"]
"""(tick, order among those of the same tick, message)"""


def midi(score: Score, performance: Performance) -> bytes:
    """A standard MIDI file (type 1) of the song as it is played: tempo, metre, key, section markers and chords; the
    voice with its syllables as lyrics; every part with its program. The same bytes for the same song."""
    import mido

    clock = clock_of(score)
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    file.tracks.append(_conductor(score))
    voice = [syllable for phrase in performance.phrases for syllable in phrase.syllables]
    if voice:
        file.tracks.append(_voice(voice, clock))
    for channel, name in enumerate(name for name in PARTS if name in performance.parts):
        number = DRUM_CHANNEL if name == "drums" else channel + 1 if channel + 1 < DRUM_CHANNEL else channel + 2
        program = performance.programs.get(name, 0)
        file.tracks.append(_part(name, performance.parts[name], number, program, clock))
    content = BytesIO()
    file.save(file=content)
    return content.getvalue()


def _conductor(score: Score) -> mido.MidiTrack:
    import mido

    meta = mido.MetaMessage
    compound = score.style.compound
    denominator = 8 if compound else 4
    events: list[Event] = [
        (0, 0, meta("track_name", name="Pansori")),
        *((_ticks(beat), 1, meta("set_tempo", tempo=mido.bpm2tempo(tempo))) for beat, tempo in tempi(score)),
        (0, 2, meta("time_signature", numerator=6 if compound else score.style.beats_per_bar, denominator=denominator)),
        (0, 3, meta("key_signature", key=_key_signature(score.style.key))),
    ]
    events += [(_ticks(section.start), 4, meta("marker", text=section.label)) for section in score.sections]
    events += [(_ticks(chord.start), 5, meta("text", text=chord_name(chord))) for chord in score.chords]
    return _track(events)


def _ticks(beats: float) -> int:
    return round(beats * TICKS)


def _key_signature(key: Key) -> str:
    return MINOR_NAMES[key.tonic] + "m" if key.mode == "minor" else NOTE_NAMES[key.tonic]


def chord_name(chord: Chord) -> str:
    """Such as `C`, `Am`, `G7/B`."""
    suffix = {"maj": "", "min": "m", "min7": "m7", "m7b5": "m7b5"}.get(chord.quality, chord.quality)
    bass = "" if chord.bass is None else f"/{NOTE_NAMES[chord.bass]}"
    return f"{NOTE_NAMES[chord.root]}{suffix}{bass}"


def _voice(syllables: Sequence[PhraseSyllable], clock: Clock) -> mido.MidiTrack:
    import mido

    events: list[Event] = [
        (0, 0, mido.MetaMessage("track_name", name="voice")),
        (0, 1, mido.Message("program_change", channel=0, program=VOICE_PROGRAM)),
    ]
    for syllable in syllables:
        text = syllable.syllable.text + (" " if syllable.syllable.space_after else "")
        start = _ticks(clock.even(syllable.start))
        events.append((start, 3, mido.MetaMessage("lyrics", text=_latin1(text))))
        notes = [PlayedNote(note.start, note.duration, note.pitch, 90) for note in syllable.notes]
        events.extend(_strokes(notes, 0, clock))
    return _track(events)


def _latin1(text: str) -> str:
    """UTF-8, as karaoke players read it, in the form in which mido writes bytes."""
    return text.encode().decode("latin-1")


def _part(name: str, notes: Iterable[PlayedNote], channel: int, program: int, clock: Clock) -> mido.MidiTrack:
    import mido

    events: list[Event] = [
        (0, 0, mido.MetaMessage("track_name", name=name)),
        (0, 1, mido.Message("program_change", channel=channel, program=program)),
        *_strokes(notes, channel, clock),
    ]
    return _track(events)


def _strokes(notes: Iterable[PlayedNote], channel: int, clock: Clock) -> list[Event]:
    """Ends come before beginnings, so that a repeated note sounds again."""
    import mido

    events: list[Event] = []
    for note in notes:
        start = _ticks(clock.even(note.start))
        end = max(start + 1, _ticks(clock.even(note.start + note.duration)))
        on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        off = mido.Message("note_off", channel=channel, note=note.pitch, velocity=0)
        events += [(start, 4, on), (end, 2, off)]
    return events


def _track(events: list[Event]) -> mido.MidiTrack:
    """Messages with the ticks since the one before."""
    import mido

    track = mido.MidiTrack()
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def lrc(lines: Sequence[TimedLine]) -> str:
    """Enhanced LRC: a line's time, then each syllable behind its own; a line's end as an empty time stamp. What has
    no syllables is a line alone."""
    written = ["[by:Pansori]", "[re:Pansori]"]
    for line in lines:
        text = line.text.replace("\n", " ")
        if line.syllables:
            text = "".join(f"<{_stamp(s.start)}>{s.text}" for s in line.syllables) + f"<{_stamp(line.end)}>"
        written.append(f"[{_stamp(line.start)}]{text}")
    if lines:
        written.append(f"[{_stamp(lines[-1].end)}]")
    return "\n".join(written) + "\n"


def _stamp(seconds: float) -> str:
    """mm:ss.xx"""
    hundredths = round(max(0.0, seconds) * 100)
    return f"{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"

"""The drawing itself, as SVG. Paper and ink, the voice in vermilion; dark where the reader's screen is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from string import Template

from pansori.cli.picture.model import Drawing, RollNote, Voice
from pansori.domain.units import Seconds
from pansori.engines.compose.base import SongSection, TimedLine

WIDTH, MARGIN = 1200, 48
INNER = WIDTH - 2 * MARGIN
WAVE_TOP, WAVE_HEIGHT = 148, 132
ROLL_TOP, ROLL_HEIGHT = 300, 190
AXIS_TOP = ROLL_TOP + ROLL_HEIGHT
LINES_TOP = AXIS_TOP + 56
LINE_HEIGHT, LINE_WIDTH, LINE_GAP = 132, 536, 32
MOST_LINES = 8
TALLEST_STEP = 7.0  #: pixels a semitone in a sung line, at most

LIGHT = {
    "paper": "#F7F3EA",
    "ink": "#1F1B16",
    "line": "#D9D0BF",
    "voice": "#B83A24",
    "jade": "#1A706A",
    "soft": "#6B6255",
}
DARK = {
    "paper": "#15120E",
    "ink": "#EFE8DA",
    "line": "#3A332A",
    "voice": "#E8694F",
    "jade": "#3FB0A7",
    "soft": "#A79C8B",
}
SHAPES = """
text { font: 15px Pretendard, "Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif }
.title { font: 34px "Noto Serif KR", "Noto Serif CJK KR", Georgia, serif }
.small { font-size: 13px } .time { font-variant-numeric: tabular-nums }
.syllable { text-anchor: middle }
.rule, .note { fill: none } .band { opacity: .35 } .wave { opacity: .3 } .other { opacity: .38 } .drums { opacity: .55 }
"""
COLOURS = """
.paper { fill: $paper } text { fill: $ink } .soft { fill: $soft } .rule { stroke: $line } .band { fill: $line }
.wave { fill: $ink } .vocal-wave { fill: $voice }
.other { stroke: $ink } .bass { stroke: $jade } .drums { stroke: $soft } .vocal { stroke: $voice }
"""
STYLE = (
    f"{SHAPES}{Template(COLOURS).substitute(LIGHT)}"
    f"@media (prefers-color-scheme: dark) {{{Template(COLOURS).substitute(DARK)}}}\n"
)


def draw(drawing: Drawing) -> str:
    """The whole picture, one self-contained SVG document."""
    song = drawing.song
    lines = song.lines[:MOST_LINES]
    rows = (len(lines) + 1) // 2
    height = LINES_TOP + rows * LINE_HEIGHT + (8 if rows else 0)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            f'role="img" aria-label="{escape(_label(drawing))}">'
        ),
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" class="paper"/>',
        _text(MARGIN, 66, song.title, "title"),
        _text(MARGIN, 96, _facts(drawing), "soft"),
        *_sections(song.sections, song.duration),
        _wave(drawing.peaks, "wave"),
        _wave(drawing.vocal_peaks, "vocal-wave"),
        *_roll(drawing),
        *_axis(song.duration),
    ]
    for index, line in enumerate(lines):
        parts.extend(_line(line, drawing.notes, index))
    return "\n".join([*parts, "</svg>", ""])


def _label(drawing: Drawing) -> str:
    return f"{drawing.song.title}: waveform, notes and words of a song"


def _facts(drawing: Drawing) -> str:
    song = drawing.song
    facts = [
        drawing.genre,
        song.key or "",
        f"{song.tempo:.4g} BPM" if song.tempo else "",
        _clock(song.duration),
        f"seed {song.seed}",
    ]
    return "  ·  ".join(fact for fact in facts if fact)


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def _text(x: float, y: float, content: str, style: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}">{escape(content)}</text>'


def _across(duration: Seconds) -> Callable[[float], float]:
    return lambda seconds: MARGIN + INNER * min(max(seconds / duration, 0.0), 1.0)


def _sections(sections: Sequence[SongSection], duration: Seconds) -> Iterator[str]:
    across = _across(duration)
    for index, section in enumerate(sections):
        left, right = across(section.start), across(section.end)
        if index % 2 == 0:
            yield (
                f'<rect x="{left:.1f}" y="{WAVE_TOP - 26}" width="{right - left:.1f}" '
                f'height="{AXIS_TOP - WAVE_TOP + 26}" class="band"/>'
            )
        if right - left > 7 * len(section.label):
            yield _text(left + 6, WAVE_TOP - 9, section.label, "small soft")


def _wave(peaks: Sequence[float], style: str) -> str:
    """A waveform as one shape: along the upper edge and back along the lower one."""
    if not peaks:
        return ""
    middle, half = WAVE_TOP + WAVE_HEIGHT / 2, WAVE_HEIGHT / 2
    step = INNER / len(peaks)
    upper = [f"{MARGIN + (i + 0.5) * step:.1f} {middle - half * peak:.1f}" for i, peak in enumerate(peaks)]
    lower = [f"{MARGIN + (i + 0.5) * step:.1f} {middle + half * peak:.1f}" for i, peak in enumerate(peaks)]
    return f'<path class="{style}" d="M{"L".join(upper)}L{"L".join(reversed(lower))}Z"/>'


def _roll(drawing: Drawing) -> Iterator[str]:
    """Every note of every part; drums as ticks beneath. The voice is drawn last, so that nothing hides it."""
    across = _across(drawing.song.duration)
    pitched = [note.pitch for note in drawing.notes if note.voice != "drums"]
    if not pitched:
        return
    low, high = min(pitched), max(pitched)
    step = (ROLL_HEIGHT - 34) / max(high - low, 12)
    order: tuple[Voice, ...] = ("drums", "other", "bass", "vocal")
    for voice in order:
        strokes = []
        for note in drawing.notes:
            if note.voice == voice:
                x = across(note.start)
                length = 1.5 if voice == "drums" else max(across(note.end) - x - 0.6, 1.2)
                y = AXIS_TOP - 8 if voice == "drums" else ROLL_TOP + (high - note.pitch + 0.5) * step
                strokes.append(f"M{x:.1f} {y:.1f}h{length:.1f}")
        if strokes:
            thick = 8.0 if voice == "drums" else max(step * (1.5 if voice == "vocal" else 0.8), 1.2)
            yield f'<path class="note {voice}" stroke-width="{thick:.1f}" d="{"".join(strokes)}"/>'


def _axis(duration: Seconds) -> Iterator[str]:
    across = _across(duration)
    yield f'<path class="rule" d="M{MARGIN} {AXIS_TOP + 0.5}h{INNER}"/>'
    every = next(step for step in (5, 10, 30, 60, 120) if duration / step <= 16)
    for second in range(0, int(duration) + 1, every):
        yield _text(across(second), AXIS_TOP + 20, _clock(second), "small soft time")


def _line(line: TimedLine, notes: Sequence[RollNote], index: int) -> Iterator[str]:
    """One sung line: its melody, and each syllable under its note."""
    left = MARGIN + (index % 2) * (LINE_WIDTH + LINE_GAP)
    top = LINES_TOP + (index // 2) * LINE_HEIGHT
    span = max(line.end - line.start, 0.1)

    def across(seconds: float) -> float:
        return left + 44 + (LINE_WIDTH - 52) * (seconds - line.start) / span

    sung = [note for note in notes if note.voice == "vocal" and line.start - 0.2 < note.start < line.end]
    yield _text(left, top + 14, _clock(line.start), "small soft time")
    yield f'<path class="rule" d="M{left} {top + 78.5}h{LINE_WIDTH}"/>'
    if sung:
        low, high = min(note.pitch for note in sung), max(note.pitch for note in sung)
        step = min(60 / max(high - low, 1), TALLEST_STEP)
        strokes = "".join(
            f"M{across(note.start):.1f} {top + 68 - (note.pitch - low) * step:.1f}"
            f"h{max(across(note.end) - across(note.start) - 1.5, 1.5):.1f}"
            for note in sung
        )
        yield f'<path class="note vocal" stroke-width="6" d="{strokes}"/>'
    yield from _syllables(line, across, top + 100)


def _syllables(line: TimedLine, across: Callable[[float], float], y: float) -> Iterator[str]:
    words = line.syllables
    room = (LINE_WIDTH - 52) / max(len(words), 1)
    if room < 13:  # too many to stand under their notes: the words alone
        yield _text(across(line.start), y, line.text[:70], "")
        return
    for syllable in words:
        middle = (across(syllable.start) + across(syllable.end)) / 2
        yield f'<text x="{middle:.1f}" y="{y}" class="syllable">{escape(syllable.text.strip())}</text>'

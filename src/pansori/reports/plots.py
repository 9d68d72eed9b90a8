"""The plots that prove what was measured, each an SVG of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from pansori.domain.errors import Language, Text
from pansori.dsp.pictures import Picture
from pansori.engines.analyze.measure import Curve, Label
from pansori.reports.canvas import (
    INNER,
    LEFT,
    TOP,
    WIDTH,
    Area,
    bands,
    curve,
    legend,
    steps,
    style,
    text,
    ticks,
    time_scale,
    value_scale,
)
from pansori.reports.model import Shown, Sight
from pansori.reports.raster import image

CLASSES: Final = ("C", "", "D", "", "E", "F", "", "G", "", "A", "", "B")
SEEN_RANGE: Final = 65.0  #: dB below the loudest that a spectrogram shows
LOUDEST: Final = 99.7  #: percentile that counts as the loudest
SOFTEST: Final = -60.0  #: dB; of a sound without anything louder nothing is seen
NO_CHORD: Final = "N"
OCTAVES: Final = (32.7, 65.4, 130.8, 261.6, 523.3, 1046.5, 2093.0)  #: Hz of C1 to C7


@dataclass(frozen=True)
class Plot:
    """`name`: of its file, stable. `body`: elements on a canvas of `WIDTH` by `height`."""

    name: str
    title: Text
    height: float
    body: str
    area: Area
    unit: str = ""
    """Of the values at its left; empty where these are no numbers."""

    def svg(self, language: Language, *, alone: bool = True, dark: bool = True) -> str:
        """`alone`: a document with its own style; else a part of a page that has it. `dark`: also for dark screens."""
        title = escape(self.title.in_language(language))
        size = f'width="{WIDTH}" height="{self.height:.0f}"'
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {WIDTH} {self.height:.0f}" {size} '
            f'role="img" aria-label="{title}">'
        )
        if not alone:
            return f"{head}{self.body}</svg>"
        return (
            f"{head}\n<title>{title}</title>\n<style>{style(dark=dark)}</style>\n"
            f'<rect class="paper" {size}/>\n{self.body}\n</svg>\n'
        )


def plots(shown: Shown, language: Language) -> tuple[Plot, ...]:
    """Those for which there is something to see. `language`: of the few words in them."""
    found = (draw(shown, language) for draw in DRAWN)
    return tuple(plot for plot in found if plot is not None)


def _plot(name: str, title: Text, area: Area, parts: Iterator[str], unit: str = "") -> Plot:
    return Plot(name, title, area.total, "\n".join(part for part in parts if part), area, unit)


def _waveform(shown: Shown, language: Language) -> Plot:
    sight, music = shown.sight, shown.analysis.music
    area = Area(sight.duration, -1.0, 1.0)
    beats = (music.beats.value or ()) if music else ()
    downbeats = (music.downbeats.value or ()) if music else ()
    sections = _spans((music.sections.value or ()) if music else ())

    def parts() -> Iterator[str]:
        yield from bands(area, sections)
        step = INNER / len(sight.peaks)
        middle, half = TOP + area.height / 2, area.height / 2
        heights = np.minimum(sight.peaks, 1.0) * half
        upper = [f"{LEFT + (i + 0.5) * step:.1f} {middle - high:.1f}" for i, high in enumerate(heights.tolist())]
        lower = [f"{LEFT + (i + 0.5) * step:.1f} {middle + high:.1f}" for i, high in enumerate(heights.tolist())]
        yield f'<path class="wave" d="M{"L".join(upper)}L{"L".join(reversed(lower))}Z"/>'
        yield from time_scale(area)
        yield from value_scale(area, (-1, -0.5, 0, 0.5, 1), "", rules=False)
        yield ticks(area, beats, area.bottom - 10, 10, "jade")
        yield ticks(area, downbeats, TOP, area.height, "accent faint")

    words = Text("Waveform", "파형")
    if beats or sections:
        words = Text("Waveform, with beats, bars and sections", "파형과 박, 마디, 구간")
    return _plot("waveform", words, area, parts())


def _chroma(shown: Shown, language: Language) -> Plot | None:
    music = shown.analysis.music
    if music is None or (music.chords.value is None and music.key.value is None):
        return None
    area = Area(shown.sight.duration, 0.0, 12.0)
    chords = [(one.start, one.end, chord_name(one.label)) for one in music.chords.value or () if one.label != NO_CHORD]

    def parts() -> Iterator[str]:
        yield _picture(area, shown.pictures.get("chroma") or image(*chroma_of(shown.sight)))
        yield from time_scale(area)
        for number, name in enumerate(CLASSES):
            yield text(LEFT - 6, area.y(number + 0.5) + 4.5, name, "soft at-end")
        yield from bands(area, chords, shaded=False)
        yield ticks(area, [start for start, _, _ in chords], TOP, area.height, "rule faint")

    return _plot("chroma", Text("Pitch classes over time, with chords", "시간에 따른 음이름과 화음"), area, parts())


def chord_name(label: str) -> str:
    """Harte's syntax as musicians write it: `A:min` is `Am`, `G:7` is `G7`."""
    root, _, quality = label.partition(":")
    if quality == "maj":
        return root
    return f"{root}m{quality.removeprefix('min')}" if quality.startswith("min") else root + quality


def chroma_of(sight: Sight) -> tuple[Picture, float, float]:
    """What `image` makes the picture of."""
    return sight.chroma, 0.0, 1.0


def spectrum_of(sight: Sight) -> tuple[Picture, float, float]:
    """The same of the spectrogram."""
    loudest = max(float(np.percentile(sight.spectrum, LOUDEST)), SOFTEST)
    return sight.spectrum, loudest - SEEN_RANGE, loudest


def _pitch(shown: Shown, language: Language) -> Plot | None:
    """The pitch of a voice as Praat follows it; of music, its melody."""
    music, voice = shown.analysis.music, shown.analysis.voice
    points: list[tuple[float, float | None]] = []
    if voice is not None and voice.f0.value is not None:
        points, title = _points(voice.f0.value), Text("Pitch of the voice (F0)", "목소리의 음높이(F0)")
    elif music is not None and music.melody.value is not None:
        points, title = list(music.melody.value), Text("Pitch of the melody", "선율의 음높이")
    known = [value for _, value in points if value]
    if not known:
        return None
    area = Area(shown.sight.duration, 0.94 * min(known), 1.06 * max(known), logarithmic=True)
    marks = [one for one in OCTAVES if area.lowest < one < area.highest] if area.highest > 4 * area.lowest else []

    def parts() -> Iterator[str]:
        yield from time_scale(area)
        yield from value_scale(area, [round(one) for one in marks] or steps(area.lowest, area.highest), "Hz")
        yield curve(area, points, "accent")

    return _plot("pitch", title, area, parts(), "Hz")


def _spectrum(shown: Shown, language: Language) -> Plot:
    sight, voice = shown.sight, shown.analysis.voice
    area = Area(sight.duration, 0.0, sight.highest, height=240.0)
    formants = (voice.formant_curves.value or ()) if voice else ()

    def parts() -> Iterator[str]:
        yield _picture(area, shown.pictures.get("spectrogram") or image(*spectrum_of(sight)))
        yield from time_scale(area)
        yield from value_scale(area, steps(0.0, sight.highest), "Hz", rules=False)
        for formant in formants:
            yield _dots(area, formant)

    title = Text("Spectrogram", "스펙트로그램")
    if formants:
        title = Text("Spectrogram, with formants F1 to F4", "스펙트로그램과 포먼트 F1–F4")
    return _plot("spectrogram", title, area, parts(), "Hz")


def _loudness(shown: Shown, language: Language) -> Plot | None:
    loudness = shown.analysis.loudness
    if loudness is None or loudness.momentary.value is None:
        return None
    momentary = _points(loudness.momentary.value)
    short_term = _points(loudness.short_term.value) if loudness.short_term.value else []
    integrated = loudness.integrated.value
    known = [value for _, value in (*momentary, *short_term) if value is not None and value > -70]
    if not known:
        return None
    area = Area(shown.sight.duration, max(min(known) - 2, max(known) - 45), max(known) + 2)

    def parts() -> Iterator[str]:
        yield from time_scale(area)
        yield from value_scale(area, steps(area.lowest, area.highest), "LUFS")
        yield curve(area, momentary, "amber faint")
        yield curve(area, short_term, "jade")
        entries = [(Text("0.4 s", "0.4초"), "amber"), (Text("3 s", "3초"), "jade")]
        if integrated is not None and integrated >= area.lowest:
            yield f'<path class="accent dotted" d="M{LEFT} {area.y(integrated):.1f}h{INNER}"/>'
            entries.append((Text("whole", "전체"), "accent"))
        yield from legend([(name.in_language(language), colour) for name, colour in entries])

    return _plot("loudness", Text("Loudness over time", "시간에 따른 음량"), area, parts(), "LUFS")


DRAWN: Final[Sequence[Callable[[Shown, Language], Plot | None]]] = (_waveform, _chroma, _pitch, _spectrum, _loudness)


def _picture(area: Area, address: str) -> str:
    return (
        f'<image href="{escape(address)}" x="{LEFT}" y="{TOP}" width="{INNER}" height="{area.height:.0f}" '
        'preserveAspectRatio="none" image-rendering="optimizeSpeed"/>'
    )


def _dots(area: Area, formant: Curve) -> str:
    """Dots and not a line: formants jump. No more than there is room for."""
    every = max(1, round(2.5 * len(formant.values) / INNER))
    known = [(time, value) for time, value in _points(formant)[::every] if value is not None and value < area.highest]
    strokes = "".join(f"M{area.x(time):.1f} {area.y(value):.1f}h.1" for time, value in known)
    return f'<path class="formant" d="{strokes}"/>' if strokes else ""


def _points(found: Curve) -> list[tuple[float, float | None]]:
    return [(found.start + number * found.step, value) for number, value in enumerate(found.values)]


def _spans(labels: Sequence[Label]) -> list[tuple[float, float, str]]:
    return [(one.start, one.end, one.label) for one in labels]

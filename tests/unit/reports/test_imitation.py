"""What a comparison of two clips says, as it is drawn."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from pansori.domain.errors import Text
from pansori.domain.units import Hertz, Seconds
from pansori.engines.analyze.imitation.model import (
    Clip,
    Contours,
    Imitation,
    IntensityMark,
    Mark,
    PitchMark,
    TimingMark,
    WordMark,
    WordsMark,
)
from pansori.engines.analyze.measure import Curve, Refusal, Span
from pansori.engines.analyze.numbers import Numbers
from pansori.reports.imitation import drawings

SILENT = Refusal.of("unvoiced", Text("Nothing is voiced.", "유성음이 없어요."))
TOLD: dict[str, Any] = {"explanation": "Fine.", "explanation_ko": "좋아요."}
WORDS = ("<산새>", "운다")


def span(start: float, end: float) -> Span:
    return Span(start=Seconds(start), end=Seconds(end))


def curve(*values: float | None) -> Curve:
    return Curve(start=Seconds(0.1), step=Seconds(0.1), values=Numbers(values))


def clip(duration: float) -> Clip:
    return Clip(duration=Seconds(duration), sha256="0" * 64, speech=span(0.1, duration), pitch=Hertz(120.0))


def imitation(*, words: bool = True, voiced: bool = True, contours: bool = True) -> Imitation:
    pitch = curve(-1.0, None, 2.5, 1.0) if voiced else curve(None, None, None, None)
    marks = [
        WordMark(
            text=text,
            reference=span(0.1 + 0.2 * at, 0.3 + 0.2 * at),
            attempt=span(0.2 + 0.3 * at, 0.5 + 0.3 * at),
            words=90.0,
            timing=80.0,
            pitch=None,
            intensity=70.0,
        )
        for at, text in enumerate(WORDS)
    ]
    return Imitation(
        versions={},
        settings={},
        text=" ".join(WORDS),
        language="ko",
        reference=clip(0.5),
        attempt=clip(0.8),
        overall=Mark(score=80.0, **TOLD),
        words=WordsMark(score=90.0, **TOLD),
        timing=TimingMark(score=80.0, **TOLD),
        pitch=PitchMark(score=70.0, **TOLD) if voiced else PitchMark(refused=SILENT, **TOLD),
        intensity=IntensityMark(score=60.0, **TOLD),
        each_word=tuple(marks) if words else (),
        contours=Contours(
            attempt_time=curve(0.2, 0.35, 0.5, 0.7),
            reference_pitch=pitch,
            attempt_pitch=pitch,
            reference_intensity=curve(-12.0, 0.0, 4.0, 1.0),
            attempt_intensity=curve(-10.0, 1.0, 5.0, None),
            likeness=curve(0.2, 0.9, 1.0, 0.7),
        )
        if contours
        else None,
    )


@pytest.mark.parametrize("words", [True, False])
def test_every_part_is_drawn(words: bool) -> None:
    drawn = drawings(imitation(words=words), "ko")
    assert list(drawn) == ["words", "timing", "pitch", "intensity"]
    for plot in drawn.values():
        svg = plot.svg("ko", alone=False)
        root = ET.fromstring(svg)
        assert not re.search(r"\b(?:nan|inf|None)\b", svg)
        assert root.attrib["aria-label"] == plot.title.ko
        texts = {one.text for one in root.iter() if one.text}
        assert (WORDS[1] in texts) == words
        assert ("내 녹음" in texts) == (
            plot.name == "imitation-timing" or (not words and plot.name != "imitation-words")
        )


def test_a_word_is_where_it_is_said_in_each_clip() -> None:
    root = ET.fromstring(drawings(imitation(), "en")["timing"].svg("en", alone=False))
    boxes = [one.attrib for one in root.iter() if one.attrib.get("class") == "band"]
    first, first_tried, second, second_tried = (float(one["x"]) for one in boxes)
    assert first < first_tried < second < second_tried
    assert second_tried - second == pytest.approx(2 * (first_tried - first), abs=0.5)
    assert float(boxes[1]["width"]) > float(boxes[0]["width"])


def test_what_was_refused_is_not_drawn() -> None:
    assert "pitch" not in drawings(imitation(voiced=False), "en")
    assert drawings(imitation(contours=False), "en") == {}

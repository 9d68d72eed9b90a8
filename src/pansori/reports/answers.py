"""What an analysis answers to each question, in words: what pages are made of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pansori.domain.errors import Language, Text
from pansori.engines.analyze.measure import Label, Measure, Refusal, Span
from pansori.engines.analyze.schema import Analysis, Band, FormantMeasures, ScoredKey, SectionLoudness, Word
from pansori.lexicon.music import korean_key
from pansori.reports import words
from pansori.reports.words import NAMES, QUESTIONS, Question

DIGITS: Final = 4  #: significant, where nothing else is said
DECIMALS: Final = {"BPM": 1, "LUFS": 1, "LU": 1, "dBFS": 1, "dBTP": 1, "dB": 1, "cents": 0, "semitones": 1, "1/s": 2}
"""As precise as it is heard."""
PARTS: Final = frozenset(
    {
        "voice.voiced_fraction",
        *(f"voice.jitter_{name}" for name in ("local", "rap", "ppq5")),
        *(f"voice.shimmer_{name}" for name in ("local", "apq3", "apq5", "apq11")),
    }
)
"""Bare numbers that people read as percents."""
LONGEST_WORD: Final = 64  #: of a value; longer ones are cut
LONGEST_TEXT: Final = 2_000  #: of what is said
BEST: Final = 3  #: of scores


@dataclass(frozen=True)
class Fact:
    """One measure. `lines`: its value, in one line or in several. `sure`: how sure, and what else it may be; empty for
    what is computed. `field`: as `group.field`."""

    field: str
    name: str
    lines: tuple[str, ...]
    sure: str = ""


@dataclass(frozen=True)
class Refused:
    """Measures that are refused for one reason. `why`: empty where that was told in place of the answer."""

    names: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Stretches:
    """Chords or sections one by one."""

    field: str
    name: str
    spans: tuple[Label, ...]


@dataclass(frozen=True)
class Answer:
    """To one question. `refusal`: told in place of `answers` where all of these are refused; else empty. `plots`: names
    of those that prove it."""

    key: str
    question: str
    answers: tuple[Fact, ...]
    refusal: str
    facts: tuple[Fact, ...]
    refused: tuple[Refused, ...]
    stretches: tuple[Stretches, ...]
    plots: tuple[str, ...]


def answers(analysis: Analysis, language: Language) -> tuple[Answer, ...]:
    """To every question of which something was asked for."""
    reader = _Reader(analysis, language)
    return tuple(one for one in map(reader.answer, QUESTIONS) if one is not None)


def sure_of(measure: Measure[Any], language: Language) -> str:
    """How sure, and what else it may be. Empty for what is computed, and for what is refused."""
    if measure.confidence is None:
        return ""
    told = next(text for least, text in words.SURE if measure.confidence >= least)
    others = [", ".join(lines_of(one.value, measure.unit, language)) for one in measure.runners_up[:2]]
    rest = f" · {words.OR.in_language(language)} {', '.join(others)}" if others and measure.confidence < 1 else ""
    return f"{told.in_language(language)} ({measure.confidence:.0%}){rest}"


class _Reader:
    def __init__(self, analysis: Analysis, language: Language) -> None:
        self._analysis = analysis
        self._language: Language = language

    def answer(self, question: Question) -> Answer | None:
        found = sorted(self._known(question.answers), key=lambda known: known[1].refused is not None)
        others = self._known(question.measures)
        if not found:
            return None
        refusal = found[0][1].refused  # there is one where all are refused
        facts = (self._fact(name, one) for name, one in others)
        return Answer(
            key=question.answers[0].replace(".", "-"),
            question=self._say(question.text),
            answers=tuple(self._fact(name, one) for name, one in found if one.refused is None),
            refusal=self._why(refusal) if refusal is not None else "",
            facts=tuple(fact for fact in facts if fact.lines),
            refused=tuple(self._refused([*found, *others], refusal)),
            stretches=tuple(self._stretches(question)),
            plots=question.plots,
        )

    def _say(self, text: Text) -> str:
        return text.in_language(self._language)

    def _why(self, refusal: Refusal) -> str:
        return self._say(Text(refusal.reason, refusal.reason_ko))

    def _known(self, names: Sequence[str]) -> list[tuple[str, Measure[Any]]]:
        found = []
        for name in names:
            part, _, field = name.partition(".")
            group = getattr(self._analysis, part)
            if group is not None:
                found.append((name, getattr(group, field)))
        return found

    def _fact(self, name: str, measure: Measure[Any]) -> Fact:
        """Without lines where it is refused, and of curves: they are drawn."""
        lines = lines_of(measure.value, unit_of(name, measure), self._language)
        return Fact(name, self._say(NAMES[name]), lines, sure_of(measure, self._language))

    def _refused(self, measures: Sequence[tuple[str, Measure[Any]]], told: Refusal | None) -> Iterator[Refused]:
        """What is refused, once for each reason; `told` is the one that was given in place of the answer."""
        reasons: dict[str, tuple[Refusal, list[str]]] = {}
        for name, one in measures:
            if one.refused is not None:
                reasons.setdefault(one.refused.reason, (one.refused, []))[1].append(self._say(NAMES[name]))
        for refusal, names in reasons.values():
            yield Refused(tuple(names), "" if refusal == told else self._why(refusal))

    def _stretches(self, question: Question) -> Iterator[Stretches]:
        for name, one in self._known(question.measures):
            if isinstance(one.value, tuple) and one.value and all(isinstance(span, Label) for span in one.value):
                yield Stretches(name, self._say(NAMES[name]), one.value)


def unit_of(name: str, measure: Measure[Any]) -> str:
    """`%` of what is read as percents."""
    return "%" if name in PARTS else measure.unit


def lines_of(value: object, unit: str, language: Language) -> tuple[str, ...]:
    """A value in words; nothing of what can only be drawn."""
    if isinstance(value, bool):
        return ((words.YES if value else words.NO).in_language(language),)
    if isinstance(value, int | float):
        return (number(value, unit, language),)
    if isinstance(value, str):
        return (_word(value, language),)
    return _list(value, language) if isinstance(value, tuple) else ()


def _word(value: str, language: Language) -> str:
    """Keys as they are called in either language, and whatever is a name in itself."""
    value = korean_key(value) if language == "ko" else value
    return _cut(value, LONGEST_WORD)


def unit_in(unit: str, language: Language) -> str:
    return words.UNITS[unit].in_language(language) if unit in words.UNITS else unit


def number(value: float, unit: str, language: Language) -> str:
    """As precise as the unit is heard, and never an exponent where people write none."""
    if unit == "%":
        return f"{100 * value:.{DIGITS - 1}g} %".replace("-", "−")
    decimals = DECIMALS.get(unit)
    if isinstance(value, int) or abs(value) >= 10 ** (DIGITS - 1):
        decimals = 0
    if decimals is None:  # so many that the first `DIGITS` digits are seen
        decimals = max(0, DIGITS - 1 - math.floor(math.log10(abs(value)))) if value else 0
        text = f"{value:,.{min(decimals, 6)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{value:,.{decimals}f}"
    return f"{text.replace('-', '−')} {unit_in(unit, language)}".strip()


def _list(values: tuple[object, ...], language: Language) -> tuple[str, ...]:
    """The things themselves where each has a line, else how many there are; nothing of curves. Words are one line."""
    if values and isinstance(values[0], Word):
        return (_cut(" ".join(one.text for one in values if isinstance(one, Word)), LONGEST_TEXT),)
    items = [_item(one, language) for one in values]
    if values and all(items):
        best = BEST if isinstance(values[0], ScoredKey) else len(items)
        return tuple(item for item in items[:best] if item)
    return (f"{len(values):,}",) if all(isinstance(one, float | Span) for one in values) else ()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _item(one: object, language: Language) -> str | None:
    """A short line about one thing of a list; None of what is only counted."""
    if isinstance(one, FormantMeasures):
        return f"F{one.number} {one.median:.0f} Hz"
    if isinstance(one, Band):
        return f"{one.name} {one.share:.1%}"
    if isinstance(one, SectionLoudness):
        return f"{one.label} {number(one.integrated, 'LUFS', language) if one.integrated is not None else '—'}"
    if isinstance(one, ScoredKey):
        return f"{_word(one.key, language)} {one.score:.2f}"
    return None

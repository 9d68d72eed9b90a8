"""One self-contained page of HTML: a column of questions with the plots that prove the answers beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any, Final

from pansori import __version__
from pansori.domain.errors import Language, Text
from pansori.engines.analyze.measure import Label, Measure, Refusal, Span
from pansori.engines.analyze.schema import Analysis, Band, FormantMeasures, ScoredKey, SectionLoudness
from pansori.reports import words
from pansori.reports.canvas import clock
from pansori.reports.model import Shown
from pansori.reports.plots import Plot, plots
from pansori.reports.sheet import sheet
from pansori.reports.words import NAMES, QUESTIONS, Question

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"  #: nothing from anywhere, no scripts
DIGITS: Final = 4  #: significant
LONGEST_WORD: Final = 64  #: of a value; longer ones are cut
BEST: Final = 3  #: of scores
LINE: Final = "\n"


def page(articles: Iterable[str], language: Language, *, title: str) -> str:
    """The whole document. It asks nothing of any other place, and runs no script."""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="Pansori {__version__}">\n'
        f"<title>{escape(title)}</title>\n<style>{sheet()}</style>\n</head>\n<body>\n<main>\n"
        f"{LINE.join(articles)}\n</main>\n<footer><p>Pansori {__version__}</p></footer>\n</body>\n</html>\n"
    )


def article(shown: Shown, language: Language) -> str:
    """What a page says of one recording."""
    return _Article(shown, language).html()


def sorry(name: str, why: Text, language: Language) -> str:
    """What a page says of a recording that could not be analysed."""
    told = escape(why.in_language(language))
    return f'<article>\n<h1>{escape(name)}</h1>\n<p class="answer refused">{told}</p>\n</article>'


class _Article:
    """What is said of one recording."""

    def __init__(self, shown: Shown, language: Language) -> None:
        self._shown = shown
        self._analysis: Analysis = shown.analysis
        self._language: Language = language
        self._plots: dict[str, Plot] = {plot.name: plot for plot in plots(shown, language)}
        self._drawn: set[str] = set()

    def html(self) -> str:
        questions = "\n".join(filter(None, (self._question(one) for one in QUESTIONS)))
        return f"<article>\n{self._head()}\n{self._rest()}\n{questions}\n{self._settings()}\n</article>"

    def _say(self, text: Text) -> str:
        return escape(text.in_language(self._language))

    def _head(self) -> str:
        facts = self._analysis.format
        kind = self._analysis.kind
        what = self._say(words.KINDS[kind.value]) if kind.value is not None else ""
        told = [
            f"<strong>{what}</strong>",
            self._sure(kind),
            clock(facts.duration),
            f"{facts.sample_rate:,} Hz",
            f"{facts.channels} ch",
            escape(facts.codec),
        ]
        damaged = f'<p class="refused">{self._say(words.DAMAGED)}</p>' if facts.damaged else ""
        notices = "".join(f'<p class="refused">{self._say(one)}</p>' for one in self._analysis.notices)
        line = " · ".join(filter(None, told))
        return f'<h1>{escape(self._shown.name)}</h1>\n<p class="facts">{line}</p>{damaged}{notices}'

    def _rest(self) -> str:
        """The waveform stands first where no question is going to show it: it proves what the sound is."""
        if self._analysis.music is not None and self._analysis.music.tempo.value is not None:
            return ""
        return self._figure("waveform")

    def _figure(self, name: str) -> str:
        plot = self._plots.get(name)
        if plot is None or name in self._drawn:
            return ""
        self._drawn.add(name)
        svg = plot.svg(self._language, alone=False)
        return f"<figure>{svg}<figcaption>{self._say(plot.title)}</figcaption></figure>"

    def _question(self, question: Question) -> str:
        """Nothing where none of its measures was asked for."""
        answers = sorted(self._known(question.answers), key=lambda known: known[1].refused is not None)
        others = self._known(question.measures)
        if not answers:
            return ""
        refusal = answers[0][1].refused  # there is one where all are refused
        told = [self._answer(name, one) for name, one in answers if one.refused is None]
        if refusal is not None:
            told = [f'<p class="answer refused">{self._say(_reason(refusal))}</p>']
        rows = "".join(self._row(name, one) for name, one in others)
        refused = "".join(self._refused([*answers, *others], refusal))
        figures = "".join(self._figure(name) for name in question.plots)
        return (
            f'<section class="question">\n<div><h2>{self._say(question.text)}</h2>{"".join(told)}'
            f"{f'<table>{rows}</table>' if rows else ''}{refused}{self._stretches(question)}</div>\n"
            f"<div>{figures}</div>\n</section>"
        )

    def _known(self, names: Sequence[str]) -> list[tuple[str, Measure[Any]]]:
        found = []
        for name in names:
            part, _, field = name.partition(".")
            group = getattr(self._analysis, part)
            if group is not None:
                found.append((name, getattr(group, field)))
        return found

    def _answer(self, name: str, measure: Measure[Any]) -> str:
        value = self._value(measure.value, measure.unit) or ""
        sure = self._sure(measure)
        told = f'<p class="answer"><small>{self._say(NAMES[name])}</small> {value}</p>'
        return told + (f'<p class="sure">{sure}</p>' if sure else "")

    def _sure(self, measure: Measure[Any]) -> str:
        """How sure, and what else it may be. Nothing of what is computed."""
        if measure.confidence is None:
            return ""
        told = next(text for least, text in words.SURE if measure.confidence >= least)
        others = [self._value(one.value, measure.unit) or "" for one in measure.runners_up[:2]]
        rest = f" · {self._say(words.OR)} {', '.join(others)}" if others and measure.confidence < 1 else ""
        return f"{self._say(told)} ({measure.confidence:.0%}){rest}"

    def _row(self, name: str, measure: Measure[Any]) -> str:
        """Nothing of what is refused, and of curves: they are drawn."""
        value = self._value(measure.value, measure.unit)
        return f"<tr><th>{self._say(NAMES[name])}</th><td>{value}</td></tr>" if value is not None else ""

    def _refused(self, measures: Sequence[tuple[str, Measure[Any]]], told: Refusal | None) -> Iterator[str]:
        """What is refused, a line for each reason; `told` is the one that was given in place of the answer."""
        reasons: dict[str, tuple[Refusal, list[str]]] = {}
        for name, one in measures:
            if one.refused is not None:
                reasons.setdefault(one.refused.reason, (one.refused, []))[1].append(self._say(NAMES[name]))
        for refusal, names in reasons.values():
            why = "" if refusal == told else f": {self._say(_reason(refusal))}"
            yield f'<p class="refused"><b>{", ".join(names)}</b>{why}</p>'

    def _stretches(self, question: Question) -> str:
        """Chords and sections one by one, folded away."""
        found = []
        for name, one in self._known(question.measures):
            if isinstance(one.value, tuple) and one.value and all(isinstance(span, Label) for span in one.value):
                rows = "".join(
                    f"<tr><th>{clock(span.start, fine=True)}–{clock(span.end, fine=True)}</th>"
                    f"<td>{escape(span.label)}</td></tr>"
                    for span in one.value
                )
                title = f"{self._say(NAMES[name])}: {self._say(words.ALL_SPANS)}"
                found.append(f"<details><summary>{title}</summary><table>{rows}</table></details>")
        return "".join(found)

    def _value(self, value: object, unit: str) -> str | None:
        """In words, as HTML; None of what can only be drawn."""
        if isinstance(value, bool):
            return self._say(words.YES if value else words.NO)
        if isinstance(value, int | float):
            return _number(value, words.UNITS[unit].in_language(self._language) if unit in words.UNITS else unit)
        if isinstance(value, str):
            return escape(value if len(value) <= LONGEST_WORD else value[: LONGEST_WORD - 1] + "…")
        return _list(value) if isinstance(value, tuple) else None

    def _settings(self) -> str:
        told = {"versions": self._analysis.versions, "settings": self._analysis.settings}
        text = escape(json.dumps(told, ensure_ascii=False, indent=1))
        return f"<details><summary>{self._say(words.FILE)}</summary><pre>{text}</pre></details>"


def _reason(refusal: Refusal) -> Text:
    return Text(refusal.reason, refusal.reason_ko)


def _number(value: float, unit: str) -> str:
    """With `DIGITS` significant digits, and never an exponent where people write none."""
    text = f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 10 ** (DIGITS - 1) else f"{value:.{DIGITS}g}"
    return f"{text.replace('-', '−')} {escape(unit)}".strip()


def _list(values: tuple[object, ...]) -> str | None:
    """The things themselves where each has a line, else how many there are; None of curves."""
    items = [_item(one) for one in values]
    if values and all(items):
        best = BEST if isinstance(values[0], ScoredKey) else len(items)
        return "<br>".join(escape(item) for item in items[:best] if item)
    return f"{len(values):,}" if all(isinstance(one, float | Span) for one in values) else None


def _item(one: object) -> str | None:
    """A short line about one thing of a list; None of what is only counted."""
    if isinstance(one, FormantMeasures):
        return f"F{one.number} {one.median:.0f} Hz"
    if isinstance(one, Band):
        return f"{one.name} {one.share:.1%}"
    if isinstance(one, SectionLoudness):
        return f"{one.label} {_number(one.integrated, 'LUFS') if one.integrated is not None else '—'}"
    if isinstance(one, ScoredKey):
        return f"{one.key} {one.score:.2f}"
    return None

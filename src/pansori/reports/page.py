"""One self-contained page of HTML: a column of questions with the plots that prove the answers beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import Final

from pansori import __version__
from pansori.domain.errors import Language, Text
from pansori.engines.analyze.schema import Analysis
from pansori.lexicon.codecs import codec_name
from pansori.reports import words
from pansori.reports.answers import Answer, Fact, Refused, answers, sure_of
from pansori.reports.canvas import clock
from pansori.reports.model import Shown
from pansori.reports.plots import Plot, plots
from pansori.reports.sheet import sheet

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"  #: nothing from anywhere, no scripts
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
        questions = "\n".join(self._question(one) for one in answers(self._analysis, self._language))
        return f"<article>\n{self._head()}\n{self._rest()}\n{questions}\n{self._settings()}\n</article>"

    def _say(self, text: Text) -> str:
        return escape(text.in_language(self._language))

    def _head(self) -> str:
        facts = self._analysis.format
        kind = self._analysis.kind
        what = self._say(words.KINDS[kind.value]) if kind.value is not None else ""
        told = [
            f"<strong>{what}</strong>",
            escape(sure_of(kind, self._language)),
            clock(facts.duration),
            f"{facts.sample_rate:,} Hz",
            f"{facts.channels} ch",
            escape(codec_name(facts.codec)),
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

    def _question(self, answer: Answer) -> str:
        told = "".join(_answer(one) for one in answer.answers)
        if answer.refusal:
            told = f'<p class="answer refused">{escape(answer.refusal)}</p>'
        rows = "".join(f"<tr><th>{escape(one.name)}</th><td>{_lines(one)}</td></tr>" for one in answer.facts)
        refused = "".join(_refused(one) for one in answer.refused)
        figures = "".join(self._figure(name) for name in answer.plots)
        return (
            f'<section class="question">\n<div><h2>{escape(answer.question)}</h2>{told}'
            f"{f'<table>{rows}</table>' if rows else ''}{refused}{self._stretches(answer)}</div>\n"
            f"<div>{figures}</div>\n</section>"
        )

    def _stretches(self, answer: Answer) -> str:
        """Chords and sections one by one, folded away."""
        found = []
        for one in answer.stretches:
            rows = "".join(
                f"<tr><th>{clock(span.start, fine=True)}–{clock(span.end, fine=True)}</th>"
                f"<td>{escape(span.label)}</td></tr>"
                for span in one.spans
            )
            title = f"{escape(one.name)}: {self._say(words.ALL_SPANS)}"
            found.append(f"<details><summary>{title}</summary><table>{rows}</table></details>")
        return "".join(found)

    def _settings(self) -> str:
        told = {"versions": self._analysis.versions, "settings": self._analysis.settings}
        text = escape(json.dumps(told, ensure_ascii=False, indent=1))
        return f"<details><summary>{self._say(words.FILE)}</summary><pre>{text}</pre></details>"


def _answer(one: Fact) -> str:
    told = f'<p class="answer"><small>{escape(one.name)}</small> {_lines(one)}</p>'
    return told + (f'<p class="sure">{escape(one.sure)}</p>' if one.sure else "")


def _lines(one: Fact) -> str:
    return "<br>".join(map(escape, one.lines))


def _refused(one: Refused) -> str:
    why = f": {escape(one.why)}" if one.why else ""
    return f'<p class="refused"><b>{escape(" · ".join(one.names))}</b>{why}</p>'

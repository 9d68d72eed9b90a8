"""Plots and pages of analyses: whole, self-contained, in both languages."""

from __future__ import annotations

import struct
from collections import Counter
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from pansori import reports
from pansori.domain.errors import Language, Text
from pansori.domain.tasks import Kind, Part
from pansori.domain.units import Cents, SampleRateHz
from pansori.engines.analyze.base import NOT_MEASURED
from pansori.engines.analyze.debug import GROUPS
from pansori.reports import Shown, Sight
from pansori.reports.canvas import steps
from pansori.reports.plots import chord_name
from pansori.reports.words import KINDS, NAMES, QUESTIONS, UNITS
from support.analyses import NO_STEREO, known

SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES: tuple[Language, ...] = ("en", "ko")
KEY = {"en": "F# minor", "ko": "올림바단조"}
MEASURES = {f"{part}.{name}" for part in Part for name in GROUPS[part].model_fields}


class Page(HTMLParser):
    """What a page is made of. `texts`: by the classes of what they stand in."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.addresses: list[str] = []
        self.texts: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def written(language: Language) -> str:
    return reports.page([reports.article(known(), language)], language, title=known().name)


def test_every_measure_has_a_name_and_one_place_in_the_report() -> None:
    assert set(NAMES) == MEASURES
    placed = Counter(name for question in QUESTIONS for name in (*question.answers, *question.measures))
    assert placed == Counter(MEASURES)
    assert set(KINDS) == set(Kind)


def test_every_plot_has_one_place_in_the_report() -> None:
    asked = [name for question in QUESTIONS for name in question.plots]
    assert sorted(asked) == sorted(plot.name for plot in reports.plots(known(), "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_plots_are_whole_documents(language: Language) -> None:
    for plot in reports.plots(known(), language):
        root = ElementTree.fromstring(plot.svg(language))
        assert root.tag == f"{SVG}svg"
        assert root.attrib["aria-label"] == plot.title.in_language(language)
        assert root.findtext(f"{SVG}title") == root.attrib["aria-label"]
        assert all(len(path.attrib["d"]) > 3 for path in root.iter(f"{SVG}path"))


def test_plots_show_what_was_found() -> None:
    drawn = {plot.name: plot.body for plot in reports.plots(known(), "en")}
    assert "B &quot;again&quot;" in drawn["waveform"]
    assert ">Am<" in drawn["chroma"]
    assert ">G7<" in drawn["chroma"]
    assert drawn["spectrogram"].count('class="formant"') == 2
    assert drawn["pitch"].count("M") > 4  # the voice pauses
    assert {"LUFS", "0.4 s"} <= {text for text in ("LUFS", "0.4 s") if f">{text}<" in drawn["loudness"]}


def test_plots_become_pixels() -> None:
    [plot] = [one for one in reports.plots(known(), "en") if one.name == "loudness"]
    picture = reports.png(plot, "en")
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (1920, round(plot.height) * 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_asks_nothing_of_any_other_place(language: Language) -> None:
    page = Page(written(language))
    assert not set(page.tags) & {"script", "link", "iframe", "object", "embed", "form", "img"}
    assert all(address.startswith("data:image/png") for address in page.addresses)
    assert page.tags["svg"] == len(reports.plots(known(), language))
    assert "default-src 'none'" in written(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_says_what_was_found_and_why_the_rest_was_not(language: Language) -> None:
    text = " ".join(Page(written(language)).texts)
    for said in (
        "a <b> & c.wav",
        "120.0 BPM",
        "60.0 BPM",
        KEY[language],
        "−16.5 LUFS",
        "150.2 Hz",
        "F1 512 Hz",
        "12,345",
    ):
        assert said in text
    for reason in (NO_STEREO, NOT_MEASURED):
        assert (reason.reason_ko if language == "ko" else reason.reason) in text
        assert (reason.reason if language == "ko" else reason.reason_ko) not in text
    for question in QUESTIONS[:-1]:  # nothing was asked of the fingerprint
        assert question.text.in_language(language) in text
    assert QUESTIONS[-1].text.in_language(language) not in text


def test_what_could_not_be_analysed_is_told_in_its_place() -> None:
    source = reports.page([reports.sorry("<x>", Text("It is no sound.", "소리가 아니에요."), "ko")], "ko", title="y")
    assert "&lt;x&gt;" in source
    assert "소리가 아니에요." in source


@pytest.mark.parametrize(
    "samples", [np.zeros((1, 1)), np.zeros((2, 8000)), np.full((8, 500), 16.0)], ids=["one", "silence", "loud"]
)
def test_strange_sounds_are_shown(samples: np.ndarray) -> None:
    sight = Sight.of(samples.astype(np.float32), SampleRateHz(8000), tuning=Cents(0.0))
    bare = known().analysis.model_copy(update={part.value: None for part in Part})
    article = reports.article(Shown("x", bare, sight), "en")
    assert article.count("<svg") == 1


def test_chords_are_written_as_musicians_do() -> None:
    names = {"C:maj": "C", "A:min": "Am", "G:7": "G7", "F:maj7": "Fmaj7", "E:min7": "Em7", "Bb:dim": "Bbdim"}
    assert {label: chord_name(label) for label in names} == names


def test_scales_have_round_values() -> None:
    assert steps(0.0, 8000.0) == [0, 2000, 4000, 6000, 8000]
    assert steps(-31.0, -12.0) == [-30, -25, -20, -15]


def test_units_that_are_translated_are_units() -> None:
    used = {str(field.json_schema_extra["unit"]) for part in Part for field in GROUPS[part].model_fields.values()}  # type: ignore[index]
    assert set(UNITS) <= used

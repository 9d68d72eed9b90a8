"""One analysis: how far it is; then what was found, question by question, heard and corrected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fastapi import Request
from fastapi.responses import Response
from markupsafe import Markup
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from pansori.api.analyses import PICTURES, find_analysis, save_corrections
from pansori.api.delivery import content_path
from pansori.api.deps import OwnerDep, ServerDep
from pansori.api.routing import Router
from pansori.domain.errors import InvalidRequest
from pansori.domain.exports import Export
from pansori.domain.jobs import JobState, JsonDict
from pansori.engines.analyze.measure import Group
from pansori.engines.analyze.said import Corrections
from pansori.engines.analyze.schema import Analysis
from pansori.lexicon.codecs import codec_name
from pansori.lexicon.music import NOTE_NAMES
from pansori.library import AnalysisView, analyses
from pansori.web.cards import card_of
from pansori.web.forms import FIELDS_AT_MOST, wrong_with
from pansori.web.frame import Page, PageDep
from pansori.web.pages.analyse_said import METRES, said_of, shown_of
from pansori.web.pages.analyse_words import WORDS
from pansori.web.words import FRAME, Told
from pansori.workflows import Measured, corrections_of, measured

if TYPE_CHECKING:
    from pansori.reports import Answer, Plot

router = Router(include_in_schema=False)

MEASURING: Final = "analyze"  #: the step
DC_FROM: Final = 0.01  #: of full scale; what is less nobody needs to know at once
HUM_FROM: Final = -60.0  #: dBFS; what is less nobody hears
MOST_CLIPPED: Final = 10  #: samples; fewer nobody hears
LISTED: Final = 200  #: chords of the page; an hour has thousands
OFFERED: Final = (
    Export.JSON,
    Export.CSV,
    Export.HTML,
    Export.PNG,
    Export.SVG,
    Export.JAMS,
    Export.TEXTGRID,
    Export.AUDACITY,
    Export.SONIC,
)


@dataclass(frozen=True)
class Drawn:
    """A plot of the page, with what scripts need to read values from it."""

    name: str
    title: str
    svg: Markup
    height: float
    lowest: float
    highest: float
    top: float
    inner: float
    logarithmic: bool
    unit: str


@router.get("/app/analyses/{analysis_id}")
def show(analysis_id: str, page: PageDep, owner: OwnerDep) -> Response:
    return _page(page, find_analysis(page.server.services, owner, analysis_id))


@router.post("/app/analyses/{analysis_id}")
async def correct(analysis_id: str, page: PageDep, request: Request, server: ServerDep, owner: OwnerDep) -> Response:
    """Change what is said against it by what one form says; and show what follows, or why it cannot be."""
    view = await run_in_threadpool(find_analysis, server.services, owner, analysis_id)
    form = await request.form(max_files=0, max_fields=FIELDS_AT_MOST)
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_correct, page, view, given)


# -- pieces ------------


def _page(page: Page, view: AnalysisView, wrong: str = "", status: int = 200) -> Response:
    if view.job.state is not JobState.SUCCEEDED:
        told = Told(page.language, FRAME)
        with page.server.services.database.read() as session:
            now = page.server.services.database.now(session)
        return page.render("analyse_job.html", WORDS, card=card_of(view.job, told, now, title=view.name), view=view)
    if view.measures is None:
        return page.render("analyse_foreign.html", WORDS, view=view)
    found = measured(page.server.services, view)
    return page.render("analyse_result.html", WORDS, status=status, wrong=wrong, **_result(page, view, found))


def _result(page: Page, view: AnalysisView, found: Measured) -> JsonDict:
    from pansori.reports import Shown, Sight, answers, plots  # what draws is loaded when the first analysis is drawn

    now, language = found.now, page.language
    told = Told(language, WORDS, FRAME)
    song = None
    if view.recording is not None:
        with page.server.services.database.read() as session:
            song = analyses.song_of(session, view.recording.id, view.job.owner)
    pictures = {name: f"/v1/analyses/{view.id}/pictures/{name}" for name in PICTURES} if view.recording else {}
    shown = Shown(view.name, now, Sight.told(now), pictures)
    drawn = {plot.name: _drawn(plot, page) for plot in plots(shown, language)}
    before = {one.key: one for one in answers(found.original, language)}
    return {
        "view": view,
        "found": found,
        "analysis": now,
        "listed": LISTED,
        "questions": [(one, before[one.key]) for one in answers(now, language)],
        "was": _was(found, page),
        "drawn": drawn,
        "facts": tuple(_facts(now, told)),
        "warnings": tuple(_warnings(now, told)),
        "song": song,
        "cached": any(step.reused for step in view.job.steps if step.name == MEASURING),
        "source": content_path(view.recording.id) if view.recording is not None else "",
        "sections": (now.music.sections.value or ()) if now.music is not None else (),
        "musical": found.original.music is not None and any(_values(found.original.music)),
        "said": corrections_of(view),
        "said_words": shown_of(corrections_of(view), told),
        "offered": [(one.value, told(f"format_{one.value}")) for one in OFFERED],
        "keys": [(f"{note} {mode}", told.key(f"{note} {mode}")) for note in NOTE_NAMES for mode in ("major", "minor")],
        "metres": METRES,
        "settings": {"versions": now.versions, "settings": now.settings},
    }


def _drawn(plot: Plot, page: Page) -> Drawn:
    area = plot.area
    return Drawn(
        name=plot.name,
        title=plot.title.in_language(page.language),
        svg=Markup(plot.svg(page.language, alone=False)),  # noqa: S704 - our own, with every text escaped
        height=plot.height,
        lowest=area.lowest,
        highest=area.highest,
        top=area.y(area.highest),
        inner=area.height,
        logarithmic=area.logarithmic,
        unit=plot.unit,
    )


def _was(found: Measured, page: Page) -> dict[str, str]:
    """What was measured where that is shown otherwise now, by `group.field`."""
    if not found.is_corrected:
        return {}
    from pansori.reports import answers

    now = {fact.field: fact.lines for one in answers(found.now, page.language) for fact in _all_facts(one)}
    before = {fact.field: fact.lines for one in answers(found.original, page.language) for fact in _all_facts(one)}
    return {field: ", ".join(lines) for field, lines in before.items() if lines and lines != now.get(field)}


def _values(group: Group) -> Iterator[bool]:
    """Of each measure, whether it has a value."""
    for name in type(group).model_fields:
        yield getattr(group, name).value is not None


def _all_facts(one: Answer) -> Iterator[Any]:
    yield from one.answers
    yield from one.facts


def _facts(analysis: Analysis, told: Told) -> Iterator[str]:
    """What it is, for the line below the name."""
    from pansori.reports import KINDS, sure_of

    kind, file = analysis.kind, analysis.format
    if kind.value is not None:
        name, sure = KINDS[kind.value].in_language(told.language), sure_of(kind, told.language)
        yield told("sure_of_kind", kind=name, sure=sure) if sure else name
    yield f"{file.sample_rate:,} Hz"
    yield told("channels", n=file.channels)
    yield codec_name(file.codec)


def _warnings(analysis: Analysis, told: Told) -> Iterator[str]:
    """What one should know before believing anything."""
    if analysis.format.damaged:
        yield told("damaged")
    yield from (notice.in_language(told.language) for notice in analysis.notices)
    signal = analysis.signal
    if signal is None:
        return
    if (clipped := signal.clipped_samples.value or 0) >= MOST_CLIPPED:
        yield told("clipping", n=clipped)
    if abs(offset := signal.dc_offset.value or 0.0) >= DC_FROM:
        yield told("dc", value=f"{offset:.1%}")
    if signal.hum_frequency.value and (signal.hum_level.value or -999.0) >= HUM_FROM:
        yield told("hum", value=f"{signal.hum_frequency.value:.0f} Hz")


def _correct(page: Page, view: AnalysisView, given: dict[str, str]) -> Response:
    try:
        said = said_of(corrections_of(view), given)
        save_corrections(page.server.services, view, said)
    except (ValidationError, InvalidRequest) as error:
        wrong, status = wrong_with(error, page.language, Corrections.model_fields)
        why = " ".join(dict.fromkeys(wrong.values()))
        return _page(page, view, Told(page.language, WORDS)("not_corrected", why=why), status)
    return page.go(f"/app/analyses/{view.id}#{given.get('at', 'answers')}")

"""Recordings to be analysed: dropped, chosen, recorded; and what was analysed before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from pansori.api.analyses import begin_upload, delete_analyses
from pansori.api.deps import GuestOwnerDep, OwnerDep, ServerDep, parse_id
from pansori.api.routing import Router
from pansori.api.sse import EventStream
from pansori.domain.errors import NotFound, PansoriError
from pansori.domain.jobs import JobState
from pansori.library import AnalysisView, analyses, tracks
from pansori.web.cards import JobCard, card_of
from pansori.web.forms import wrong_with
from pansori.web.frame import Page, PageDep
from pansori.web.measures import When, size, when
from pansori.web.pages.analyse_words import WORDS
from pansori.web.streams import Look, stream
from pansori.web.told import clock
from pansori.web.words import FRAME, Told
from pansori.workflows import submit_analysis

router = Router(include_in_schema=False)

SHOWN: Final = 30  #: analyses of one page
ORIGIN: Final = "web"


@dataclass(frozen=True)
class Line:
    """An analysis of the list. `card`: of one that is not done."""

    view: AnalysisView
    card: JobCard | None
    facts: tuple[str, ...]
    when: When

    @property
    def done(self) -> bool:
        return self.view.job.state is JobState.SUCCEEDED


@router.get("/app/analyse")
def show(page: PageDep, cursor: str | None = None) -> Response:
    return _page(page, cursor)


@router.post("/app/analyse")
async def upload(page: PageDep, request: Request, server: ServerDep, owner: GuestOwnerDep) -> Response:
    """Begin the analysis of what was sent, and show how it comes along. Whoever asks for JSON is told its id."""
    wants_json = request.headers.get("accept", "").startswith("application/json")
    try:
        job = await begin_upload(request, server, owner)
    except PansoriError as error:
        if wants_json:
            raise
        wrong, status = wrong_with(error, page.language, ("file",))
        why = next(iter(wrong.values())).removeprefix("file: ")
        return await run_in_threadpool(_page, page, None, why, status)
    return JSONResponse({"id": str(job.id)}, 202) if wants_json else page.go(f"/app/analyses/{job.id}")


@router.get("/app/analyse/live", response_class=EventStream)
async def live(page: PageDep, owner: OwnerDep) -> Response:
    """The list, kept true."""

    def look() -> Look:
        return Look({"analyses": page.fragment("_analyses.html", WORDS, **_listed(page, None))})

    return stream(page, look)


@router.post("/app/analyses/{analysis_id}/delete")
def delete(analysis_id: str, page: PageDep, server: ServerDep, owner: OwnerDep) -> Response:
    key = parse_id(analysis_id, analyses.NO_SUCH_ANALYSIS)
    if not delete_analyses(server.services, owner, [key]):
        raise NotFound(analyses.NO_SUCH_ANALYSIS)
    return page.go("/app/analyse")


@router.post("/app/tracks/{track_id}/analyse")
def analyse_song(track_id: str, page: PageDep, server: ServerDep, owner: OwnerDep) -> Response:
    """The analysis of a song's own file: the one that there is, or a new one."""
    services = server.services
    with services.database.read() as session:
        track = tracks.get(session, parse_id(track_id, tracks.NO_SUCH_TRACK), owner)
        known = analyses.of_recording(session, track.asset_id, owner)
        source = services.assets.info(session, track.asset_id)
    if known is None:
        known = submit_analysis(services, source, {}, owner=owner, origin=ORIGIN).id
    return page.go(f"/app/analyses/{known}")


# -- pieces ------------


def _page(page: Page, cursor: str | None, wrong: str = "", status: int = 200) -> Response:
    most = size(page.server.services.settings.max_upload)
    return page.render("analyse.html", WORDS, status=status, wrong=wrong, most=most, **_listed(page, cursor))


def _listed(page: Page, cursor: str | None) -> dict[str, Any]:
    database = page.server.services.database
    if page.owner is None:
        return {"lines": [], "more": "", "older": False}
    with database.read() as session:
        found = analyses.find(session, page.owner, cursor=cursor, limit=SHOWN)
        now = database.now(session)
    more = f"/app/analyse?{urlencode({'cursor': found.next_cursor})}" if found.next_cursor else ""
    return {"lines": [_line(one, page, now) for one in found.items], "more": more, "older": cursor is not None}


def _line(view: AnalysisView, page: Page, now: datetime) -> Line:
    told, job = Told(page.language, FRAME), view.job
    card = None
    if job.state is not JobState.SUCCEEDED:
        card = card_of(job, told, now, title=view.name)
    made = when(job.finished_at or job.created_at, now, page.language)
    return Line(view, card, tuple(_facts(view, told)), made)


def _facts(view: AnalysisView, told: Told) -> Iterator[str]:
    """What it is, in a line."""
    from pansori.reports import KINDS  # with all that draws, which waits until there is something to draw

    brief = view.brief
    if brief.kind is not None:
        yield KINDS[brief.kind].in_language(told.language)
    if brief.duration is not None:
        yield clock(brief.duration)
    if brief.tempo is not None:
        yield f"{brief.tempo:.1f} BPM"
    if brief.key is not None:
        yield told.key(brief.key)
    if brief.pitch is not None:
        yield f"{brief.pitch:.0f} Hz"
    if brief.loudness is not None:
        yield f"{brief.loudness:.1f} LUFS".replace("-", "−")

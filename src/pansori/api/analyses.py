"""`/v1/analyses`: recordings and what was measured of them; corrected by people, and taken to other programs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pansori.api.analyses_shown import (
    AnalysesShown,
    AnalysisShown,
    AnalysisWhole,
    Chosen,
    Curves,
    DeletedAnalyses,
    Peaks,
    told,
    told_in_short,
)
from pansori.api.delivery import ISOLATED, content_disposition
from pansori.api.deps import LanguageDep, OwnerDep, Server, ServerDep, ServicesDep, parse_id
from pansori.api.routing import Router
from pansori.api.uploads import file_body, receive_file
from pansori.domain.errors import Language, NotFound, Text
from pansori.domain.exports import SEEN, Export
from pansori.domain.jobs import JobView, JsonDict
from pansori.engines.analyze.said import Corrections
from pansori.library import AnalysisView, analyses
from pansori.media import clean_name
from pansori.workflows import (
    Measured,
    Services,
    corrections_of,
    measured,
    submit_received,
    try_corrections,
)

if TYPE_CHECKING:
    from pansori.reports import Sight

router = Router(prefix="/v1/analyses", tags=["analyses"])
ORIGIN = "v1"
MISSING = analyses.NO_SUCH_ANALYSIS
PICTURES = ("chroma", "spectrogram")
NO_SUCH_PICTURE = Text("There is no such picture.", "그런 그림은 없어요.")
PICTURE: dict[int | str, JsonDict] = {
    200: {"description": "The picture.", "content": {"image/png": {"schema": {"type": "string"}}}}
}
FILE: dict[int | str, JsonDict] = {
    200: {"description": "The file.", "content": {"application/octet-stream": {"schema": {"type": "string"}}}}
}


Corrected = Annotated[bool, Query(description="With what people said against it. `false`: as it was measured.")]


@router.get("", response_model=AnalysesShown)
def list_analyses(
    services: ServicesDep,
    owner: OwnerDep,
    language: LanguageDep,
    limit: Annotated[int, Query(ge=1, le=analyses.LARGEST_PAGE)] = analyses.PAGE,
    cursor: str | None = None,
) -> JsonDict:
    """Analyses in whatever state, newest first, each in short."""
    with services.database.read() as session:
        page = analyses.find(session, owner, cursor=cursor, limit=limit)
    return {"analyses": [told_in_short(one, language) for one in page.items], "next_cursor": page.next_cursor}


@router.post(
    "",
    status_code=202,
    response_model=AnalysisShown,
    openapi_extra=file_body(),
    responses={202: {"description": "It has begun; `Location` says where it is."}},
)
async def begin(
    request: Request, server: ServerDep, owner: OwnerDep, language: LanguageDep, response: Response
) -> JsonDict:
    """Analyse a recording, sent as the field `file` of `multipart/form-data`."""
    job = await begin_upload(request, server, owner)
    response.headers["Location"] = f"/v1/analyses/{job.id}"
    view = await run_in_threadpool(find_analysis, server.services, owner, str(job.id))
    return told(view, language)


@router.post("/delete", response_model=DeletedAnalyses)
def delete_several(body: Chosen, services: ServicesDep, owner: OwnerDep) -> DeletedAnalyses:
    """Delete analyses with their files. A recording goes too, unless something else of yours has it."""
    return DeletedAnalyses(deleted=delete_analyses(services, owner, body.ids))


@router.get("/{analysis_id}", response_model=AnalysisWhole)
def analysis(
    analysis_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep, corrected: Corrected = True
) -> JsonDict:
    """Everything that was measured, and what people said against it."""
    view = find_analysis(services, owner, analysis_id)
    found = measured(services, view) if view.measures is not None else None
    return {**told(view, language), "analysis": found and (found.now if corrected else found.original)}


@router.delete("/{analysis_id}", status_code=204)
def delete_analysis(analysis_id: str, services: ServicesDep, owner: OwnerDep) -> None:
    """Delete an analysis with its files; cancel one that is not finished."""
    delete_analyses(services, owner, [find_analysis(services, owner, analysis_id).id])


@router.get("/{analysis_id}/export", response_class=Response, responses=FILE)
async def export_analysis(
    analysis_id: str,
    server: ServerDep,
    owner: OwnerDep,
    language: LanguageDep,
    wanted: Annotated[Export, Query(alias="format", description="For which program.")] = Export.JSON,
    part: Annotated[
        str,
        Query(
            max_length=40,
            description="Of `svg` and `png` the plot, of `audacity` and `sonic` the layer. Empty: all, as a ZIP.",
        ),
    ] = "",
    corrected: Corrected = True,
) -> Response:
    """The analysis as a file for other programs: JSON, CSV, JAMS, Praat's TextGrid, labels for Audacity, layers for
    Sonic Visualiser, plots as SVG or PNG, or one page of HTML."""
    view = await run_in_threadpool(find_analysis, server.services, owner, analysis_id)
    return await exported(server, view, wanted, language, part=part, corrected=corrected)


@router.get("/{analysis_id}/curves", response_model=Curves)
def curves(
    analysis_id: str,
    services: ServicesDep,
    owner: OwnerDep,
    start: Annotated[float, Query(ge=0, description="Seconds; what lies before is left out.")] = 0.0,
    end: Annotated[float | None, Query(ge=0, description="Seconds; default: to the end.")] = None,
    points: Annotated[int, Query(ge=2, le=20_000, description="Of a curve, at most.")] = 2_000,
) -> JsonDict:
    """What is drawn over time, no finer than a screen shows it: beats, bars, chords, sections, pitch, loudness. A part
    of the time has more points."""
    from pansori.reports import curves_of  # what draws is loaded when the first analysis is drawn

    found = measured(services, find_analysis(services, owner, analysis_id)).now
    return curves_of(found, start=start, end=math.inf if end is None else end, most=points)


@router.get("/{analysis_id}/peaks", response_model=Peaks)
def peaks(analysis_id: str, services: ServicesDep, owner: OwnerDep) -> JsonDict:
    """The waveform: the largest magnitudes in equal parts of the time."""
    from pansori.reports import peaks_of

    return {"channels": [peaks_of(measured(services, find_analysis(services, owner, analysis_id)).original)]}


@router.get("/{analysis_id}/pictures/{picture}", response_class=Response, responses=PICTURE)
async def picture(analysis_id: str, picture: str, server: ServerDep, owner: OwnerDep) -> Response:
    """The bare picture of `chroma` or `spectrogram`, without scales, as PNG."""
    view = await run_in_threadpool(find_analysis, server.services, owner, analysis_id)
    if picture not in PICTURES:
        raise NotFound(NO_SUCH_PICTURE)
    found = await run_in_threadpool(measured, server.services, view)
    sight = await server.sights.of(server, view, found.original)
    content = await run_in_threadpool(_painted, picture, sight)
    return Response(content, media_type="image/png", headers={**ISOLATED, "Cache-Control": "private, max-age=3600"})


def _painted(picture: str, sight: Sight) -> bytes:
    from pansori.reports import chroma_of, pixels, spectrum_of

    return pixels(*(chroma_of if picture == "chroma" else spectrum_of)(sight))


@router.get("/{analysis_id}/corrections", response_model=Corrections)
def corrections(analysis_id: str, services: ServicesDep, owner: OwnerDep) -> Corrections:
    """What people said against it."""
    return corrections_of(find_analysis(services, owner, analysis_id))


@router.put("/{analysis_id}/corrections", response_model=AnalysisWhole)
def correct(
    analysis_id: str, body: Corrections, services: ServicesDep, owner: OwnerDep, language: LanguageDep
) -> JsonDict:
    """Say what is wrong about it, in place of what was said before. The measures that hang on it follow; what was
    measured is kept. Gives the corrected analysis."""
    view, found = save_corrections(services, find_analysis(services, owner, analysis_id), body)
    return {**told(view, language), "analysis": found.now}


@router.delete("/{analysis_id}/corrections", response_model=AnalysisWhole)
def uncorrect(analysis_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep) -> JsonDict:
    """Take back whatever was said against it. Gives the analysis as it was measured."""
    view, found = save_corrections(services, find_analysis(services, owner, analysis_id), Corrections())
    return {**told(view, language), "analysis": found.now}


# -- what the pages do too ------------


async def begin_upload(request: Request, server: Server, owner: UUID) -> JobView:
    """Keep the file of a form and begin its analysis. Raises what `receive_file` and `submit_received` raise."""
    source = await receive_file(request, server, owner)
    return await run_in_threadpool(submit_received, server.services, source, {}, owner=owner, origin=ORIGIN)


def find_analysis(services: Services, owner: UUID, analysis_id: str) -> AnalysisView:
    """Raises `NotFound`."""
    with services.database.read() as session:
        return analyses.get(session, parse_id(analysis_id, MISSING), owner)


def save_corrections(services: Services, view: AnalysisView, said: Corrections) -> tuple[AnalysisView, Measured]:
    """Keep them, unless they make no sense. Raises what `try_corrections` and `analyses.correct` raise."""
    found = try_corrections(services, view, said)
    kept = None if said.empty else said.model_dump(mode="json", exclude_defaults=True)
    with services.database.write() as session:
        return analyses.correct(session, view.id, view.job.owner, kept), found


def delete_analyses(services: Services, owner: UUID, ids: list[UUID]) -> list[UUID]:
    """Returns those that were the owner's."""
    with services.database.write() as session:
        gone = analyses.delete(session, services.assets, ids, owner)
    services.kernel.wake()
    services.assets.collect()
    return gone


async def exported(
    server: Server, view: AnalysisView, wanted: Export, language: Language, *, part: str = "", corrected: bool = True
) -> Response:
    """As a file to be saved. Raises what `measured`, `Sights.of` and `export` raise."""
    from pansori import reports

    found = await run_in_threadpool(measured, server.services, view)
    shown = found.now if corrected else found.original
    sight = await server.sights.of(server, view, shown) if wanted in SEEN else reports.Sight.told(shown)
    reported = reports.Shown(view.name, shown, sight)
    file: reports.File = await run_in_threadpool(reports.export, reported, wanted, language, part=part)
    headers = {
        **ISOLATED,
        "Content-Disposition": content_disposition(clean_name(file.name), "attachment"),
        "Cache-Control": "private, no-cache",
    }
    return Response(file.content, headers=headers, media_type=file.media_type)

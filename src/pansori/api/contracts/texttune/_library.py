"""`/v1/library`, `/v1/tracks`, `/v1/stream`, `/v1/download`: what one has made, as lists, facts and bytes."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pansori.api.contracts.texttune._generations import fails
from pansori.api.contracts.texttune._views import SONG, Deleted, Library, TrackShown, track_of
from pansori.api.delivery import deliver, deliver_once
from pansori.api.deps import (
    CONVERSIONS_IN_LINE,
    OTHERS_IN_LINE,
    GuestOwnerDep,
    OwnerDep,
    ServerDep,
    ServicesDep,
    parse_id,
)
from pansori.api.problems import detail, route_with
from pansori.api.reading import ReadTrackDep
from pansori.api.routing import Router
from pansori.domain.errors import NotFound, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.media import AudioFormat
from pansori.library import TrackView, tracks
from pansori.media import AssetInfo, clean_name
from pansori.workflows import Passing, Services, convert

MISSING = tracks.NO_SUCH_TRACK
NO_SUCH_ROLE = Text("Nothing of that kind was made with this track.", "이 트랙에는 그런 파일이 없어요.")
LRC = "lrc"  #: the role, and the ending by which players know timed lyrics
SOUND: dict[int | str, JsonDict] = {
    200: {"description": "The sound.", "content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}}}
}

router = Router(prefix="/v1", tags=["texttune"], route_class=route_with(detail))


@router.get("/library", response_model=Library)
def library(
    services: ServicesDep,
    owner: GuestOwnerDep,
    q: Annotated[str, Query(max_length=200, description="Words that have to be in title, prompts or lyrics.")] = "",
    sort: Annotated[
        str, Query(description=f"One of {', '.join(tracks.ORDERS)}; a minus turns the order round.")
    ] = "-created_at",
    favourites: Annotated[bool, Query(description="Only those marked as favourites.")] = False,
    limit: Annotated[int, Query(ge=1, le=tracks.LARGEST_PAGE)] = tracks.PAGE,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
) -> Library:
    """The tracks one has made, newest first."""
    with services.database.read() as session:
        page = tracks.find(session, owner, search=q, sort=sort, cursor=cursor, limit=limit, favourites=favourites)
    return Library(items=[track_of(track) for track in page.items], next=page.next_cursor, total=page.total)


@router.delete("/library/{track_id}", response_model=Deleted, responses=fails(404))
def delete_track(track_id: str, services: ServicesDep, owner: OwnerDep) -> Deleted:
    """Delete a track with its files. A generation that is still being made is cancelled by its own id."""
    deleted = delete_tracks(services, owner, [parse_id(track_id, MISSING)])
    if not deleted:
        raise NotFound(MISSING)
    return Deleted(deleted=deleted)


@router.get("/tracks/{track_id}", response_model=TrackShown, responses=fails(403, 404, 410))
def track(track: ReadTrackDep) -> TrackShown:
    """Everything known of a track: prompt, expanded prompt, lyrics, parameters, engine, seed, licence."""
    return track_of(track.view, track.query)


@router.get("/stream/{track_id}", response_class=Response, responses={**SOUND, **fails(403, 404, 410)})
def stream(track: ReadTrackDep, request: Request, services: ServicesDep) -> Response:
    """The sound, to be played. Ranges are understood."""
    return deliver(request, services.assets, _file(services, track.view.asset_id), how="inline")


@router.get("/download/{track_id}", response_class=Response, responses={**SOUND, **fails(403, 404, 410)})
async def download(
    track: ReadTrackDep,
    request: Request,
    server: ServerDep,
    role: Annotated[
        str, Query(max_length=64, description="What of it: `song`, `master`, `stem.vocal`, `midi`, `lrc`, `recipe` …")
    ] = SONG,
    audio_format: Annotated[
        AudioFormat | None,
        Query(alias="format", description="The sound in this format. Default: the one that it was made in."),
    ] = None,
) -> Response:
    """The sound as a file to be saved, or by `role` what else was made with it. Another `format` is converted when it
    is asked for first, from the master where there is one."""
    services, asset_id = server.services, track.view.artifacts.get(role)
    if asset_id is None:
        raise _no_such_role(track.view)
    found: AssetInfo | Passing
    if audio_format is None:
        found = info = await run_in_threadpool(_file, services, asset_id)
        ending = _ending(role, info)
    else:
        is_owner = not track.query
        line = CONVERSIONS_IN_LINE if is_owner else OTHERS_IN_LINE
        found = await server.convert(line, convert, services, track.view, role, audio_format, keep=is_owner)
        ending = f".{audio_format.value}"
    name = clean_name(f"{track.view.title}{_part(role)}{ending}")
    if isinstance(found, Passing):
        return deliver_once(request, found.file, found.size, found.media_type, name=name)
    return await run_in_threadpool(deliver, request, services.assets, found, name=name, how="attachment")


def _part(role: str) -> str:
    """What of the song the file is, where its ending does not say so."""
    return "" if role in (SONG, LRC) else f" ({role.removeprefix('stem.')})"


def _ending(role: str, info: AssetInfo) -> str:
    """By the content, which does not tell timed lyrics from other text."""
    return f".{LRC}" if role == LRC else PurePosixPath(info.key).suffix


def _no_such_role(track: TrackView) -> NotFound:
    known = ", ".join(sorted(track.artifacts))
    return NotFound(
        NO_SUCH_ROLE,
        field="role",
        cure=Text(f"There is: {known}.", f"이 트랙에 있는 파일: {known}.") if known else None,
    )


def delete_tracks(services: Services, owner: UUID, ids: list[UUID]) -> list[UUID]:
    """Delete them and their files. Returns those that were the owner's and are gone now."""
    with services.database.write() as session:
        deleted = tracks.delete(session, services.assets, ids, owner)
    services.kernel.wake()
    services.assets.collect()
    return deleted


def _file(services: Services, asset_id: UUID) -> AssetInfo:
    with services.database.read() as session:
        return services.assets.info(session, asset_id)

"""A track: heard, read along, taken apart, made again, given to others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated
from uuid import UUID

from fastapi import Form
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from pansori.api.contracts.texttune import GenerationRequest, begin, delete_tracks
from pansori.api.deps import OwnerDep, Server, ServerDep, parse_id
from pansori.api.library import WEEK, YEAR, share
from pansori.api.reading import signer, thing
from pansori.api.routing import Router
from pansori.api.signing import public_address
from pansori.domain.jobs import JsonDict
from pansori.domain.media import AudioFormat
from pansori.domain.units import Seconds
from pansori.library import TrackView, tracks
from pansori.web.frame import NO_CACHE, Page, PageDep
from pansori.web.measures import When, length, when
from pansori.web.pages.track_words import WORDS
from pansori.web.words import FRAME, Told
from pansori.workflows import is_converted

router = Router(include_in_schema=False)

DAY, MONTH = Seconds(86_400.0), Seconds(30 * 86_400.0)
SPANS = (("day", DAY), ("week", WEEK), ("month", MONTH), ("year", YEAR))
STEM_PEAKS = "peaks.stems"
HIDDEN_ROLES = frozenset({"peaks", STEM_PEAKS})
AS_THE_SPACE_STATES = "as the Space states"  #: the licence of weights that nobody knows but the Space
STEMS = ("stem.vocal", "stem.drums", "stem.bass", "stem.rest")
ORDER = ("lrc", "midi", "score", "master", *STEMS, "stem.vocal.dry", "recipe")  #: in which files are listed
TAKES = 50  #: others with the same words that are looked at
NO_SUCH_TRACK = tracks.NO_SUCH_TRACK
SONG = tracks.SONG


@dataclass(frozen=True)
class FileShown:
    """Something to download. `name`: in `WORDS`, or the role itself."""

    role: str
    path: str
    kind: str
    """Such as `FLAC`."""


@dataclass(frozen=True)
class Download:
    """The song in one format. `is_own`: the one that it was made in."""

    name: str
    path: str
    is_own: bool


@dataclass(frozen=True)
class Take:
    """Another track of the same description. `name` and `differs` say what tells it from the first."""

    view: TrackView
    name: str
    differs: tuple[str, ...]
    other_lyrics: bool
    made: When


@router.get("/app/tracks/{track_id}")
def show(track_id: str, page: PageDep, owner: OwnerDep) -> Response:
    key = parse_id(track_id, NO_SUCH_TRACK)
    with page.server.services.database.read() as session:
        track = tracks.get(session, key, owner)
        others = _takes(session, track, owner)
        numbers = tracks.takes(session, owner, [one.id for one in (track, *others)])
        now = page.server.services.database.now(session)
    link, until = _link(page, track, now)
    told = Told(page.language, WORDS, FRAME)
    shown: JsonDict = {
        "number": numbers.get(key),
        "takes": [_take(one, track, numbers.get(one.id), told, now) for one in others],
        "link": link,
        "until": until,
        "spans": SPANS,
        "made": when(track.created_at, now, page.language),
        "licence": licence_in_words(track.licence, told),
    }
    return page.render("track.html", WORDS, **shown, **facts_of(page, track))


@router.get("/app/tracks/{track_id}/take")
def take(track_id: str, page: PageDep, owner: OwnerDep) -> Response:
    """What another track's page shows of this one while the two are compared: sections, words, stems."""
    with page.server.services.database.read() as session:
        track = tracks.get(session, parse_id(track_id, NO_SUCH_TRACK), owner)
    html = page.fragment("_take.html", WORDS, **facts_of(page, track))
    return HTMLResponse(html, headers={"Cache-Control": NO_CACHE, "Content-Language": page.language})


@router.get("/track.html")
def documented(page: PageDep) -> Response:
    """The document's address: `track.html?id=…`."""
    key = parse_id(page.request.query_params.get("id", ""), NO_SUCH_TRACK)
    return page.go(f"/app/tracks/{key}")


@router.post("/app/tracks/{track_id}")
def change(
    track_id: str,
    page: PageDep,
    owner: OwnerDep,
    title: Annotated[str | None, Form()] = None,
    favourite: Annotated[bool | None, Form()] = None,
) -> Response:
    key = parse_id(track_id, NO_SUCH_TRACK)
    with page.server.services.database.write() as session:
        tracks.get(session, key, owner)
        if title is not None:
            tracks.rename(session, key, owner, title)
        if favourite is not None:
            tracks.set_favourite(session, key, owner, favourite=favourite)
    return page.go(f"/app/tracks/{key}")


@router.post("/app/tracks/{track_id}/again")
def again(track_id: str, page: PageDep, server: ServerDep, owner: OwnerDep) -> Response:
    """The same words and the same lyrics, by chance another song."""
    with server.services.database.read() as session:
        track = tracks.get(session, parse_id(track_id, NO_SUCH_TRACK), owner)
    job = begin(server.services, owner, request_for(track))
    return page.go(f"/app/jobs/{job.id}")


@router.post("/app/tracks/{track_id}/share")
def make_link(
    track_id: str,
    page: PageDep,
    server: ServerDep,
    owner: OwnerDep,
    expires_in: Annotated[float, Form(ge=60, le=YEAR)] = WEEK,
) -> Response:
    with server.services.database.read() as session:
        track = tracks.get(session, parse_id(track_id, NO_SUCH_TRACK), owner)
    made = share(server, page.request, track, Seconds(expires_in))
    return page.go(f"/app/tracks/{track.id}?shared={int(made.expires_at.timestamp())}#shared")


@router.post("/app/tracks/{track_id}/delete")
def delete(track_id: str, page: PageDep, server: ServerDep, owner: OwnerDep) -> Response:
    """A second tab that deletes it too is told that there is none any more, as is whoever has never had it."""
    key = parse_id(track_id, NO_SUCH_TRACK)
    with server.services.database.read() as session:
        tracks.get(session, key, owner)
    delete_tracks(server.services, owner, [key])
    return page.go("/app/library" if page.has("/app/library") else "/")


# -- what the template is given ------------


def facts_of(page: Page, track: TrackView, query: str = "") -> JsonDict:
    """`query`: what addresses need to be read by who holds a signed link."""
    ending = f"?{query}" if query else ""
    return {
        "track": track,
        "known": WORDS,
        "length": length(Seconds(round(track.duration, 1)), page.language),
        "source": f"/v1/stream/{track.id}{ending}",
        "peaks": _address(track, "peaks", query) if "peaks" in track.artifacts else "",
        "stems": [(role, _address(track, role, query)) for role in STEMS if role in track.artifacts],
        "stem_peaks": _address(track, STEM_PEAKS, query) if STEM_PEAKS in track.artifacts else "",
        "downloads": _downloads(track, query),
        "files": _files(page.server, track, query),
        "sections": track.facts.get("sections") or [],
        "lines": track.facts.get("lines") or [],
        "path": f"/app/shared/{track.id}{ending}" if query else f"/app/tracks/{track.id}",
    }


def request_for(track: TrackView) -> GenerationRequest:
    """What asks for another take of it."""
    asked = {name: value for name, value in track.parameters.items() if name in GenerationRequest.model_fields}
    told: JsonDict = {
        **asked,
        "prompt": track.prompt,
        "lyrics": track.lyrics,
        "engine": track.engine,
        "title": track.title,
    }
    if track.expanded_prompt:
        told["expanded_prompt"] = track.expanded_prompt
    told.pop("seed", None)
    return GenerationRequest.model_validate({name: value for name, value in told.items() if value is not None})


def _downloads(track: TrackView, query: str) -> list[Download]:
    """The format that it was made in first."""
    own = next((one for one in AudioFormat if one.media_type == track.media_type), None)
    listed = (*((own,) if own else ()), *(one for one in AudioFormat if one is not own))
    ending = f"&{query}" if query else ""
    return [
        Download(one.value.upper(), f"/v1/download/{track.id}?format={one.value}{ending}", one is own) for one in listed
    ]


def _files(server: Server, track: TrackView, query: str) -> list[FileShown]:
    """What else was made with the song."""
    made = [role for role in track.artifacts if role not in {SONG, *HIDDEN_ROLES} and not is_converted(role)]
    roles = sorted(made, key=lambda role: ORDER.index(role) if role in ORDER else len(ORDER))
    found = []
    with server.services.database.read() as session:
        for role in roles:
            info = server.services.assets.info(session, track.artifacts[role])
            kind = "LRC" if role == "lrc" else PurePosixPath(info.key).suffix.lstrip(".").upper()
            found.append(FileShown(role, _address(track, role, query), kind))
    return found


def _address(track: TrackView, role: str, query: str) -> str:
    return f"/v1/download/{track.id}?role={role}{f'&{query}' if query else ''}"


def _takes(session: Session, track: TrackView, owner: UUID) -> list[TrackView]:
    """Tracks of the same words."""
    found = tracks.find(session, owner, search=track.prompt[:100].rpartition(" ")[0] or track.prompt, limit=TAKES)
    return [one for one in found.items if one.prompt == track.prompt and one.id != track.id]


def _take(one: TrackView, track: TrackView, number: int | None, t: Told, now: datetime) -> Take:
    """`number`: among the tracks of its title, as the library counts them."""
    other_lyrics = one.lyrics.strip() != track.lyrics.strip()
    take = () if number is None else (t("take", n=number),)
    name = " · ".join((*(() if one.title == track.title else (one.title,)), *take))
    made = when(one.created_at, now, t.language)
    return Take(one, name, (*take, *_differences(one, track, t)), other_lyrics, made)


def _differences(one: TrackView, track: TrackView, t: Told) -> Iterator[str]:
    """What is otherwise about `one`, in words; which take it is and its lyrics are told beside."""
    if one.seed is not None:
        yield t("take_seed", seed=str(one.seed))
    if one.engine != track.engine:
        yield t("take_engine", engine=t.engine(one.engine))
    quality = one.parameters.get("quality")
    if quality and quality != track.parameters.get("quality"):
        yield t("take_quality", quality=t(f"quality_{quality}"))
    tempo, key = one.facts.get("tempo"), one.facts.get("key")
    if tempo and tempo != track.facts.get("tempo"):
        yield t("bpm", n=round(tempo))
    if key and key != track.facts.get("key"):
        yield t.key(key)
    if abs(one.duration - track.duration) >= 1:
        yield length(Seconds(round(one.duration)), t.language)


def licence_in_words(licence: str, t: Told) -> str:
    """`code GPL-3.0-or-later, weights MIT`, as tracks keep it, in sentences. Empty where nothing is known."""
    parts = dict(part.partition(" ")[::2] for part in licence.split(", ") if " " in part)
    code, weights = parts.get("code"), parts.get("weights")
    if weights == AS_THE_SPACE_STATES:
        return t("licence_space")
    known = (("licence_code", code), ("licence_weights", weights))
    told = [t(name, **{name.removeprefix("licence_"): value}) for name, value in known if value]
    return " ".join([t("licence_yours"), *told]) if told else licence


def _link(page: Page, track: TrackView, now: datetime) -> tuple[str, When | None]:
    """The link that was just made, told again from the moment at which it ends."""
    moment = page.request.query_params.get("shared", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
        return "", None
    until = datetime.fromtimestamp(int(moment), UTC)
    if not 0 < (until - now).total_seconds() <= YEAR:
        return "", None
    query = signer(page.server).query(thing(track.id), until)
    return public_address(page.server.services.settings, page.request, f"/app/shared/{track.id}?{query}"), when(
        until, now, page.language
    )

"""A track: heard, read along, taken apart, made again, given to others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated
from uuid import UUID

from fastapi import Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from pansori.api.contracts.texttune import GenerationRequest, begin, delete_tracks
from pansori.api.deps import OwnerDep, Server, ServerDep, parse_id
from pansori.api.library import WEEK, YEAR, share
from pansori.api.reading import signer, thing
from pansori.api.routing import Router
from pansori.api.signing import public_address
from pansori.domain.errors import Text
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Seconds
from pansori.library import TrackView, tracks
from pansori.web.frame import Page, PageDep
from pansori.web.measures import When, length, when

router = Router(include_in_schema=False)

WORDS = {
    "play": Text("Play", "재생"),
    "favourite": Text("Favourite", "즐겨찾기"),
    "rename": Text("Rename", "이름 바꾸기"),
    "new_title": Text("Title", "제목"),
    "save": Text("Save", "저장"),
    "sections": Text("Sections", "곡의 흐름"),
    "lyrics": Text("Lyrics", "가사"),
    "instrumental": Text("Nobody sings in this one.", "노래 없이 연주만 있는 곡이에요."),
    "stems": Text("Stems", "악기별로 듣기"),
    "stems_hint": Text("Silence one, or hear one alone.", "하나를 끄거나, 하나만 들어 보세요."),
    "stem.vocal": Text("Voice", "노래"),
    "stem.drums": Text("Drums", "드럼"),
    "stem.bass": Text("Bass", "베이스"),
    "stem.rest": Text("The rest", "나머지"),
    "mute": Text("Silence", "끄기"),
    "solo": Text("Alone", "이것만"),
    "mute_this": Text("Silence: {what}", "끄기: {what}"),
    "solo_this": Text("Alone: {what}", "이것만 듣기: {what}"),
    "again": Text("Again with another seed", "다른 시드로 다시"),
    "edit": Text("Edit the lyrics and sing again", "가사를 고쳐 다시 부르기"),
    "edit_instrumental": Text("Change it and make it again", "고쳐서 다시 만들기"),
    "download": Text("Download", "내려받기"),
    "share": Text("Share", "공유"),
    "share_title": Text("A link for others", "다른 사람에게 들려주기"),
    "share_hint": Text(
        "Whoever has the link may listen and download, without signing in, until it expires.",
        "링크가 있으면 누구나 기한까지 로그인 없이 듣고 내려받을 수 있어요.",
    ),
    "share_for": Text("Valid for", "기한"),
    "day": Text("1 day", "하루"),
    "week": Text("1 week", "1주"),
    "month": Text("30 days", "30일"),
    "year": Text("1 year", "1년"),
    "share_make": Text("Make the link", "링크 만들기"),
    "share_link": Text("Link", "링크"),
    "share_until": Text("Valid until {time}", "{time}까지 쓸 수 있어요"),
    "delete": Text("Delete", "삭제"),
    "delete_title": Text("Delete this song?", "이 곡을 삭제할까요?"),
    "delete_hint": Text(
        "The song, its stems, notes and recipe go, and links to it end. This cannot be undone.",
        "곡과 악기별 트랙, 악보, 레시피가 함께 지워지고 공유 링크도 끊겨요. 되돌릴 수 없어요.",
    ),
    "takes": Text("Other takes", "다른 버전"),
    "takes_hint": Text(
        "Made from the same words. Compare two at the same moment of the song.",
        "같은 설명으로 만든 곡이에요. 같은 지점에서 번갈아 들어 보세요.",
    ),
    "compare": Text("Compare", "비교"),
    "ab": Text("Which take is heard", "지금 듣는 버전"),
    "take_a": Text("A: this one", "A: 이 곡"),
    "take_b": Text("B: {name}", "B: {name}"),
    "how": Text("How it was made", "어떻게 만들었나요"),
    "prompt": Text("Prompt", "설명"),
    "expanded": Text("In more words", "더 자세한 설명"),
    "engine": Text("Engine", "엔진"),
    "seed": Text("Seed", "시드"),
    "quality": Text("Quality", "품질"),
    "quality_draft": Text("Draft", "초안"),
    "quality_standard": Text("Standard", "표준"),
    "quality_high": Text("High", "고품질"),
    "tempo": Text("Tempo", "빠르기"),
    "bpm": Text("{n} BPM", "{n} BPM"),
    "key": Text("Key", "조"),
    "length": Text("Length", "길이"),
    "licence": Text("Licence", "라이선스"),
    "notices": Text("Done otherwise than asked", "요청과 다르게 한 점"),
    "report": Text("What was sent to the Space", "Space에 보낸 값"),
    "made": Text("Made", "만든 때"),
    "song": Text("The song", "완성곡"),
    "master": Text("Master", "마스터"),
    "midi": Text("Notes (MIDI)", "악보 (MIDI)"),
    "score": Text("Score", "악보"),
    "lrc": Text("Timed lyrics (LRC)", "싱크 가사 (LRC)"),
    "recipe": Text("Recipe", "레시피"),
    "shared_by": Text("Somebody shared this song with you.", "누군가 이 곡을 공유했어요."),
    "make_own": Text("Make one of your own", "나도 만들어 보기"),
    "next_up": Text("Play afterwards", "이어서 듣기"),
    "as_template": Text("Save as a template", "템플릿으로 저장"),
}
DAY, MONTH = Seconds(86_400.0), Seconds(30 * 86_400.0)
SPANS = (("day", DAY), ("week", WEEK), ("month", MONTH), ("year", YEAR))
HIDDEN_ROLES = frozenset({"peaks"})
STEMS = ("stem.vocal", "stem.drums", "stem.bass", "stem.rest")
TAKES = 50  #: others with the same words that are looked at
NO_SUCH_TRACK = tracks.NO_SUCH_TRACK


@dataclass(frozen=True)
class FileShown:
    """Something to download. `name`: in `WORDS`, or the role itself."""

    role: str
    path: str
    kind: str
    """Such as `FLAC`."""


@router.get("/app/tracks/{track_id}")
def show(track_id: str, page: PageDep, owner: OwnerDep) -> Response:
    key = parse_id(track_id, NO_SUCH_TRACK)
    with page.server.services.database.read() as session:
        track = tracks.get(session, key, owner)
        takes = _takes(session, track, owner)
        now = page.server.services.database.now(session)
    link, until = _link(page, track, now)
    made = when(track.created_at, now, page.language)
    shown: JsonDict = {"takes": takes, "link": link, "until": until, "spans": SPANS, "made": made}
    return page.render("track.html", WORDS, **shown, **facts_of(page, track))


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


def _files(server: Server, track: TrackView, query: str) -> list[FileShown]:
    """The song first, then what else was made with it."""
    roles = ["song", *(role for role in track.artifacts if role not in {"song", *HIDDEN_ROLES})]
    found = []
    with server.services.database.read() as session:
        for role in roles:
            info = server.services.assets.info(session, track.artifacts[role])
            kind = PurePosixPath(info.key).suffix.lstrip(".").upper()
            found.append(FileShown(role, _address(track, role, query), kind))
    return found


def _address(track: TrackView, role: str, query: str) -> str:
    return f"/v1/download/{track.id}?role={role}{f'&{query}' if query else ''}"


def _takes(session: Session, track: TrackView, owner: UUID) -> list[TrackView]:
    """Tracks of the same words."""
    found = tracks.find(session, owner, search=track.prompt[:100].rpartition(" ")[0] or track.prompt, limit=TAKES)
    return [one for one in found.items if one.prompt == track.prompt and one.id != track.id]


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

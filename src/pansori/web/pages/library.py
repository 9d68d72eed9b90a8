"""The library: what one has made, and what is being made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from fastapi import Form, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from pansori import jobs
from pansori.api.contracts.texttune import delete_tracks
from pansori.api.deps import OwnerDep
from pansori.api.routing import Router
from pansori.api.sse import EventStream
from pansori.domain.errors import NotFound, Text
from pansori.domain.jobs import JobState
from pansori.domain.units import Bytes
from pansori.library import TrackPage, TrackView, tracks
from pansori.web.cards import JobCard, card_of
from pansori.web.frame import Page, PageDep
from pansori.web.measures import When, size, when
from pansori.web.pages.make import EXAMPLES
from pansori.web.streams import Look, stream
from pansori.web.words import FRAME, Told

router = Router(include_in_schema=False)

WORDS = {
    "heading": Text("Library", "보관함"),
    "songs": Text("{n} songs", "{n}곡"),
    "songs.one": Text("{n} song", "{n}곡"),
    "found": Text("{n} songs found", "{n}곡을 찾았어요"),
    "found.one": Text("{n} song found", "{n}곡을 찾았어요"),
    "search": Text("Search", "검색"),
    "search_placeholder": Text("Title, words, lyrics", "제목, 설명, 가사"),
    "sort": Text("Sort by", "정렬"),
    "sort_-created_at": Text("Newest first", "최신순"),
    "sort_created_at": Text("Oldest first", "오래된 순"),
    "sort_title": Text("Title, A to Z", "제목 가나다순"),
    "sort_-title": Text("Title, Z to A", "제목 가나다 역순"),
    "sort_duration": Text("Shortest first", "짧은 순"),
    "sort_-duration": Text("Longest first", "긴 순"),
    "only_favourites": Text("Favourites", "즐겨찾기"),
    "being_made": Text("Being made", "만드는 중"),
    "being_made_more": Text("{n} more in the queue", "대기열에 {n}곡 더 있어요"),
    "column_title": Text("Title", "제목"),
    "column_style": Text("Style", "장르"),
    "column_length": Text("Length", "길이"),
    "column_date": Text("Made", "만든 때"),
    "column_state": Text("State", "상태"),
    "ready": Text("Ready", "완성"),
    "play_track": Text("Play {title}", "{title} 재생"),
    "choose": Text("Choose {title}", "{title} 선택"),
    "choose_all": Text("Choose all that are shown", "보이는 곡 모두 선택"),
    "chosen": Text("{n} chosen", "{n}곡 선택함"),
    "with_chosen": Text("With those chosen", "고른 곡을"),
    "unchoose": Text("Choose none", "선택 해제"),
    "favourite": Text("Favourite: {title}", "즐겨찾기: {title}"),
    "add_favourites": Text("Add to favourites", "즐겨찾기에 추가"),
    "remove_favourites": Text("Remove from favourites", "즐겨찾기에서 빼기"),
    "delete": Text("Delete", "삭제"),
    "delete_title": Text("Delete {n} songs?", "{n}곡을 지울까요?"),
    "delete_title.one": Text("Delete this song?", "이 곡을 지울까요?"),
    "delete_what": Text(
        "The sound, the stems, the notes and the lyrics of these go. This cannot be undone, and links that were shared "
        "end.",
        "소리, 악기별 트랙, 악보, 가사가 모두 지워져요. 되돌릴 수 없고, 공유한 링크도 끊겨요.",
    ),
    "play_later": Text("Play afterwards", "이어서 듣기"),
    "keep": Text("Keep them", "그대로 두기"),
    "more": Text("Show more", "더 보기"),
    "nothing": Text("Nothing here yet", "아직 곡이 없어요"),
    "nothing_more": Text(
        "Say in a few words what a song should sound like. What you make is kept here.",
        "어떤 곡인지 몇 마디 적어 보세요. 만든 곡은 여기에 모여요.",
    ),
    "make_first": Text("Make the first song", "첫 곡 만들기"),
    "or": Text("Or begin with one of these", "이런 곡은 어때요?"),
    "not_found": Text("No song has “{query}”", "“{query}”에 맞는 곡이 없어요"),
    "not_found_more": Text(
        "Titles, prompts and lyrics were searched, and every word has to be there.",
        "제목, 설명, 가사에서 모든 단어를 찾아봤어요.",
    ),
    "no_favourites": Text("No favourites yet", "즐겨찾기한 곡이 없어요"),
    "no_favourites_more": Text("The star beside a song puts it here.", "곡 옆의 별을 누르면 여기에 모여요."),
    "show_all": Text("Show all songs", "모든 곡 보기"),
    "sign_in_to_see": Text("You have made songs before?", "전에 만든 곡이 있나요?"),
}
ORDERS: Final = ("-created_at", "created_at", "title", "-title", "duration", "-duration")
SHOWN: Final = 50  #: tracks of one page
AT_ONCE: Final = 200  #: tracks that one form may name
MAKING: Final = 50  #: jobs that are looked for
ABOVE: Final = 3  #: of which so many are shown above the table; the queue has all
FAILED_STAY: Final = timedelta(days=1)
KIND: Final = "generation"


@dataclass(frozen=True)
class Row:
    """A track as the table shows it."""

    track: TrackView
    name: str
    """Its title, and which take it is where several have that title."""
    take: int | None
    style: str
    language: str
    """Of the words that `style` is told in."""
    tempo: str
    when: When


@dataclass(frozen=True)
class Choice:
    """What the reader asked to see."""

    q: str = ""
    sort: str = "-created_at"
    favourites: bool = False

    def path(self, **changed: object) -> str:
        """The address of the library with this choice, and with `changed` in it."""
        told = {"q": self.q, "sort": self.sort, "favourites": "1" if self.favourites else "", **changed}
        query = {name: value for name, value in told.items() if value and (name, value) != ("sort", "-created_at")}
        return "/app/library" + (f"?{urlencode(query)}" if query else "")

    @property
    def narrows(self) -> bool:
        return bool(self.q or self.favourites)


@router.get("/app/library")
def library(
    page: PageDep,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: str = "",
    favourites: str = "",
    cursor: str | None = None,
    deleted: Annotated[int, Query(ge=0, le=AT_ONCE)] = 0,
) -> Response:
    choice = Choice(q.strip(), sort if sort in tracks.ORDERS else "-created_at", favourites == "1")
    found, making, newest, takes = TrackPage((), None, 0), list[JobCard](), "", dict[UUID, int]()
    with page.server.services.database.read() as session:
        now = page.server.services.database.now(session)
        if page.owner is not None:
            found = tracks.find(
                session,
                page.owner,
                search=choice.q,
                sort=choice.sort,
                cursor=cursor,
                limit=SHOWN,
                favourites=choice.favourites,
            )
            takes = tracks.takes(session, page.owner, [track.id for track in found.items])
            making, newest = _making(page, session, page.owner, now), _newest(session, page.owner)
    return page.render(
        "library.html",
        WORDS,
        choice=choice,
        rows=[_row(track, takes.get(track.id), page, now) for track in found.items],
        total=found.total,
        more=choice.path(cursor=found.next_cursor) if found.next_cursor else "",
        making=making,
        above=ABOVE,
        newest=newest,
        deleted=deleted,
        orders=ORDERS,
        examples=[one for one in EXAMPLES if one.language == page.language],
    )


@router.get("/library.html")
def documented(page: PageDep) -> Response:
    return page.go(f"/app/library?{page.request.url.query}" if page.request.url.query else "/app/library")


@router.get("/app/library/making", response_class=EventStream)
async def making(page: PageDep, owner: OwnerDep) -> Response:
    """What is being made, kept true. It says also when a song came or went, upon which the page asks for its rows."""

    def look() -> Look:
        database = page.server.services.database
        with database.read() as session:
            cards = _making(page, session, owner, database.now(session))
            newest = _newest(session, owner)
        return Look({"making": page.fragment("_making.html", WORDS, making=cards, newest=newest, above=ABOVE)})

    return stream(page, look)


@router.post("/app/library/favourite")
def favourite(
    page: PageDep,
    owner: OwnerDep,
    ids: Annotated[list[str] | None, Form(alias="id", max_length=AT_ONCE)] = None,
    value: Annotated[str, Form(alias="favourite")] = "1",
    after: Annotated[str, Form(alias="next")] = "/app/library",
) -> Response:
    """Mark those chosen as favourites, or not any more. What is gone meanwhile is passed over."""
    with page.server.services.database.write() as session:
        for track in _existing(session, owner, ids):
            tracks.set_favourite(session, track.id, owner, favourite=value == "1")
    return page.go(after)


@router.post("/app/library/delete")
def delete(
    page: PageDep,
    owner: OwnerDep,
    ids: Annotated[list[str] | None, Form(alias="id", max_length=AT_ONCE)] = None,
    sure: Annotated[str, Form()] = "",
    after: Annotated[str, Form(alias="next")] = "/app/library",
) -> Response:
    """Say what will go; once that is confirmed, let it go."""
    services = page.server.services
    with services.database.read() as session:
        chosen = _existing(session, owner, ids)
    if not chosen:
        return page.go(after)
    if sure == "1":
        gone = delete_tracks(services, owner, [track.id for track in chosen])
        return page.go(_with(after, deleted=len(gone)))
    files = sum(track.size for track in chosen)
    return page.render("library_delete.html", WORDS, chosen=chosen, after=after, size=size(Bytes(files)))


# -- pieces ------------


def _row(track: TrackView, take: int | None, page: Page, now: datetime) -> Row:
    told = Told(page.language, FRAME)
    understood = track.facts.get("understood") or {}
    tempo = track.facts.get("tempo")
    return Row(
        track=track,
        name=f"{track.title} · {told('take', n=take)}" if take else track.title,
        take=take,
        style=str(understood.get("genre") or ""),
        language=str(understood.get("language") or ""),
        tempo=f"{tempo:.0f} BPM" if isinstance(tempo, int | float) else "",
        when=when(track.created_at, now, page.language),
    )


def _making(page: Page, session: Session, owner: UUID, now: datetime) -> list[JobCard]:
    """Jobs that are not finished, and those that failed lately: they have not become tracks."""
    states = (JobState.QUEUED, JobState.RUNNING, JobState.FAILED)
    found = jobs.list_jobs(session, owner=owner, kind=KIND, states=states, limit=MAKING).items
    lately = [job for job in found if job.finished_at is None or now - job.finished_at < FAILED_STAY]
    return [card_of(job, Told(page.language, FRAME), now) for job in reversed(lately)]


def _newest(session: Session, owner: UUID) -> str:
    """Changes whenever a track comes or goes."""
    found = tracks.find(session, owner, limit=1)
    return f"{found.total}-{found.items[0].id}" if found.items else "0"


def _existing(session: Session, owner: UUID, ids: list[str] | None) -> list[TrackView]:
    found = []
    for one in dict.fromkeys(ids or ()):
        try:
            found.append(tracks.get(session, UUID(one), owner))
        except (ValueError, NotFound):
            continue
    return found


def _with(path: str, **values: object) -> str:
    """`path` with these in its query."""
    parts = urlsplit(path)
    query = {**dict(parse_qsl(parts.query)), **{name: str(value) for name, value in values.items()}}
    return parts._replace(query=urlencode(query)).geturl()

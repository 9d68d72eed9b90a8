"""Talking: one button, what was said and answered as it comes, and what each turn's time went to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pansori import jobs
from pansori.api.deps import GuestOwnerDep, OwnerDep, Server, ServerDep, parse_id
from pansori.api.routing import Router
from pansori.api.uploads import receive_some
from pansori.domain.errors import Busy, InvalidRequest, PansoriError, Text
from pansori.domain.jobs import ErrorInfo
from pansori.domain.tasks import SAID_MAX_CHARACTERS
from pansori.library import turns
from pansori.library.turns import TurnView
from pansori.media import AssetInfo
from pansori.web.forms import wrong_with
from pansori.web.frame import Page, PageDep
from pansori.web.measures import When, when
from pansori.web.pages.talk_words import WORDS
from pansori.workflows import voice

router = Router(include_in_schema=False)

SHOWN: Final = 30  #: turns of the page
NO_SUCH_TURN: Final = Text("There is no such turn.", "그런 대화는 없어요.")
NOTHING_SENT: Final = Text("Write something, or choose a recording.", "글을 쓰거나 녹음 파일을 골라 주세요.")
SPANS: Final = (
    ("waited", "speech_ended", None),
    ("heard", None, "hear_last"),
    ("answered", "hear_last", "answer_first"),
    ("voiced", "answer_first", "say_first"),
    ("spoken", "say_first", "say_last"),
)
"""What of a live turn's timings begins and ends what; None: when the pause had been long enough, from which seconds
count. What was understood before that took nobody's time: its bar begins there, and its seconds do not."""
EARLIER: Final = {"heard": "hear_first"}


@dataclass(frozen=True)
class Span:
    """`start`, `width`: in percent of the turn. `seconds`: how long one waited for it."""

    name: str
    start: float
    width: float
    seconds: float


@dataclass(frozen=True)
class Shown:
    """A turn as it is shown. `heard_of_it`: of an answer that was interrupted; None: it was not."""

    turn: TurnView
    spans: tuple[Span, ...]
    when: When
    heard_of_it: str | None
    why: str


@router.get("/app/talk")
def show(page: PageDep) -> Response:
    return _page(page)


@router.post("/app/talk")
async def say(page: PageDep, request: Request, server: ServerDep, owner: GuestOwnerDep) -> Response:
    """What a form brings, words or a recording, is answered like any turn: for readers without scripts."""
    try:
        sent, fields = await receive_some(request, server, owner)
        text = str(fields.get("text", "")).strip()[:SAID_MAX_CHARACTERS]
        if sent is None and not text:
            raise InvalidRequest(NOTHING_SENT, field="text")
        try:
            await server.talk(owner, _answer, server, owner, sent, text)
        except Busy:
            if sent is not None:
                await run_in_threadpool(voice.forget, server.services, sent)
            raise
    except PansoriError as error:
        wrong, status = wrong_with(error, page.language, ("text", "file"))
        return await run_in_threadpool(_page, page, next(iter(wrong.values())), status)
    return page.go("/app/talk")


@router.post("/app/talk/enter")
def enter(_owner: GuestOwnerDep) -> Response:
    """Become a guest, where one logs in and has not: sockets are for those who are somebody."""
    return Response(status_code=204)


@router.get("/app/talk/turns/{turn_id}/shown")
def one(turn_id: str, page: PageDep, owner: OwnerDep) -> Response:
    """A turn of the conversation that goes on, as it is shown once it is over."""
    with page.server.services.database.read() as session:
        found = turns.get(session, owner, parse_id(turn_id, NO_SUCH_TURN))
        shown = _shown(found, page, when(found.created_at, page.server.services.database.now(session), page.language))
    return page.render("_turn.html", WORDS, shown=shown)


@router.post("/app/talk/turns/{turn_id}/delete")
def delete(turn_id: str, page: PageDep, server: ServerDep, owner: OwnerDep) -> Response:
    """With its sounds, and the job that tells of it where there is one: what was only heard, or broke off, has none."""
    services = server.services
    with services.database.write() as session:
        turn = turns.get(session, owner, parse_id(turn_id, NO_SUCH_TURN))
        if turn.job_id is None:
            turns.forget(session, services.assets, [turn.id])
        else:
            jobs.forget(session, services.assets, [turn.job_id])
    services.assets.collect()
    return page.go("/app/talk")


# -- pieces ------------


def _answer(server: Server, owner: UUID, sent: AssetInfo | None, text: str) -> None:
    services = server.services
    with services.database.read() as session:
        number = voice.own_number(session, services.settings, owner)
    roles = voice.VoiceRoles(services, owner, number)
    _ = roles.read(text) if sent is None else roles.hear(sent)
    ended = voice.VoiceBackend(services, owner, number).run(here=True)
    if ended.failed is not None:
        raise ended.failed[1]


def _page(page: Page, wrong: str = "", status: int = 200) -> Response:
    return page.render("talk.html", WORDS, status=status, wrong=wrong, shown=_recent(page), stranger=page.owner is None)


def _recent(page: Page) -> list[Shown]:
    if page.owner is None:
        return []
    database = page.server.services.database
    with database.read() as session:
        now = database.now(session)
        found = turns.recent(session, page.owner, limit=SHOWN)
    return [_shown(turn, page, when(turn.created_at, now, page.language)) for turn in found]


def _shown(turn: TurnView, page: Page, moment: When) -> Shown:
    interrupted = turn.timings.get("interrupted")
    why = ""
    if turn.error is not None and interrupted is None:
        why = ErrorInfo.model_validate(turn.error).told.in_language(page.language)
    return Shown(turn, tuple(spans_of(turn.timings)), moment, interrupted and str(interrupted["heard"]), why)


def spans_of(timings: Mapping[str, Any]) -> Iterator[Span]:
    """What a turn's time went to, one thing after the other."""
    marks: Mapping[str, float] = timings.get("live") or _in_turn(timings)
    begin = min(0.0, marks.get("speech_ended", 0.0))
    whole = max(max([0.0, *marks.values()]) - begin, 1e-6)
    for name, first, last in SPANS:
        start, stop = marks.get(first or "", 0.0), marks.get(last or "", 0.0)
        if (first and first not in marks) or (last and last not in marks) or stop < start:
            continue
        drawn = max(begin, min(start, marks.get(EARLIER.get(name, ""), start)))
        yield Span(name, 100 * (drawn - begin) / whole, 100 * (stop - drawn) / whole, stop - start)


def _in_turn(timings: Mapping[str, Any]) -> dict[str, float]:
    """The same of a turn that was heard, answered and spoken as a whole."""
    taken = [float(timings[stage]["seconds"]) if stage in timings else None for stage in ("hear", "answer", "say")]
    names = ("hear_last", "answer_first", "say_first")
    marks, at = {}, 0.0
    for name, seconds in zip(names, taken, strict=True):
        if seconds is not None:
            at += seconds
            marks[name] = at
    return marks

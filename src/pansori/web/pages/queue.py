"""The queue: what is being made for the reader, what waits, and what was finished last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fastapi.responses import Response
from sqlalchemy.orm import Session

from pansori import jobs
from pansori.api.deps import OwnerDep
from pansori.api.routing import Router
from pansori.api.sse import EventStream
from pansori.domain.errors import Text
from pansori.domain.jobs import FINISHED, JobState, JobView
from pansori.library import analyses, tracks
from pansori.web.cards import JobCard, card_of
from pansori.web.frame import Page, PageDep
from pansori.web.measures import When, when
from pansori.web.streams import Look, stream
from pansori.web.words import FRAME, Told

router = Router(include_in_schema=False)

WORDS = {
    "heading": Text("Queue", "대기열"),
    "running": Text("Being made", "만드는 중"),
    "waiting": Text("Waiting", "차례를 기다리는 중"),
    "waiting_more": Text("They begin by themselves, the oldest first.", "먼저 부탁한 것부터 저절로 시작해요."),
    "last": Text("Finished last", "최근에 끝난 작업"),
    "idle": Text("Nothing is being made", "만들고 있는 곡이 없어요"),
    "idle_more": Text(
        "What you ask for waits here and goes on when you leave.",
        "부탁한 곡은 여기서 차례를 기다리고, 자리를 비워도 이어져요.",
    ),
    "make_song": Text("Make a song", "곡 만들기"),
    "cancel_all": Text("Cancel all that wait", "기다리는 것 모두 취소"),
    "cancel_all_sure": Text("Cancel everything that waits?", "기다리는 작업을 모두 취소할까요?"),
}
SHOWN: Final = 50  #: of those that are not finished
LAST: Final = 20


@dataclass(frozen=True)
class Ended:
    """A finished job, in a line."""

    card: JobCard
    when: When


@dataclass(frozen=True)
class Queue:
    running: list[JobCard]
    waiting: list[JobCard]
    ended: list[Ended]


@router.get("/app/queue")
def queue(page: PageDep) -> Response:
    with page.server.services.database.read() as session:
        found = _queue(page, session, page.owner, page.server.services.database.now(session))
    return page.render("queue.html", WORDS, found=found)


@router.get("/app/queue/events", response_class=EventStream)
async def events(page: PageDep, owner: OwnerDep) -> Response:
    """The whole queue, kept true."""

    def look() -> Look:
        database = page.server.services.database
        with database.read() as session:
            found = _queue(page, session, owner, database.now(session))
        return Look({"queue": page.fragment("_queue.html", WORDS, found=found)})

    return stream(page, look)


@router.post("/app/queue/cancel")
def cancel_waiting(page: PageDep, owner: OwnerDep) -> Response:
    """Cancel whatever has not been begun."""
    services = page.server.services
    with services.database.write() as session:
        for job in jobs.list_jobs(session, owner=owner, states=(JobState.QUEUED,), limit=SHOWN).items:
            jobs.cancel(session, job.id)
    services.kernel.wake()
    return page.go("/app/queue")


def _queue(page: Page, session: Session, owner: UUID | None, now: datetime) -> Queue:
    if owner is None:
        return Queue([], [], [])
    unfinished = (JobState.QUEUED, JobState.RUNNING)
    live = jobs.list_jobs(session, owner=owner, states=unfinished, limit=SHOWN).items
    ended = jobs.list_jobs(session, owner=owner, states=FINISHED, limit=LAST).items
    made = tracks.of_jobs(session, [job.id for job in ended])
    names = analyses.names_of(session, [*live, *ended])
    told = Told(page.language, FRAME)

    def cards(state: JobState) -> list[JobCard]:
        return [card_of(job, told, now, title=names.get(job.id, "")) for job in reversed(live) if job.state is state]

    def line(job: JobView) -> Ended:
        card = card_of(job, told, now, track=made.get(job.id), title=names.get(job.id, ""))
        return Ended(card, when(job.finished_at or job.created_at, now, page.language))

    return Queue(cards(JobState.RUNNING), cards(JobState.QUEUED), [line(job) for job in ended])

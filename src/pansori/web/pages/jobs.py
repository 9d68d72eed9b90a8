"""The page of a job, and its progress as it happens."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit
from uuid import UUID

from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pansori import jobs
from pansori.api.deps import OwnerDep, parse_id
from pansori.api.jobs import NO_SUCH_JOB
from pansori.api.routing import Router
from pansori.api.sse import EventStream
from pansori.domain.errors import Text
from pansori.domain.jobs import JobView
from pansori.library import analyses, tracks
from pansori.web.cards import JobCard, card_of
from pansori.web.frame import Page, PageDep
from pansori.web.streams import Look, stream
from pansori.web.words import FRAME, Told

router = Router(include_in_schema=False)

WORDS = {
    "title": Text("Being made", "만드는 중"),
    "title_failed": Text("Not made", "만들지 못한 곡"),
    "title_cancelled": Text("Cancelled", "취소한 곡"),
    "title_succeeded": Text("Done", "다 됐어요"),
    "another": Text("Make another one", "다른 곡 만들기"),
    "change": Text("Change and try again", "고쳐서 다시 만들기"),
    "asked": Text("What you asked for", "부탁하신 내용"),
    "kept": Text("Your words are kept.", "적으신 내용은 그대로 있어요."),
}


@router.get("/app/jobs/{job_id}")
def show(job_id: str, page: PageDep, owner: OwnerDep) -> Response:
    """How far it is. One that has left a track leads there at once, which is how readers without scripts get on."""
    job, card = look_at(page, parse_id(job_id, NO_SUCH_JOB), owner)
    if card.track_path or card.path != page.path:
        return page.go(card.track_path or card.path)
    return page.render("job.html", WORDS, card=card, task=job.task, change=f"/app/make?{_form_of(job)}")


@router.post("/app/jobs/{job_id}/cancel")
def cancel(job_id: str, page: PageDep, owner: OwnerDep) -> Response:
    """Ask for its end, and go back to where that was asked."""
    key = parse_id(job_id, NO_SUCH_JOB)
    with page.server.services.database.write() as session:
        jobs.get(session, key, owner=owner)
        jobs.cancel(session, key)
    page.server.services.kernel.wake()
    asked_at = urlsplit(page.request.headers.get("referer", ""))
    return page.go(asked_at._replace(scheme="", netloc="", fragment="").geturl() or f"/app/jobs/{key}")


@router.post("/app/jobs/{job_id}/retry")
def retry(job_id: str, page: PageDep, owner: OwnerDep) -> Response:
    """Run a failed or cancelled one again, and watch it."""
    key = parse_id(job_id, NO_SUCH_JOB)
    with page.server.services.database.write() as session:
        job = jobs.get(session, key, owner=owner)
        if job.state.finished:  # else another tab was faster
            jobs.retry(session, key)
    page.server.services.kernel.wake()
    return page.go(f"/app/jobs/{key}")


@router.get("/app/jobs/{job_id}/events", response_class=EventStream)
async def events(job_id: str, page: PageDep, owner: OwnerDep) -> Response:
    """The job as the macro `ui.job` shows it. `finished` comes with the path of what it has left. A reader who lost the
    connection needs nothing but how it looks now, so `Last-Event-ID` is answered like a first request."""
    key = parse_id(job_id, NO_SUCH_JOB)
    await run_in_threadpool(look_at, page, key, owner)  # 404 as long as there can be one

    def look() -> Look:
        job, card = look_at(page, key, owner)
        shown = page.fragment("_job.html", WORDS, card=card)
        return Look({"job": shown}, job.seq, card.track_path if card.finished else None)

    return stream(page, look)


@router.get("/app/pill", response_class=EventStream)
async def pill(page: PageDep, owner: OwnerDep) -> Response:
    """How many jobs the reader has: for pages that have nothing else to keep true."""
    return stream(page)


def look_at(page: Page, key: UUID, owner: UUID) -> tuple[JobView, JobCard]:
    """Raises `NotFound`."""
    database = page.server.services.database
    with database.read() as session:
        job = jobs.get(session, key, owner=owner)
        track = tracks.of_jobs(session, [key]).get(key)
        name = analyses.names_of(session, [job]).get(key, "")
        now = database.now(session)
    return job, card_of(job, Told(page.language, FRAME), now, track=track, title=name)


def _form_of(job: JobView) -> str:
    """The query that fills the form with what was asked for."""
    told = {
        name: job.task.get(name) for name in ("prompt", "lyrics", "title", "duration", "quality", "voice", "format")
    }
    return urlencode({name: value for name, value in told.items() if value not in (None, "")})

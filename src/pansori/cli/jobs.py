"""`pansori jobs`: what its commands do, on the database itself."""

from __future__ import annotations

import json
import sys
from uuid import UUID

from rich import box
from rich.table import Table
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from pansori import jobs
from pansori.cli.consoles import plain_console
from pansori.cli.exits import CANCELLED, FAILED, exit_code_of, tell_kept
from pansori.cli.language import say
from pansori.cli.progress import view
from pansori.cli.services import opened
from pansori.domain.errors import Conflict, NotFound, Text
from pansori.domain.jobs import EventView, JobState, JobView
from pansori.lexicon.particles import attach
from pansori.workflows import Services

SEARCHED = 1000  #: how many of the newest jobs are looked through for the beginning of an id
PAGE = 200
POLL = 2.0  #: seconds after which a follower looks again by itself
SHORTEST_PREFIX = 3


def show_list(*, states: list[JobState], kind: str | None, limit: int, as_json: bool) -> int:
    with opened() as services, services.database.read() as session:
        found = jobs.list_jobs(session, kind=kind, states=states or None, limit=limit).items
    if as_json:
        print(json.dumps({"jobs": [job.model_dump(mode="json") for job in found]}, ensure_ascii=False, indent=2))
        return 0
    if not found:
        where = make_url(services.settings.database).render_as_string(hide_password=True)
        print(say(f"There are no such jobs in {where}.", f"{where}에 그런 작업이 없어요."), file=sys.stderr)
        return 0
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    for heading in ("id", say("made", "만든 때"), say("kind", "종류"), say("state", "상태"), "%"):
        table.add_column(heading, no_wrap=True)
    table.add_column(say("what", "내용"), overflow="ellipsis", no_wrap=True, ratio=1)  # what the others leave
    for job in found:
        made = f"{job.created_at.astimezone():%m-%d %H:%M}"
        done = f"{100 * job.progress.fraction:.0f}"
        table.add_row(str(job.id)[:8], made, job.kind, job.state.value, done, _what(job))
    plain_console().print(table)
    return 0


def show_job(id_or_prefix: str, as_json: bool) -> int:
    with opened() as services:
        job = _find(services, id_or_prefix)
    if as_json:
        print(job.model_dump_json(indent=2))
        return 0
    print(f"{job.id}  {job.kind}  {job.state.value}  {100 * job.progress.fraction:.0f} %")
    print(f"  {_what(job)}")
    for step in job.steps:
        print(f"  {say('step', '단계')} {step.name}: {step.state.value}, {say('attempt', '시도')} {step.attempt}")
    for artifact in job.artifacts:
        print(f"  {artifact.role}: {artifact.name}, {artifact.size} B, {artifact.asset_id}")
    if job.error is not None:
        tell_kept(job.error)
    return 0


def follow_job(id_or_prefix: str, as_json: bool) -> int:
    with opened() as services:
        job = _follow(services, _find(services, id_or_prefix), as_json)
    if not as_json:
        print(f"{job.id}  {job.state.value}")
    if job.state is JobState.CANCELLED:
        return CANCELLED
    if job.state is JobState.FAILED:
        return _failed(job, quiet=as_json)
    return 0


def cancel_job(id_or_prefix: str, as_json: bool) -> int:
    with opened() as services:
        job = _find(services, id_or_prefix)
        if job.state.finished:
            raise Conflict(Text(f"The job is {job.state} already.", f"이미 끝난 작업이에요 ({job.state})."), field="id")
        with services.database.write() as session:
            job = jobs.cancel(session, job.id)
        services.kernel.wake()
    return _tell_state(job, as_json)


def retry_job(id_or_prefix: str, as_json: bool) -> int:
    with opened() as services:
        job = _find(services, id_or_prefix)
        with services.database.write() as session:
            job = jobs.retry(session, job.id)
        services.kernel.wake()
    return _tell_state(job, as_json)


def _tell_state(job: JobView, as_json: bool) -> int:
    print(job.model_dump_json(indent=2) if as_json else f"{job.id}  {job.state.value}")
    return 0


def _failed(job: JobView, *, quiet: bool) -> int:
    if job.error is None:
        return FAILED
    return exit_code_of(job.error) if quiet else tell_kept(job.error)


def _follow(services: Services, job: JobView, as_json: bool) -> JobView:
    seen = 0
    with view(quiet=as_json) as progress:
        while True:
            mark = services.kernel.feed.value
            with services.database.read() as session:
                events = jobs.events(session, job.id, after=seen)
                job = jobs.get(session, job.id)
            for event in events:
                seen = event.seq
                _show(event) if as_json else progress.show(event)
            if job.state.finished and seen >= job.seq:
                return job
            services.kernel.feed.wait(mark, POLL)


def _show(event: EventView) -> None:
    print(event.model_dump_json(), flush=True)


def _what(job: JobView) -> str:
    """What was asked for, in one line."""
    words = [str(job.task.get(name) or "") for name in ("title", "genre", "prompt", "lyrics")]
    return " · ".join(" ".join(word.split())[:60] for word in words if word)


def _find(services: Services, id_or_prefix: str) -> JobView:
    with services.database.read() as session:
        try:
            wanted = UUID(id_or_prefix)
        except ValueError:
            wanted = _by_prefix(session, id_or_prefix.lower())
        return jobs.get(session, wanted)


def _by_prefix(session: Session, prefix: str) -> UUID:
    matching: list[UUID] = []
    cursor: str | None = None
    for _ in range(SEARCHED // PAGE):
        page = jobs.list_jobs(session, cursor=cursor, limit=PAGE)
        matching += [job.id for job in page.items if str(job.id).startswith(prefix)]
        cursor = page.next_cursor
        if cursor is None:
            break
    if len(prefix) < SHORTEST_PREFIX or not matching:
        raise NotFound(
            Text(f"There is no job {prefix}.", f"{prefix} 작업이 없어요."), field="id", cure="pansori jobs list"
        )
    if len(matching) > 1:
        raise Conflict(
            Text(
                f"{len(matching)} jobs begin with {prefix}.",
                f"{attach(prefix, '으로/로')} 시작하는 작업이 {len(matching)}개예요.",
            ),
            field="id",
            cure=Text("Type more of the id.", "id를 더 길게 쓰세요."),
        )
    return matching[0]

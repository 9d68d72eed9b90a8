"""Recordings as jobs: a few at a time are stored, measured by workers, read back and removed again; what is stored when
the command is killed, the next one removes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from pansori import jobs
from pansori.accounts import local_account
from pansori.bootstrap import worker_process
from pansori.cli.language import say
from pansori.cli.ledger import Ledger, ledger
from pansori.cli.progress import view
from pansori.cli.services import content
from pansori.domain.errors import InvalidRequest, MediaTooLarge, NotFound, PansoriError, Text
from pansori.domain.jobs import ErrorInfo, JobState, JobView, JsonDict
from pansori.domain.units import Seconds
from pansori.workflows import ANALYSIS, Services, drop_recording, store_recording, submit_analysis

ORIGIN = "cli"
AHEAD = 2  #: recordings that are stored for each worker: the next is there when one is done
PATIENCE = Seconds(60.0)  #: with workers that are to end: what they give back when they do is cancelled then
POLL = Seconds(0.5)  #: a change that was not told of is seen so late


@dataclass(frozen=True)
class Outcome:
    """What came of one file: its analysis, or what went wrong; neither where it was cancelled."""

    path: Path
    job: str | None = None
    analysis: JsonDict | None = None
    error: ErrorInfo | None = None

    @property
    def cancelled(self) -> bool:
        return self.analysis is None and self.error is None


def analyze_all(services: Services, files: Sequence[Path], request: JsonDict, *, quiet: bool) -> list[Outcome]:
    """The outcomes in the order of the files. Ctrl-C cancels what is not done. Raises what is wrong with the request
    itself."""
    with services.database.write() as session:
        owner = local_account(session)
    with ledger(services) as kept:
        batch = _Batch(services, request, owner, kept)
        if len(files) == 1:
            return [batch.alone(files[0], quiet=quiet)]
        return _by_workers(batch, services, files, quiet=quiet)


def _by_workers(batch: _Batch, services: Services, files: Sequence[Path], *, quiet: bool) -> list[Outcome]:
    workers = worker_process(services.settings.model_copy(update={"log_level": "error"}))
    assert workers is not None, "there is at least one worker"
    workers.start()
    try:
        with _counting(len(files), quiet=quiet) as done:
            return batch.all(files, done)
    finally:
        workers.stop(PATIENCE)


class _Batch:
    def __init__(self, services: Services, request: JsonDict, owner: UUID, kept: Ledger) -> None:
        self._kept = kept
        self._services = services
        self._request = request
        self._owner = owner

    def alone(self, path: Path, *, quiet: bool) -> Outcome:
        """One file in this process."""
        begun = self._begin(path)
        if isinstance(begun, Outcome):
            return begun
        with view(quiet=quiet) as progress:
            job = jobs.run_inline(self._services.kernel, begun.id, on_event=progress.show)
        return self._end(path, job)

    def all(self, files: Sequence[Path], done: Callable[[Path], None]) -> list[Outcome]:
        """Many files by workers."""
        waiting = list(enumerate(files))[::-1]
        running: dict[UUID, int] = {}
        outcomes: dict[int, Outcome] = {}

        def finish(at: int, outcome: Outcome) -> None:
            outcomes[at] = outcome
            done(outcome.path)

        with suppress(KeyboardInterrupt):  # what it cut off holds its locks until the exception is gone
            while waiting or running:
                seen = self._services.kernel.feed.value
                while waiting and len(running) < AHEAD * self._services.settings.workers:
                    at, path = waiting.pop()
                    begun = self._begin(path)
                    if isinstance(begun, Outcome):
                        finish(at, begun)
                    else:
                        running[begun.id] = at
                ended = self._ended(running)
                for job in ended:
                    at = running.pop(job.id)
                    finish(at, self._end(files[at], job))
                if running and not ended:
                    self._services.kernel.feed.wait(seen, POLL)
        if self._kept.left:
            self._services.database.after_interrupt()
            self._kept.clear()
        return [outcomes.get(at, Outcome(path)) for at, path in enumerate(files)]

    def _begin(self, path: Path) -> JobView | Outcome:
        """Its job, or why there is none. Raises what is wrong with the request and so with every file."""
        try:
            _look(path)
            source = store_recording(self._services, path, name=path.name, owner=self._owner, note=self._kept.note)
        except PansoriError as error:
            return Outcome(path, error=ErrorInfo.of(error))
        try:
            job = submit_analysis(self._services, source, self._request, owner=self._owner, origin=ORIGIN)
        except Exception as error:  # what Ctrl-C cuts off, a later command drops
            drop_recording(self._services, source.id)
            self._kept.strike(source.id)
            if isinstance(error, MediaTooLarge):
                return Outcome(path, error=ErrorInfo.of(error))
            raise
        self._kept.note(job.id)
        return job

    def _ended(self, running: dict[UUID, int]) -> list[JobView]:
        with self._services.database.read() as session:
            views = [jobs.get(session, job_id) for job_id in running]
        return [job for job in views if job.state.finished]

    def _end(self, path: Path, job: JobView) -> Outcome:
        """Read what was measured; the stored recording is not needed any more."""
        recording = UUID(job.task["asset_id"])
        drop_recording(self._services, recording)
        self._kept.strike(recording, job.id)
        if job.state is not JobState.SUCCEEDED:
            return Outcome(path, str(job.id), error=job.error)
        [artifact] = [one for one in job.artifacts if one.role == ANALYSIS]
        return Outcome(path, str(job.id), json.loads(b"".join(content(self._services, artifact)).decode()))


def _look(path: Path) -> None:
    """Raise for what cannot be opened, before anything is stored."""
    if not path.exists():
        raise NotFound(Text(f"There is no file {path}.", f"{path} 파일이 없어요."))
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise InvalidRequest(
            Text(f"{path} cannot be read: {error.strerror}.", f"{path} 파일을 읽을 수 없어요: {error.strerror}.")
        ) from error


@contextmanager
def _counting(total: int, *, quiet: bool) -> Iterator[Callable[[Path], None]]:
    """A bar over the files on a terminal, a line a file anywhere else; yields what is told of each that is done."""
    if quiet:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        count = iter(range(1, total + 1))
        yield lambda path: print(f"{next(count)}/{total}  {path}", file=sys.stderr, flush=True)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=None), MofNCompleteColumn())
    bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    with bar:
        task = bar.add_task(say("Analysing", "분석하는 중"), total=total)
        yield lambda path: bar.update(task, advance=1)

"""Progress goes to the database from a thread of its own, so that no computation waits for a disk."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from sqlalchemy import exists, update
from sqlalchemy.exc import SQLAlchemyError

from pansori.db.tables import Job
from pansori.domain.jobs import JobState, Progress
from pansori.domain.units import Seconds
from pansori.jobs._claim import Claim
from pansori.jobs._kernel import Kernel
from pansori.jobs._rows import insert_events, lock_job, progress_event

log = logging.getLogger(__name__)

INTERVAL = Seconds(0.2)  #: between two progress events of one job, at least


class Reporter:
    """Keeps the last progress of an attempt and writes it when its time has come. It starts with the first report."""

    def __init__(self, kernel: Kernel, claim: Claim) -> None:
        self._kernel = kernel
        self._claim = claim
        self._lock = threading.Lock()
        self._furthest = 0.0
        self._unwritten: Progress | None = None
        self._news = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def report(self, stage: str, fraction: float, message: str) -> None:
        with self._lock:
            self._furthest = max(self._furthest, min(fraction, 1.0))
            self._unwritten = Progress(stage=stage, fraction=self._furthest, message=message)
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._work, name="progress", daemon=True)
                self._thread.start()
        self._news.set()

    def close(self) -> Progress | None:
        """End, and return the last progress if it was not written: it belongs into the step's last transaction."""
        self._closed.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()
        return self._unwritten

    def _work(self) -> None:
        while True:
            self._news.wait()
            if self._closed.is_set():
                return
            self._news.clear()
            self._write()
            self._closed.wait(INTERVAL)

    def _write(self) -> None:
        with self._lock:
            progress, self._unwritten = self._unwritten, None
        if progress is None:
            return
        try:
            written = write_progress(self._kernel, self._claim, progress)
        except SQLAlchemyError as error:  # progress is a courtesy; what matters is written by the step's own thread
            log.warning("progress of job %s was not written: %s", self._claim.attempt.job_id, error)
            written = False
        if written:
            self._kernel.feed.announce()
            return
        with self._lock:  # another step of the job was faster: once more, unless there is something newer
            self._unwritten = self._unwritten or progress
        self._news.set()


def write_progress(kernel: Kernel, claim: Claim, progress: Progress) -> bool:
    """Write it unless the job's last progress is too young. False: not now, or not any more."""
    attempt = claim.attempt
    with kernel.database.write() as session:
        lock_job(session, attempt.job_id)  # whoever takes the step away holds it: the look below comes after that
        now = kernel.database.now(session)
        old_enough = Job.progress_at.is_(None) | (Job.progress_at <= now - timedelta(seconds=INTERVAL))
        changed = (
            update(Job)
            .where(Job.id == attempt.job_id, Job.state == JobState.RUNNING, old_enough)
            .where(exists().where(attempt.is_current))
            .values(progress=progress.model_dump(), progress_at=now, seq=Job.seq + 1)
            .returning(Job.seq)
        )
        seq = session.execute(changed).scalar_one_or_none()
        if seq is None:
            return False
        insert_events(session, attempt.job_id, seq, now, [progress_event(claim.name, progress)])
    return True

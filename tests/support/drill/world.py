"""An installation under drill: its server as a process tree, what was asked of it, and what must come of it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import select

from pansori import jobs
from pansori.accounts import local_account
from pansori.db import upgrade
from pansori.db.tables import Job, Step
from pansori.domain.jobs import JobState, JobView
from pansori.domain.units import Seconds
from pansori.settings import Settings
from support.drill.invariants import Ending, violations
from support.drill.jobs import STEPS, WORKFLOWS, Graph, GraphTask, digest
from support.drill.processes import MARK, Process, kill, marked
from support.drill.server import Drill, make_kernel
from support.waiting import eventually

TESTS = Path(__file__).parents[2]
T = TypeVar("T")
Victim = Literal["child", "host", "server"]
SHARES: dict[Victim, float] = {"child": 0.8, "host": 0.15, "server": 0.05}
PATIENCE = 180.0  #: seconds
PAUSES = (0.0, 0.8)  #: seconds between two kills
GRANDCHILDREN = 0.3  #: share of the jobs whose steps start programs of their own


class World:
    """Start it, give it jobs, do it harm, let it settle, and see what is wrong."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.settings = settings
        self.random = random.Random(seed)
        self.mark = uuid4().hex
        self.log = settings.data_dir / "log"
        self.kernel = make_kernel(Drill(settings=settings))
        upgrade(self.kernel.database)
        self.endings: dict[UUID, Ending] = {}
        self.killed: Counter[str] = Counter()
        self._server: subprocess.Popen[bytes] | None = None
        with self.kernel.database.write() as session:
            self._owner = local_account(session)

    # -- the server ------------

    def start(self) -> None:
        self._server = self.launch("serve", Drill(settings=self.settings))

    def launch(self, what: Literal["serve", "work"], drill: Drill) -> subprocess.Popen[bytes]:
        """A process of this drill, known by its mark like all that it starts."""
        environment = {**os.environ, MARK: self.mark, "PYTHONPATH": str(TESTS)}
        command = [sys.executable, str(TESTS / "support/drill/server.py"), what, drill.model_dump_json()]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)

    def stop(self) -> None:
        """As an administrator does."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(60)
            self._server = None

    def kill_server(self) -> None:
        assert self._server is not None
        self._server.kill()
        self._server.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave nothing running, whatever went wrong."""
        if self._server is not None:
            self.kill_server()
        self.until(self._killed)
        self.kernel.close()

    def _killed(self) -> bool:
        """Kill what is left; True when nothing was. What is about to be killed may start more."""
        left = self.processes()
        for process in left:
            kill(process.pid, signal.SIGKILL)
        return not left

    def processes(self) -> list[Process]:
        return marked(self.mark)

    # -- jobs ------------

    def submit(self, workflow: jobs.Workflow, task: BaseModel, ending: Ending, *, priority: int = 0) -> UUID:
        with self.kernel.database.write() as session:
            job = jobs.submit(session, workflow, task, owner=self._owner, priority=priority)
        self.kernel.wake()
        self.endings[job.id] = ending
        return job.id

    def submit_graph(self, *, pause: float = 0.05, grandchildren: bool = False) -> UUID:
        task = GraphTask(seed=self.random.getrandbits(32), pause=Seconds(pause), grandchildren=grandchildren)
        ending = Ending(JobState.SUCCEEDED, digest=digest(task), roles=frozenset(STEPS))
        return self.submit(WORKFLOWS[Graph.kind], task, ending, priority=self.random.randrange(3))

    def job(self, job_id: UUID) -> JobView:
        with self.kernel.database.read() as session:
            return jobs.get(session, job_id)

    def event_types(self, job_id: UUID) -> list[str]:
        with self.kernel.database.read() as session:
            return [event.type for event in jobs.events(session, job_id)]

    def errors_of_steps(self) -> set[str]:
        """Codes of what went wrong with steps, those that were tried again included."""
        with self.kernel.database.read() as session:
            return {error["code"] for error in session.scalars(select(Step.error)) if error is not None}

    def cancel(self, job_id: UUID) -> None:
        with self.kernel.database.write() as session:
            jobs.cancel(session, job_id)
        self.kernel.wake()

    def unfinished(self) -> list[UUID]:
        with self.kernel.database.read() as session:
            states = (JobState.QUEUED.value, JobState.RUNNING.value)
            return list(session.scalars(select(Job.id).where(Job.state.in_(states))))

    def until(self, look: Callable[[], T]) -> T:
        """`eventually`, patient with a busy machine and sparing of it."""
        return eventually(look, timeout=PATIENCE, every=0.1)

    # -- harm ------------

    def storm(self, kills: int, *, load: int = 8, say: Callable[[str], None] = print) -> None:
        """Kill so many processes, one after the other, while at least `load` jobs are to be done: mostly such as work
        on steps, sometimes one that hosts these, or the whole server, and each kind at least once."""
        kinds = list(SHARES)
        victims = [*kinds, *self.random.choices(kinds, weights=list(SHARES.values()), k=max(0, kills - len(kinds)))]
        self.random.shuffle(victims)
        for count, victim in enumerate(victims, 1):
            for _ in range(load - len(self.unfinished())):
                self.submit_graph(grandchildren=self.random.random() < GRANDCHILDREN)
            threading.Event().wait(self.random.uniform(*PAUSES))
            self.strike(victim)
            if count % 50 == 0:
                say(f"{count} kills {dict(self.killed)}, {len(self.endings)} jobs, {len(self.unfinished())} open")

    def strike(self, victim: Victim) -> None:
        """Kill one process of that kind."""
        if victim == "server":
            self.kill_server()
            self.start()
        else:
            kill(self.until(lambda: self._find(victim)) or 0, signal.SIGKILL)
        self.killed[victim] += 1

    def _find(self, victim: Victim) -> int | None:
        """A process of this drill that works on a step, or the one that hosts such a one."""
        assert self._server is not None
        mine = {process.pid: process for process in self.processes()}
        children = [mine[pid] for pid in self.children_at_work() if pid in mine]
        hosts = {child.parent for child in children if child.parent in mine} - {self._server.pid}
        found = sorted(child.pid for child in children) if victim == "child" else sorted(hosts)
        return self.random.choice(found) if found else None

    def children_at_work(self) -> list[int]:
        with self.kernel.database.read() as session:
            return [pid for pid in session.scalars(select(Step.pid).where(Step.state == "running")) if pid is not None]

    # -- what came of it ------------

    def settle(self) -> None:
        """Wait until every job that was asked for has ended."""
        self.until(lambda: not self.unfinished())

    def verdict(self) -> list[str]:
        """What is wrong once the server has had time to clean up, and after it was stopped."""
        try:
            eventually(lambda: not self._wrong(), timeout=PATIENCE / 3, every=0.5)
        except AssertionError:
            return self._wrong()
        self.stop()
        left = self.processes()
        return [*self._wrong(), *(f"process {process} was left" for process in left)]

    def _wrong(self) -> list[str]:
        scratch = self.settings.data_dir / "scratch"
        jobs.Sweeper(self.kernel).tidy_scratch(Seconds(0))
        return violations(self.kernel.database, self.kernel.assets.store, scratch, self.endings)

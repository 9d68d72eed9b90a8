"""Workflows that drills run: one that does checkable work in a graph of steps, and some that behave badly."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar

from pydantic import BaseModel, Field

from pansori.domain.jobs import JsonDict, StepSpec
from pansori.domain.units import Bytes, Seconds
from pansori.jobs import StepRun, Workflow

BRANCHES = ("branch.1", "branch.2", "branch.3", "branch.4")
SPLIT, JOIN = "split", "join"
STEPS = (SPLIT, *BRANCHES, JOIN)
ATTEMPTS = 12  #: of each step, enough for a disk that is full for a while
FAMILY = "sleep 3600 & echo $!; wait"  # says who its child is


class GraphTask(BaseModel):
    seed: int
    pause: Seconds = Seconds(0.05)
    """How long each step takes, at least."""
    size: Bytes = Bytes(20_000)
    """Of each step's file."""
    grandchildren: bool = False
    """The branches start programs of their own, which start programs of their own."""


def content(task: GraphTask, step: str) -> bytes:
    """What a step of this job has to write."""
    return random.Random(f"{task.seed}/{step}").randbytes(task.size)


def digest(task: GraphTask) -> str:
    """What the job has to end with."""
    return hashlib.sha256(b"".join(content(task, step) for step in (SPLIT, *BRANCHES))).hexdigest()


class Graph(Workflow):
    """split → four branches → join; each writes a file, and the join reads them all."""

    kind: ClassVar[str] = "graph"
    Task: ClassVar[type[BaseModel]] = GraphTask

    def plan(self, task: BaseModel) -> Sequence[StepSpec]:
        branches = [StepSpec(name=name, after=(SPLIT,), max_attempts=ATTEMPTS) for name in BRANCHES]
        ends = [(SPLIT, ()), (JOIN, BRANCHES)]
        return [*branches, *(StepSpec(name=name, after=after, max_attempts=ATTEMPTS) for name, after in ends)]

    def run(self, step: StepRun, task: BaseModel) -> JsonDict:
        assert isinstance(task, GraphTask)
        if step.name == JOIN:
            return self._join(step)
        with family(task.grandchildren and step.name in BRANCHES):
            rest(step, task.pause)
            path = step.scratch / "part"
            path.write_bytes(content(task, step.name))
            step.add_file(step.name, path, name=f"{step.name}.bin")
        return {"bytes": task.size}

    def _join(self, step: StepRun) -> JsonDict:
        total = hashlib.sha256()
        joined = step.scratch / "joined"
        with joined.open("wb") as output:
            for role in (SPLIT, *BRANCHES):
                with step.artifact(role) as path:
                    total.update(path.read_bytes())
                    output.write(path.read_bytes())
        step.add_file(JOIN, joined, name="joined.bin")
        return {"digest": total.hexdigest()}


class Doomed(Workflow):
    """Kills its own process, every time."""

    kind: ClassVar[str] = "doomed"
    Task: ClassVar[type[BaseModel]] = GraphTask

    def plan(self, task: BaseModel) -> Sequence[StepSpec]:
        return [StepSpec(name="die")]

    def run(self, step: StepRun, task: BaseModel) -> JsonDict:
        os.kill(os.getpid(), signal.SIGKILL)
        return {}


class EndlessTask(BaseModel):
    grace: Seconds = Field(default=Seconds(0.0))
    """How long it may go on after a cancel. It makes no use of it."""
    timeout: Seconds | None = None


class Endless(Workflow):
    """Starts a program that starts another one, ignores every polite signal and never ends."""

    kind: ClassVar[str] = "endless"
    Task: ClassVar[type[BaseModel]] = EndlessTask

    def plan(self, task: BaseModel) -> Sequence[StepSpec]:
        assert isinstance(task, EndlessTask)
        return [StepSpec(name="endless", grace=task.grace, timeout=task.timeout)]

    def run(self, step: StepRun, task: BaseModel) -> JsonDict:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with family(True):
            step.progress("endless", 0.5)
            threading.Event().wait()
        return {}


def rest(step: StepRun, pause: Seconds) -> None:
    """Take `pause` seconds, telling how far it is and looking whether to go on."""
    parts = 5
    for part in range(parts):
        threading.Event().wait(pause / parts)
        step.progress(step.name, (part + 1) / parts)
        step.check_cancelled()


@contextmanager
def family(wanted: bool) -> Iterator[None]:
    """A program that starts another one, both in this process's group, for as long as the step runs."""
    if not wanted:
        yield
        return
    with subprocess.Popen(["sh", "-c", FAMILY], stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        grandchild = int(shell.stdout.readline())
        try:
            yield
        finally:
            os.kill(grandchild, signal.SIGKILL)
            shell.kill()


WORKFLOWS: Mapping[str, Workflow] = {workflow.kind: workflow for workflow in (Graph(), Doomed(), Endless())}

"""Workflows for tests of the kernel: small steps that do one thing each, told by their parameters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel

from pansori.domain.errors import InvalidRequest, StorageError
from pansori.domain.jobs import JsonDict, StepSpec
from pansori.domain.units import Seconds
from pansori.jobs import StepRun, Workflow


class Plan(BaseModel):
    """A job that is its own plan: the steps as they are to be run."""

    steps: tuple[StepSpec, ...]


class Planned(Workflow):
    """Each step does what `params["do"]` says, and leaves `params` and its attempt as its output."""

    kind: ClassVar[str] = "planned"
    Task: ClassVar[type[BaseModel]] = Plan

    def plan(self, task: Plan) -> Sequence[StepSpec]:
        return task.steps

    def run(self, step: StepRun, task: Plan) -> JsonDict:
        DEEDS[step.params.get("do", "nothing")](step)
        told = {"value": step.params.get("value"), "attempt": step.attempt, "saw": sorted(step.outputs)}
        return told if step.delivery is None else {**told, "delivered": step.delivery}

    def result(self, outputs: Mapping[str, JsonDict]) -> JsonDict:
        return dict(outputs)


def nothing(_step: StepRun) -> None:
    """Done at once."""


def write(step: StepRun) -> None:
    """Leave a file with the step's name as an artifact."""
    path = step.scratch / "file.txt"
    path.write_text(step.params.get("text", step.name), encoding="utf-8")
    step.add_file(step.params.get("role", f"file.{step.name}"), path, name=f"{step.name}.txt", media_type="text/plain")


def copy(step: StepRun) -> None:
    """Read the artifact of an earlier step, and leave it under another role."""
    with step.artifact(step.params["role"]) as path:
        text = path.read_text(encoding="utf-8")
    copied = step.scratch / "copy.txt"
    copied.write_text(text, encoding="utf-8")
    step.add_file(f"copy.{step.name}", copied, name="copy.txt")


def read_when(step: StepRun) -> None:
    """Read the stored file `params["asset"]` when `params["file"]` exists."""
    wait_deaf(step)
    with step.asset(UUID(step.params["asset"])) as path:
        assert path.read_bytes()


def write_and_fail(step: StepRun) -> None:
    write(step)
    raise InvalidRequest("not like that")


def fail(_step: StepRun) -> None:
    raise InvalidRequest("not like that", field="steps", cure="Ask for something else.")


def fail_without(step: StepRun) -> None:
    """Fail for good, unless `params["file"]` exists."""
    if not Path(step.params["file"]).exists():
        raise InvalidRequest("the file is not there")


def fail_twice(step: StepRun) -> None:
    """Fail in a way that may pass, until the third attempt."""
    if step.attempt < 3:
        raise StorageError("the disk is away")


def always_fail(_step: StepRun) -> None:
    raise StorageError("the disk is away")


def fail_by_a_fault(_step: StepRun) -> None:
    raise KeyError("a fault of the program")


def die(_step: StepRun) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(step: StepRun) -> None:
    if step.attempt == 1:
        die(step)


def report_often(step: StepRun) -> None:
    """Progress as fast as it goes, and back once."""
    for index in range(2000):
        step.progress("counting", index / 2000)
    step.progress("back", 0.1)
    step.progress("counted", 0.95, "all")


def wait_for_file(step: StepRun) -> None:
    """Go on when `params["file"]` exists, or when cancelled. Writes `params["began"]` first, if there is one.

    `params["scribble"]`: use the scratch folder.
    """
    if "scribble" in step.params:
        (step.scratch / "note").touch()
    if "began" in step.params:
        Path(step.params["began"]).write_text(str(os.getpid()), encoding="utf-8")
    pause = threading.Event()
    while not Path(step.params["file"]).exists():
        step.check_cancelled()
        pause.wait(0.01)


def sleep_deaf(step: StepRun) -> None:
    """Never look whether one is cancelled."""
    if "began" in step.params:
        Path(step.params["began"]).write_text(str(os.getpid()), encoding="utf-8")
    threading.Event().wait()


def sleep_with_grandchild(step: StepRun) -> None:
    """The same, with a process of one's own, whose pid is written to `params["began"]`."""
    sleeper = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    Path(step.params["began"]).write_text(str(sleeper.pid), encoding="utf-8")
    sleeper.wait()


def wait_deaf(step: StepRun) -> None:
    """Go on when `params["file"]` exists, cancelled or not."""
    pause = threading.Event()
    while not Path(step.params["file"]).exists():
        pause.wait(0.01)


def report_when(step: StepRun) -> None:
    """Report progress as soon as `params["file"]` exists, and go on when `params["over"]` does."""
    wait_deaf(step)
    step.progress("late", 0.5)
    pause = threading.Event()
    while not Path(step.params["over"]).exists():
        pause.wait(0.01)


def write_when(step: StepRun) -> None:
    wait_deaf(step)
    write(step)


def fill_the_disk(_step: StepRun) -> None:
    Path("/dev/full").write_bytes(b"one byte too many")


def grow(step: StepRun) -> None:
    """Append a fan of steps and one after them all."""
    names = [f"part{index}" for index in range(step.params["parts"])]
    step.append_steps([StepSpec(name=name, params={"value": name}) for name in names])
    step.append_steps([StepSpec(name="sum", after=tuple(names), params={"value": "sum"})])


def grow_when(step: StepRun) -> None:
    wait_deaf(step)
    grow(step)


def wait(step: StepRun) -> None:
    """Wait `params["seconds"]` for a delivery, and fail for good where none comes."""
    if step.delivery is not None:
        return
    if step.parked:
        raise InvalidRequest("nothing came")
    step.progress("waiting", 0.5)
    step.wait(Seconds(step.params["seconds"]))


def wait_when(step: StepRun) -> None:
    """The same, as soon as `params["file"]` exists: the first time to wait, the second time to give up."""
    if step.delivery is None:
        wait_deaf(step)
    wait(step)


def give_up_when(step: StepRun) -> None:
    """Wait a moment for a delivery. Where none comes, give up as soon as `params["file"]` exists."""
    if step.parked and step.delivery is None:
        wait_deaf(step)
    wait(step)


def write_and_wait(step: StepRun) -> None:
    """Leave a file, and wait: the file that stays is the one that is left in the end."""
    write(step)
    wait(step)


def fail_once_with_it(step: StepRun) -> None:
    """Wait, and fail in a way that may pass with what came the first time."""
    wait(step)
    if step.attempt == 2:
        raise StorageError("the disk is away")


def die_with_it(step: StepRun) -> None:
    """Wait, and die with what came the first time."""
    wait(step)
    if step.attempt == 2:
        die(step)


def append_known(step: StepRun) -> None:
    step.append_steps([StepSpec(name=step.name)])


DEEDS: dict[str, Callable[[StepRun], None]] = {
    deed.__name__: deed
    for deed in (
        nothing,
        write,
        copy,
        read_when,
        write_and_fail,
        fail,
        fail_without,
        fail_twice,
        always_fail,
        fail_by_a_fault,
        die,
        die_once,
        report_often,
        wait_for_file,
        sleep_deaf,
        sleep_with_grandchild,
        wait_deaf,
        report_when,
        write_when,
        fill_the_disk,
        grow,
        grow_when,
        append_known,
        wait,
        wait_when,
        give_up_when,
        write_and_wait,
        fail_once_with_it,
        die_with_it,
    )
}


def spec(name: str, *after: str, do: str = "nothing", timeout: float | None = None, **rest: object) -> StepSpec:
    """A step in short: `grace`, `max_attempts`, `queue` and `cache_key` are its own, all else are parameters."""
    own = {key: rest.pop(key) for key in ("grace", "max_attempts", "queue", "cache_key") if key in rest}
    limit = None if timeout is None else Seconds(timeout)
    return StepSpec.model_validate(
        {"name": name, "after": after, "timeout": limit, "params": {"do": do, **rest}, **own}
    )


def plan(*steps: StepSpec) -> Plan:
    return Plan(steps=steps)

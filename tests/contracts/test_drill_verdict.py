"""The drills' verdict can say no: each kind of harm that a drill might do is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from pansori.db.tables import Artifact, Asset, Event, Job, Step
from pansori.domain.jobs import JobState, StepState
from support.drill.invariants import Ending, violations
from support.sizes import Size, drain, make_size
from support.workflows import plan, spec


@dataclass
class Scene:
    """An installation with one job that has ended well."""

    size: Size
    job: UUID
    ending: Ending

    def verdict(self) -> list[str]:
        kernel = self.size.kernel
        return violations(kernel.database, kernel.assets.store, kernel.scratch, {self.job: self.ending})

    def write(self, harm: Callable[[Session], object]) -> None:
        with self.size.kernel.database.write() as session:
            harm(session)

    @property
    def key(self) -> str:
        return next(iter(self.size.kernel.assets.store.keys()))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    size = make_size("memory", tmp_path)
    job = size.submit(plan(spec("a", do="write"), spec("b", "a")))
    drain(size)
    yield Scene(size, job.id, Ending(JobState.SUCCEEDED, roles=frozenset({"file.a"})))
    size.close()


def test_all_is_well(scene: Scene) -> None:
    assert scene.verdict() == []


def lost_job(scene: Scene) -> None:
    scene.job = uuid4()


def other_end(scene: Scene) -> None:
    scene.write(lambda session: session.execute(update(Job).values(state=JobState.FAILED)))


def open_step(scene: Scene) -> None:
    scene.write(lambda session: session.execute(update(Step).where(Step.name == "b").values(state=StepState.READY)))


def missing_event(scene: Scene) -> None:
    scene.write(lambda session: session.execute(delete(Event).where(Event.seq == 2)))


def lost_artifact(scene: Scene) -> None:
    scene.write(lambda session: session.execute(delete(Artifact)))


def unfinished_file(scene: Scene) -> None:
    scene.write(lambda session: session.execute(update(Asset).values(state="pending")))


def file_without_row(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "stray").write_text("stray")
    scene.size.kernel.assets.store.put("ff/ff/stray.txt", tmp_path / "stray")


def row_without_file(scene: Scene) -> None:
    scene.size.kernel.assets.store.delete(scene.key)


def other_bytes(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("other")
    scene.size.kernel.assets.store.put(scene.key, tmp_path / "other")


def scratch_left(scene: Scene) -> None:
    (scene.size.kernel.scratch / "1-1").mkdir(parents=True)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lost_job, "is lost"),
        (other_end, "is failed"),
        (open_step, "is ready though its job"),
        (missing_event, "events are numbered"),
        (lost_artifact, "has the artifacts"),
        (unfinished_file, "has a file that is pending"),
        (file_without_row, "has no row"),
        (row_without_file, "has no file"),
        (other_bytes, "is not what its row says"),
        (scratch_left, "was left"),
    ],
)
def test_harm_is_seen(harm: Callable[..., None], told: str, scene: Scene, tmp_path: Path) -> None:
    given = {"scene": scene, "tmp_path": tmp_path}
    harm(**{name: given[name] for name in harm.__annotations__ if name in given})
    assert [line for line in scene.verdict() if told in line]

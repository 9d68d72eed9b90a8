"""What goes by itself, and what never does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from pansori.db import now
from pansori.db.tables import Artifact, Asset, Conversation, Job, Step, Track, Turn
from pansori.domain.units import Seconds
from pansori.library import Removed, Retention, conversations, tracks, turns
from pansori.settings import Settings
from support.shelf import Shelf
from support.waiting import eventually

DAY = 86_400.0
KEEP = {"retain_tracks": 30 * DAY, "retain_jobs": 7 * DAY, "retain_stems": DAY}


class Aging(Shelf):
    """A library whose entries can be made older."""

    def apply(self, **kept: float) -> Removed:
        removed = Retention(self.database, self.assets, Settings.model_validate(kept)).apply()
        self.assets.collect()
        return removed

    def age(self, table: Any, days: float, *where: Any, **columns: str) -> None:
        names = columns.values() or ("created_at",)
        with self.database.write() as session:
            then = now(session) - timedelta(days=days)
            session.execute(update(table).where(*where).values(dict.fromkeys(names, then)))

    def age_track(self, track: UUID, days: float) -> None:
        job = self.job_of(track)
        self.age(Track, days, Track.id == track)
        self.age(Job, days, Job.id == job, at="finished_at")
        made = select(Artifact.asset_id).where(Artifact.job_id == job)
        self.age(Asset, days, Asset.id.in_(made))

    def add_stem(self, track: UUID) -> UUID:
        with self.database.read() as session:
            owner, job, step = session.execute(
                select(Track.owner, Track.job_id, Step.id)
                .join(Step, Step.job_id == Track.job_id)
                .where(Track.id == track)
            ).one()
        stem = self.assets.write(owner, "stem.flac", self.file)
        with self.database.write() as session:
            self.assets.commit(session, [stem])
            session.add(Artifact(step_id=step, job_id=job, asset_id=stem, role="stem.vocal"))
        return stem

    def favour(self, track: UUID) -> None:
        with self.database.write() as session:
            tracks.set_favourite(session, track, self.owner, favourite=True)

    def ids(self, table: Any) -> set[UUID]:
        with self.database.read() as session:
            return set(session.scalars(select(table.id)))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Aging]:
    made = Aging(tmp_path)
    yield made
    made.database.close()


def test_by_default_everything_stays(shelf: Aging) -> None:
    track = shelf.make()
    shelf.age_track(track, 4000)
    assert not shelf.apply()
    assert shelf.ids(Track) == {track}
    assert shelf.files() == 2


def test_old_tracks_go_with_their_jobs_and_files(shelf: Aging) -> None:
    old, young, favourite = (shelf.make(name) for name in ("old", "young", "favourite"))
    for track in (old, favourite):
        shelf.age_track(track, 31)
    shelf.favour(favourite)
    assert shelf.apply(**KEEP).tracks == 1
    assert shelf.ids(Track) == {young, favourite}
    assert shelf.count(Job) == 2
    assert shelf.files() == 4
    assert not shelf.apply(**KEEP).tracks


def test_stems_go_and_the_song_stays(shelf: Aging) -> None:
    old, favourite, young = (shelf.make(name) for name in ("old", "favourite", "young"))
    stems = {name: shelf.add_stem(track) for name, track in (("old", old), ("favourite", favourite), ("young", young))}
    for track in (old, favourite):
        shelf.age_track(track, 2)
    shelf.favour(favourite)
    assert shelf.apply(**KEEP) == Removed(stems=1)
    assert stems["old"] not in shelf.ids(Asset)
    assert {stems["favourite"], stems["young"]} <= shelf.ids(Asset)
    assert shelf.ids(Track) == {old, favourite, young}
    with shelf.database.read() as session:
        keys = {row.job_id: row.cache_key for row in session.execute(select(Step.job_id, Step.cache_key))}
    assert keys[shelf.job_of(old)] is None
    assert keys[shelf.job_of(young)] is not None


def test_a_stem_that_a_younger_song_has_taken_over_stays(shelf: Aging) -> None:
    old, young = shelf.make("old"), shelf.make("young")
    stem = shelf.add_stem(old)
    shelf.age_track(old, 2)
    with shelf.database.write() as session:
        step = session.execute(select(Step.id).where(Step.job_id == shelf.job_of(young))).scalar_one()
        session.add(Artifact(step_id=step, job_id=shelf.job_of(young), asset_id=stem, role="stem.vocal"))
    assert not shelf.apply(**KEEP)
    assert stem in shelf.ids(Asset)


def test_jobs_without_a_track_go(shelf: Aging) -> None:
    track, failed, running = shelf.make(), shelf.begin(state="failed"), shelf.begin(state="running")
    shelf.age(Job, 8, at="finished_at")
    assert shelf.apply(**KEEP) == Removed(jobs=1)
    assert shelf.ids(Job) == {shelf.job_of(track), running}
    assert failed not in shelf.ids(Job)


def test_a_round_takes_a_little_and_the_next_goes_on(shelf: Aging) -> None:
    shelf.fill([{"title": str(number)} for number in range(130)])
    assert [shelf.apply(retain_tracks=Seconds(DAY)).tracks for _ in range(3)] == [100, 30, 0]


def test_the_same_in_postgresql(tmp_path: Path, postgres_url: str) -> None:
    shelf = Aging(tmp_path, Settings(database_url=postgres_url).database)
    old, young = shelf.make("old"), shelf.make("young")
    shelf.add_stem(young)
    for track, days in ((old, 31), (young, 2)):
        shelf.age_track(track, days)
    assert shelf.apply(**KEEP) == Removed(tracks=1, stems=1)
    assert shelf.ids(Track) == {young}
    assert shelf.files() == 2
    shelf.database.close()


def test_a_stem_that_a_song_comes_to_use_at_the_last_moment_stays(tmp_path: Path, postgres_url: str) -> None:
    shelf = Aging(tmp_path, Settings(database_url=postgres_url).database)
    old, young = shelf.make("old"), shelf.make("young")
    stem = shelf.add_stem(old)
    shelf.age_track(old, 2)

    def waits() -> bool:
        with shelf.database.read() as session:
            waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            return bool(session.execute(waiting).scalar_one())

    with ThreadPoolExecutor(1) as pool:
        with shelf.database.write() as session:
            shelf.assets.hold(session, [stem])
            step = session.execute(select(Step.id).where(Step.job_id == shelf.job_of(young))).scalar_one()
            session.add(Artifact(step_id=step, job_id=shelf.job_of(young), asset_id=stem, role="stem.vocal"))
            session.flush()
            removed = pool.submit(shelf.apply, **KEEP)
            eventually(waits)
        assert not removed.result()
    assert stem in shelf.ids(Asset)
    shelf.database.close()


def test_what_was_said_and_never_answered_goes_with_its_sound(shelf: Aging) -> None:
    sound, shared = (shelf.assets.write(shelf.owner, "said.wav", shelf.file) for _ in range(2))
    with shelf.database.write() as session:
        shelf.assets.commit(session, [sound, shared])
        old, said_again = (turns.add(session, shelf.owner, 10, state="heard", input_id=one) for one in (sound, shared))
        young = turns.add(session, shelf.owner, 10, state="heard", input_id=shared)
    shelf.age(Turn, 8, Turn.id.in_((old.id, said_again.id)))
    assert not shelf.apply()
    assert shelf.apply(**KEEP) == Removed(turns=2)
    assert shelf.ids(Turn) == {young.id}
    assert shelf.ids(Asset) == {shared}


def test_conversations_in_which_nothing_is_left_go_by_themselves(shelf: Aging) -> None:
    with shelf.database.write() as session:
        empty, held, young = (conversations.begin(session, shelf.owner).id for _ in range(3))
        turns.add(session, shelf.owner, 10, state="open", conversation_id=held)
    shelf.age(Conversation, 2, Conversation.id != young, at="updated_at")
    assert shelf.apply() == Removed(conversations=1)
    assert shelf.ids(Conversation) == {held, young}, f"and not {empty}"

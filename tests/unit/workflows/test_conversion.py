"""Songs in other formats: kept where they may be, given all the same where they may not."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy import func, select, update

from pansori import jobs
from pansori.bootstrap import build
from pansori.db.tables import Artifact, Asset, Track
from pansori.domain.media import AudioFormat
from pansori.library import TrackView, tracks
from pansori.media import AssetInfo
from pansori.settings import load
from pansori.workflows import GenerationTask, Passing, Services, convert, is_converted

SONG, FLAC = "song", AudioFormat.FLAC


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = build(load(data_dir=tmp_path, workers=0, compose_engine="debug", write_engine="debug"))
    yield made
    made.close()


@pytest.fixture
def track(services: Services) -> TrackView:
    return make(services, prompt="jazz", lyrics="la la", duration=1, samplerate=22_050)


def make(services: Services, **request: object) -> TrackView:
    owner = services.accounts.local().known("read").id
    task = GenerationTask.model_validate(request)
    job = jobs.run_inline(services.kernel, services.submit("generation", task, owner=owner, origin="v1").id)
    with services.database.read() as session:
        return tracks.get(session, tracks.of_jobs(session, [job.id])[job.id])


def assets(services: Services) -> int:
    with services.database.read() as session:
        return session.execute(select(func.count()).select_from(Asset)).scalar_one()


def test_it_is_converted_once(services: Services, track: TrackView) -> None:
    before = assets(services)
    first = convert(services, track, SONG, FLAC)
    assert isinstance(first, AssetInfo)
    assert (first.media_type, first.duration, first.owner) == ("audio/flac", 1.0, track.owner)
    assert convert(services, track, SONG, FLAC) == first
    assert assets(services) == before + 1
    with services.database.read() as session:
        made = session.execute(select(Artifact.role).where(Artifact.asset_id == first.id)).scalar_one()
    assert (made, is_converted(made), is_converted("stem.vocal"), is_converted("song")) == (
        "song.flac",
        True,
        False,
        False,
    )


def test_two_at_once_leave_one(services: Services, track: TrackView) -> None:
    before = assets(services)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: convert(services, track, SONG, FLAC), range(2)))
    assert any(isinstance(one, AssetInfo) for one in found)
    for one in found:
        if isinstance(one, Passing):
            one.file.close()
    services.assets.collect()
    assert assets(services) == before + 1


def test_it_is_given_but_not_kept_where_there_is_no_room(tmp_path: Path, services: Services, track: TrackView) -> None:
    full = build(load(data_dir=tmp_path, workers=0, compose_engine="debug", write_engine="debug", account_quota=1))
    before = assets(services)
    found = convert(full, track, SONG, FLAC)
    full.close()
    assert isinstance(found, Passing)
    with found.file:
        sound = found.file.read()
    assert len(sound) == found.size
    assert soundfile.info(io.BytesIO(sound)).samplerate == 22_050
    assert assets(services) == before


def test_what_others_than_its_owner_ask_for_is_not_kept(services: Services, track: TrackView) -> None:
    before = assets(services)
    found = convert(services, track, SONG, FLAC, keep=False)
    assert isinstance(found, Passing)
    with found.file:
        given = found.file.read()
    assert assets(services) == before
    kept = convert(services, track, SONG, FLAC)
    assert isinstance(kept, AssetInfo)
    assert b"".join(services.assets.read(kept)) == given
    assert convert(services, track, SONG, FLAC, keep=False) == kept
    assert list(services.kernel.scratch.iterdir()) == []


def test_a_conversion_is_of_no_step_that_other_songs_take_over(services: Services) -> None:
    first = make(services, prompt="jazz", duration=1, seed=5)
    finished = first.model_copy(update={"asset_id": first.artifacts["master"]})  # as of engines that finish their songs
    convert(services, finished, SONG, AudioFormat.WAV)
    second = make(services, prompt="jazz", duration=1, seed=5)
    assert second.artifacts["master"] == first.artifacts["master"]
    assert "song.wav" not in second.artifacts


def test_a_track_whose_job_is_gone_is_converted_from_its_song(services: Services, track: TrackView) -> None:
    with services.database.write() as session:
        session.execute(update(Track).where(Track.id == track.id).values(job_id=None))
        alone = tracks.get(session, track.id)
    found = convert(services, alone, SONG, AudioFormat.WAV)
    assert isinstance(found, Passing)
    with found.file:
        assert soundfile.info(io.BytesIO(found.file.read())).duration == pytest.approx(1.0, abs=0.1)


def test_conversions_are_forgotten_with_their_track(services: Services, track: TrackView) -> None:
    convert(services, track, SONG, FLAC)
    convert(services, track, "stem.vocal", AudioFormat.MP3)
    with services.database.write() as session:
        tracks.delete(session, services.assets, [track.id], track.owner)
    services.assets.collect()
    assert assets(services) == 0


def test_stems_have_pictures_that_tell_who_plays_when(services: Services, track: TrackView) -> None:
    with services.database.read() as session:
        info = services.assets.info(session, track.artifacts["peaks.stems"])
        vocal = services.assets.info(session, track.artifacts["stem.vocal"])
    told = json.loads(b"".join(services.assets.read(info)))["stems"]
    assert told.keys() == {role for role in track.artifacts if role.startswith("stem.")}
    assert {len(one) for one in told.values()} == {400}
    samples, _ = soundfile.read(io.BytesIO(b"".join(services.assets.read(vocal))))
    assert max(told["stem.vocal"]) == pytest.approx(np.abs(samples).max(), abs=1e-3)

"""Generations in this process: who composes, what is written, what is kept, and what its waveform looks like."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from pansori import jobs
from pansori.bootstrap import build
from pansori.db.tables import Track
from pansori.domain.errors import DeadlineExceeded, InvalidRequest
from pansori.domain.jobs import JobState, JobView
from pansori.domain.units import Seconds
from pansori.dsp.peaks import peaks
from pansori.library import TrackView, tracks
from pansori.media import decode
from pansori.settings import Settings, load
from pansori.workflows import GenerationTask, Services, default_engine, preview
from support.services import PostgresServer


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Services]]:
    made = []

    def services(**settings: Any) -> Services:
        debug = {"compose_engine": "debug", "write_engine": "debug"}
        made.append(build(load(data_dir=tmp_path, workers=0, **{**debug, **settings})))
        return made[-1]

    yield services
    for one in made:
        one.close()


@pytest.fixture
def services(make: Callable[..., Services]) -> Services:
    return make()


def begin(services: Services, **task: Any) -> JobView:
    owner = services.accounts.local().known("read").id
    wanted = GenerationTask.model_validate({"prompt": "jazz", "duration": 1, **task})
    return services.submit("generation", wanted, owner=owner, origin="v1")


def run(services: Services, **task: Any) -> JobView:
    return jobs.run_inline(services.kernel, begin(services, **task).id)


def track_of(services: Services, job: JobView) -> TrackView:
    with services.database.read() as session:
        track = tracks.of_jobs(session, [job.id])[job.id]
        return tracks.get(session, track, job.owner)


def content(services: Services, asset_id: UUID) -> bytes:
    with services.database.read() as session:
        return b"".join(services.assets.read(services.assets.info(session, asset_id)))


# -- what is kept ------------


def test_a_finished_generation_is_a_track(services: Services) -> None:
    job = run(services, prompt="a song to sing", seed=5, format="wav", samplerate=32_000, title="제목", voice="male")
    assert job.state is JobState.SUCCEEDED
    track = track_of(services, job)
    assert (track.title, track.prompt, track.seed, track.engine) == ("제목", "a song to sing", 5, "debug")
    assert (track.media_type, track.duration) == ("audio/wav", 1.0)
    assert track.lyrics.splitlines() == ["[verse]", "a", "song", "to", "sing"]
    assert track.parameters == {
        "duration": 1.0,
        "samplerate": 32_000,
        "seed": 5,
        "quality": "standard",
        "format": "wav",
        "voice": "male",
        "options": {},
    }
    assert track.facts["understood"]["voice"] == "male"
    assert track.artifacts.keys() >= {"song", "master", "peaks", "lrc", "recipe"}
    assert track.artifacts["song"] == track.asset_id == UUID((job.result or {})["asset_id"])


def test_the_same_on_postgresql(make: Callable[..., Services], postgres_server: PostgresServer) -> None:
    url = postgres_server.installation()
    services = make(database_url=url)
    job = run(services, prompt="노래해 줘", title="제목 ﷺ")
    track = track_of(services, job)
    assert (track.title, track.prompt, track.duration) == ("제목 ﷺ", "노래해 줘", 1.0)
    with services.database.write() as session:
        assert tracks.find(session, job.owner, search="제목").items[0].id == track.id
        assert tracks.delete(session, services.assets, [job.id], job.owner) == [job.id]
    services.assets.collect()
    services.database.close()
    postgres_server.drop(url)


def test_a_generation_that_fails_leaves_no_track(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    job = begin(services)
    with services.database.write() as session:
        jobs.cancel(session, job.id)
        assert session.query(Track).count() == 0
    assert "Render job failed" not in caplog.text
    with caplog.at_level(logging.ERROR):
        services.workflows["generation"].failed(job.id, DeadlineExceeded("too late"))
    assert f"Render job failed {job.id}: too late" in caplog.text


def test_the_waveform_is_that_of_the_sound(services: Services, tmp_path: Path) -> None:
    track = track_of(services, run(services, format="flac"))
    picture = json.loads(content(services, track.artifacts["peaks"]))
    (tmp_path / "song.flac").write_bytes(content(services, track.artifacts["master"]))
    samples = decode(tmp_path / "song.flac").samples
    assert picture["duration"] == 1.0
    assert [len(channel) for channel in picture["channels"]] == [2_000] * samples.shape[0]
    assert picture["channels"] == [[round(float(peak), 3) for peak in one] for one in peaks(samples, 2_000)]


@pytest.mark.parametrize("frames", [1, 3, 7, 2_000, 2_001, 44_100])
def test_peaks_are_the_largest_of_their_part(frames: int) -> None:
    samples = np.random.default_rng(frames).uniform(-1, 1, (2, frames)).astype(np.float32)
    found = peaks(samples, 7)
    assert found.shape == (2, min(7, frames))
    assert found.max() == np.abs(samples).max()
    parts = np.array_split(np.abs(samples), 7, axis=1) if frames % 7 == 0 else []
    assert all((part.max(axis=1) == found[:, index]).all() for index, part in enumerate(parts))


def test_what_was_made_before_is_used_again_as_long_as_it_is_there(services: Services) -> None:
    first, second = run(services, seed=1), run(services, seed=1)
    one, two = track_of(services, first), track_of(services, second)
    assert one.artifacts["master"] == two.artifacts["master"]
    assert one.asset_id != two.asset_id
    with services.database.write() as session:
        tracks.delete(session, services.assets, [one.id, two.id], first.owner)
    services.assets.collect()
    third = track_of(services, run(services, seed=1))
    assert third.artifacts["master"] != one.artifacts["master"]
    assert content(services, third.artifacts["master"])


# -- who composes ------------


@pytest.mark.parametrize(
    ("settings", "engine"),
    [
        ({}, "house_band"),
        ({"hf_space_id": "owner/name"}, "space"),
        ({"hf_api_token": "hf_x"}, "space"),
        ({"hf_space_id": "owner/name", "compose_engine": "debug"}, "debug"),
        ({"hf_api_token": "hf_x", "compose_engine": "house_band"}, "house_band"),
        ({"compose_engine": "debug"}, "debug"),
    ],
)
def test_what_is_set_decides_who_composes(settings: dict[str, str], engine: str) -> None:
    assert default_engine(Settings.model_validate(settings)) == engine


def test_a_generation_may_name_its_engine(make: Callable[..., Services]) -> None:
    services = make(compose_engine="house_band")
    assert track_of(services, run(services, engine="debug")).engine == "debug"


# -- what is written ------------


def test_written_lyrics_are_cut_to_what_can_be_sung(services: Services) -> None:
    job = run(services, prompt=f"sing {'x' * 45} {'y' * 45}", duration=1)
    assert job.state is JobState.SUCCEEDED
    lyrics = track_of(services, job).lyrics
    assert lyrics
    assert sum(len(line) for line in lyrics.splitlines()) <= 50


def test_given_lyrics_that_cannot_be_sung_are_refused(services: Services) -> None:
    with pytest.raises(InvalidRequest) as refused:
        begin(services, lyrics="x" * 100)
    assert refused.value.field == "lyrics"


@pytest.mark.parametrize("field", ["prompt", "expanded_prompt", "lyrics", "title"])
def test_no_text_may_have_a_nul(services: Services, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        begin(services, **{field: "a\0b"})
    assert refused.value.field == field


def test_a_preview_is_what_would_be_made(services: Services) -> None:
    found = preview(services, GenerationTask(prompt="sing of rain"))
    assert found.writing is not None
    assert found.writing.lyrics
    assert found.plan is not None
    refused = preview(services, GenerationTask.model_validate({"prompt": "x", "lyrics": "x" * 100, "duration": 1}))
    assert refused.plan is None
    assert refused.refused is not None
    assert refused.refused.field == "lyrics"


@pytest.mark.parametrize(
    ("prompt", "duration"),
    [("비 오는 밤의 느린 피아노 발라드, 여성 보컬로 노래해 줘", 5), ("A bright pop song, sung by a woman", 3)],
)
def test_what_is_too_short_to_be_sung_is_told_beforehand(
    make: Callable[..., Services], prompt: str, duration: float
) -> None:
    services = make(compose_engine="house_band", write_engine="songsmith")
    found = preview(services, GenerationTask(prompt=prompt, duration=Seconds(duration)))
    assert found.refused is None
    assert found.writing is not None
    assert found.writing.lyrics == ""
    assert found.writing.voice is None
    assert found.plan is not None
    assert not any(section.syllables for section in found.plan.sections)
    assert f"{duration}초 안에는 노래를 부르기 어려워서 연주곡으로 만들어요." in [
        one.ko for one in found.writing.notices
    ]


def test_lines_that_are_left_out_are_counted(services: Services) -> None:
    task = GenerationTask(prompt=f"sing {'x' * 45} {'y' * 45}", duration=Seconds(1))
    writing = preview(services, task).writing
    assert writing is not None
    told = [notice.en for notice in writing.notices if "room for" in notice.en or "too short" in notice.en]
    assert len(told) == 1
    notices = run(services, **task.model_dump(include={"prompt", "duration"})).result
    assert notices is not None
    assert told[0] in [notice["en"] for notice in notices["notices"]]


def test_what_was_edited_is_what_is_understood(make: Callable[..., Services]) -> None:
    services = make(compose_engine="house_band", write_engine="songsmith")
    edited = "fast rock, 150 BPM, E major"
    task = GenerationTask(prompt="a slow ballad about rain", expanded_prompt=edited, lyrics="la la")
    found = preview(services, task)
    assert found.writing is not None
    assert found.writing.tempo == pytest.approx(150)
    assert (found.writing.key, found.writing.expanded_prompt) == ("E major", edited)
    assert "rain" in found.writing.theme
    assert found.plan is not None
    assert found.plan.tempo == pytest.approx(150)

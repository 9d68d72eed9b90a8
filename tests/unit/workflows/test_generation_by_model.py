"""Generations whose words a language model writes, from the prompt to the track."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pansori import jobs
from pansori.bootstrap import build
from pansori.domain.jobs import JobState, JobView
from pansori.library import TrackView, tracks
from pansori.settings import load
from pansori.workflows import GenerationTask, preview
from support.chat import Turn, model, refuses, says

LYRICS = "[verse]\nRain on the roof\nRain on the road"
SONG = {"title": "Let It Rain", "description": "Warm.", "genre": "soul", "mood": "wistful", "instruments": ["organ"]}
PLANNED = json.dumps({**SONG, "tempo": 88, "key": "Eb minor", "voice": "male", "lyrics": LYRICS})
TASK = GenerationTask(prompt="a song about rain", duration=4.0, seed=1)  # type: ignore[arg-type]  # seconds


def generated(folder: Path, url: str) -> tuple[JobView, TrackView | None]:
    services = build(load(data_dir=folder, workers=0, compose_engine="debug", write_engine="openai", openai_url=url))
    try:
        assert preview(services, TASK).writing is None  # it cannot tell at once
        owner = services.accounts.local().known("read").id
        job = jobs.run_inline(services.kernel, services.submit("generation", TASK, owner=owner, origin="v1").id)
        with services.database.read() as session:
            track = tracks.of_jobs(session, [job.id]).get(job.id)
            return job, None if track is None else tracks.get(session, track, owner)
    finally:
        services.close()


def test_what_the_model_wrote_is_sung(tmp_path: Path) -> None:
    with model(says(PLANNED)) as server:
        job, track = generated(tmp_path, server.url)
    assert job.state is JobState.SUCCEEDED, job.error
    assert track is not None
    assert (track.title, track.lyrics) == ("Let It Rain", LYRICS)
    assert track.facts["understood"]["mood"] == "wistful"
    assert "88 BPM" in track.expanded_prompt


@pytest.mark.parametrize(
    ("turn", "code"), [(says("I would love to!"), "engine_failed"), (refuses(401, "bad key"), "fetch_failed")]
)
def test_why_it_could_not_be_written_is_kept(tmp_path: Path, turn: Turn, code: str) -> None:
    with model(turn) as server:
        job, track = generated(tmp_path, server.url)
    assert (job.state, track) == (JobState.FAILED, None)
    assert job.error is not None
    assert job.error.code == code
    assert job.error.cure

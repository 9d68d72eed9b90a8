"""Rate and quality of what is delivered, whatever rate the engine plays at."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from pansori import jobs
from pansori.accounts import local_account
from pansori.bootstrap import build
from pansori.cli.services import content
from pansori.domain.jobs import JobState, JobView
from pansori.domain.tasks import SAMPLE_RATES
from pansori.settings import load
from pansori.workflows import Services, SongTask, SongWorkflow

DURATION = 3.21


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("recording")
    made = build(load(data_dir=folder, compose_engine="debug", workers=0))
    yield made
    made.close()


def made(services: Services, **task: object) -> JobView:
    with services.database.write() as session:
        owner = local_account(session)
    wanted = SongTask.model_validate({"genre": "pop", "lyrics": "여름이 왔네", "duration": DURATION, "seed": 3, **task})
    job = services.submit(SongWorkflow.kind, wanted, owner=owner, origin="test")
    done = jobs.run_inline(services.kernel, job.id)
    assert done.state is JobState.SUCCEEDED
    return done


def delivered(services: Services, job: JobView) -> bytes:
    song = next(artifact for artifact in job.artifacts if artifact.role == "song")
    return b"".join(content(services, song))


@pytest.mark.parametrize("rate", SAMPLE_RATES)
@pytest.mark.parametrize(("file_format", "allowed"), [("wav", 0), ("flac", 0), ("mp3", 1152)])
def test_the_rate_is_that_which_was_asked_for_to_the_sample(
    services: Services, rate: int, file_format: str, allowed: int
) -> None:
    job = made(services, sample_rate=rate, format=file_format)
    samples, read = soundfile.read(io.BytesIO(delivered(services, job)))
    assert read == rate
    assert abs(len(samples) - round(DURATION * rate)) <= allowed
    assert job.result is not None
    assert job.result["sample_rate"] == rate
    assert job.result["notices"] == []


def test_a_format_that_has_one_rate_says_so(services: Services) -> None:
    job = made(services, sample_rate=22_050, format="opus")
    assert job.result is not None
    assert job.result["sample_rate"] == 48_000
    (notice,) = job.result["notices"]
    assert all("opus" in notice[language] and "22,050" in notice[language] for language in ("en", "ko"))


def test_quality_is_told_by_size(services: Services) -> None:
    sizes = [len(delivered(services, made(services, quality=quality))) for quality in ("draft", "standard", "high")]
    assert sizes == sorted(sizes)
    assert sizes[2] > 1.8 * sizes[0]


def test_the_same_seed_gives_the_same_file(services: Services, tmp_path: Path) -> None:
    wanted = {"sample_rate": 32_000, "quality": "draft", "format": "flac"}
    elsewhere = build(load(data_dir=tmp_path, compose_engine="debug", workers=0))
    try:
        assert delivered(services, made(services, **wanted)) == delivered(elsewhere, made(elsewhere, **wanted))
    finally:
        elsewhere.close()

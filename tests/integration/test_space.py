"""The Space engine against real Gradio apps: the newest Gradio and 4.44, each in an environment of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pansori import jobs
from pansori.bootstrap import build
from pansori.domain.errors import (
    Cancelled,
    SpaceFailed,
    SpaceLogin,
    SpaceQuota,
    SpaceSignInOnly,
    SpaceTimedOut,
    SpaceUnmapped,
    SpaceUnreachable,
    Text,
)
from pansori.domain.jobs import JobView
from pansori.domain.media import Quality
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import Bytes, Seconds
from pansori.engines.compose.base import Song
from pansori.engines.compose.space import SpaceComposer, SpaceOptions
from pansori.library import TrackView, tracks
from pansori.settings import Settings, load
from pansori.workflows import GenerationTask
from support.context import MemoryContext
from support.gradio.server import Apps
from support.origin import Exchange, serving

TASK = ComposeTask(
    genre="밝고 신나는 피아노",
    lyrics="봄이 오면\n꽃이 피네",
    duration=Seconds(18.0),
    seed=3_000_000_123,
    quality=Quality.HIGH,
    sample_rate=22_050,
)


class Asking:
    """One run of the engine against one app. Others may call the same app at the same time, with other words."""

    def __init__(self, apps: Apps, folder: Path) -> None:
        self.apps = apps
        self.prompt = f"{TASK.genre} {uuid4().hex[:6]}"
        self.task = TASK.model_copy(update={"genre": self.prompt})
        self.context = MemoryContext(seed=3_000_000_123, scratch=folder)

    def __call__(self, app: str, task: ComposeTask | None = None, *, loopback: bool = False, **options: Any) -> Song:
        url, task = self.apps.url(app), task or self.task
        settings = Settings(data_dir=self.context.scratch, hf_space_id=url, allow_loopback_urls=loopback)
        return SpaceComposer(settings).run(task, SpaceOptions(**options), self.context)

    def calls(self, app: str) -> list[dict[str, Any]]:
        """What the app's function was called with for this test."""
        return [call for call in self.apps.calls(app) if call["prompt"] == self.prompt]

    @property
    def media_type(self) -> str:
        return self.context.files["song"].media_type


@pytest.fixture
def ask(apps: Apps, tmp_path: Path) -> Asking:
    return Asking(apps, tmp_path)


def _sources(song: Song) -> dict[str, str]:
    return {entry["label"]: entry["from"] for entry in song.report["inputs"]}


# -- mapping ------------


def test_english_labels_and_every_kind_of_component(ask: Asking) -> None:
    song = ask("english")
    assert ask.calls("english")[-1] == {
        "app": "english",
        "prompt": ask.prompt,
        "duration": 20,
        "seed": 3_000_000_123 % 2**31,
        "quality": "High quality",
        "rate": "22.05 kHz",
        "loop": False,
    }
    assert song.duration == pytest.approx(20.0, abs=0.01)
    assert ask.media_type == "audio/wav"
    assert _sources(song) == {
        "Prompt": "prompt",
        "Duration (seconds)": "duration",
        "Seed": "seed",
        "Quality": "quality",
        "Sample rate": "sample_rate",
        "Loop": "default",
    }
    assert song.report["endpoint"] in ("/predict", "/generate")
    assert song.report["unused"] == ["lyrics"]
    assert any("Duration" in notice.en for notice in song.notices)
    assert Text("The Space has no input for lyrics.", "이 Space에는 가사 입력란이 없어요.") in song.notices


def test_korean_labels(ask: Asking) -> None:
    ask("korean")
    call = ask.calls("korean")[-1]
    assert call["prompt"] == ask.prompt
    assert call["lyrics"] == TASK.lyrics
    assert call["duration"] == "20초"
    assert 0 <= call["seed"] <= 1_000_000
    assert call["quality"] == "고음질"


def test_japanese_labels(ask: Asking) -> None:
    ask("japanese", ask.task.model_copy(update={"quality": Quality.DRAFT}))
    call = ask.calls("japanese")[-1]
    assert (call["prompt"], call["duration"], call["quality"]) == (ask.prompt, 15, "低音質")
    assert call["seed"] == 3_000_000_123 % 2**31


def test_chinese_labels(ask: Asking) -> None:
    ask("chinese")
    call = ask.calls("chinese")[-1]
    assert (call["prompt"], call["duration"], call["rate"]) == (ask.prompt, 10, "22050")


def test_of_several_endpoints_the_fittest_is_called(ask: Asking) -> None:
    song = ask("several")
    assert song.report["endpoint"] == "/compose"
    assert ask.calls("several")[-1] == {
        "app": "several",
        "endpoint": "compose",
        "prompt": ask.prompt,
        "duration": 18,
        "state": "kept",
    }


def test_an_endpoint_may_be_named(ask: Asking) -> None:
    with pytest.raises(SpaceUnmapped) as raised:
        ask("several", endpoint="/vary")
    assert "Yours (audio)" in raised.value.message.en
    assert "prompt → Prompt" in raised.value.message.en
    with pytest.raises(SpaceUnmapped) as raised:
        ask("several", endpoint="/none")
    assert raised.value.cure is not None
    assert "/compose" in raised.value.cure.en


def test_a_required_input_without_value_is_refused_with_the_report(ask: Asking) -> None:
    with pytest.raises(SpaceUnmapped) as raised:
        ask("wanting")
    error = raised.value
    assert "Licence key (textbox)" in error.message.en
    assert "prompt → Prompt" in error.message.en
    assert "Licence key" in error.message.ko
    assert error.field == "options.inputs"
    assert error.cure is not None
    assert '"key"' in error.cure.en
    assert ask.calls("wanting") == []


def test_values_may_be_given_by_name(ask: Asking) -> None:
    song = ask("wanting", inputs={"key": "sesame"})
    assert ask.calls("wanting")[-1] == {"app": "wanting", "prompt": ask.prompt, "key": "sesame", "image": ""}
    assert _sources(song) == {"Prompt": "prompt", "Licence key": "given", "Remarks (optional)": "empty"}


# -- answers ------------


@pytest.mark.parametrize(
    ("app", "seconds"),
    [
        ("data", 1.5),
        ("link", 1.25),
        ("page", 1.75),
        ("wrapped", 2.25),
        ("file", 0.75),
        ("streaming", 1.5),
        ("direct", 0.6),
    ],
)
def test_sound_is_found_in_whatever_it_is_wrapped(ask: Asking, app: str, seconds: float) -> None:
    song = ask(app)
    assert song.duration == pytest.approx(seconds, abs=0.01)
    assert ask.media_type == "audio/wav"


def test_sound_as_numbers_is_kept_as_sound(ask: Asking) -> None:
    song = ask("numbers")
    sound = ask.context.sounds["song"]
    assert song.duration == pytest.approx(1.0)
    assert sound.sample_rate == 8_000
    assert sound.samples.shape == (1, 8_000)
    assert 0.3 < abs(sound.samples).max() < 0.4


def test_what_is_not_sound_is_named(ask: Asking) -> None:
    with pytest.raises(SpaceFailed) as raised:
        ask("text")
    assert "text/plain" in raised.value.message.en


def _link(url: str) -> ComposeTask:
    """The app `echo` answers with its prompt."""
    return ComposeTask(genre=url)


def test_a_page_with_status_200_is_told(ask: Asking) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.answer(body=b"<!doctype html><p>Nothing here</p>", media_type="text/html")

    def disguised(exchange: Exchange) -> None:
        exchange.answer(body=b"<!doctype html><p>Nothing here</p>", media_type="audio/wav")

    with serving({"/page": answer, "/song.wav": disguised}) as origin:
        for path in ("page", "song.wav"):
            with pytest.raises(SpaceFailed) as raised:
                ask("echo", _link(f"{origin.url}/{path}"), loopback=True)
            assert "Nothing here" in raised.value.message.en
            assert "text/html" in raised.value.message.en


def test_two_gigabytes_are_not_taken(ask: Asking) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.start(Content_Type="audio/wav")
        for _ in range(2 * 1024):
            exchange.wfile.write(bytes(1024 * 1024))

    def told(exchange: Exchange) -> None:
        exchange.start(Content_Type="audio/wav", Content_Length=str(2 * 1024**3))

    with serving({"/endless.wav": endless, "/told.wav": told}) as origin:
        settings = Settings(
            data_dir=ask.context.scratch,
            hf_space_id=ask.apps.url("echo"),
            allow_loopback_urls=True,
            max_upload=Bytes(4 * 1024 * 1024),
        )
        for path in ("endless.wav", "told.wav"):
            with pytest.raises(SpaceFailed) as raised:
                SpaceComposer(settings).run(_link(f"{origin.url}/{path}"), SpaceOptions(), ask.context)
            assert "too large" in raised.value.message.en
        assert origin.gone.wait(60)
    assert not ask.context.files


@pytest.mark.parametrize("url", ["http://127.0.0.1:65535/a.wav", "http://169.254.169.254/a.wav", "http://[::1]/a.wav"])
def test_links_to_where_nobody_may_go_are_not_followed(ask: Asking, url: str) -> None:
    with pytest.raises(SpaceFailed) as raised:
        ask("echo", _link(url))
    assert "not a public address" in raised.value.message.en


def test_progress_is_passed_on(ask: Asking) -> None:
    ask("progress")
    fractions = [fraction for _, fraction in ask.context.reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len({fraction for stage, fraction in ask.context.reports if stage == "compose"}) >= 3


# -- what goes wrong ------------


def test_the_spaces_own_error_is_told(ask: Asking) -> None:
    with pytest.raises(SpaceFailed) as raised:
        ask("failing", ComposeTask(genre="said"))
    assert raised.value.message.en == "The Space itself failed: The model is on fire."
    assert not raised.value.retryable


def test_an_error_that_the_space_keeps_to_itself(ask: Asking) -> None:
    with pytest.raises(SpaceFailed) as raised:
        ask("failing", ComposeTask(genre="hidden"))
    assert "itself failed" in raised.value.message.en
    assert "a detail" not in raised.value.message.en


def test_a_used_up_quota_is_told_apart(ask: Asking) -> None:
    with pytest.raises(SpaceQuota) as raised:
        ask("failing", ComposeTask(genre="quota"))
    assert "12s left" in raised.value.message.en
    assert "<" not in raised.value.message.en


def test_a_login_that_is_wanted_is_told_apart(ask: Asking) -> None:
    with pytest.raises(SpaceLogin) as raised:
        ask("closed")
    assert "missing or unfit" in raised.value.message.en
    assert raised.value.cure is not None
    assert "HF_API_TOKEN" in raised.value.cure.en


def test_a_space_that_only_offers_sign_in_is_told_apart(ask: Asking) -> None:
    with pytest.raises(SpaceSignInOnly):
        ask("signin")


def test_a_hang_ends_with_the_time_allowed(ask: Asking) -> None:
    with pytest.raises(SpaceTimedOut) as raised:
        ask("hanging", timeout=2)
    assert "2 s" in raised.value.message.en


def test_cancelling_ends_the_run_and_frees_the_space(ask: Asking, tmp_path: Path) -> None:
    """The app runs one call at a time: the next can only begin when the first was given up."""
    for _ in range(2):
        before = len(ask.calls("hanging"))
        context = Impatient(seed=1, scratch=tmp_path, is_time=lambda seen=before: len(ask.calls("hanging")) > seen)
        ask.context = context
        with pytest.raises(Cancelled):
            ask("hanging")


class Impatient(MemoryContext):
    """Cancels as soon as the Space has begun."""

    def __init__(self, *, seed: int, scratch: Path, is_time: Any) -> None:
        super().__init__(seed=seed, scratch=scratch)
        self._is_time = is_time

    def check_cancelled(self) -> None:
        if self._is_time():
            raise Cancelled("cancelled by the test")


def test_nobody_there(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, hf_space_id="http://127.0.0.1:9")
    with pytest.raises(SpaceUnreachable) as raised:
        SpaceComposer(settings).run(TASK, SpaceOptions(), MemoryContext(seed=1, scratch=tmp_path))
    assert raised.value.retryable
    assert raised.value.message.en == "The Space at http://127.0.0.1:9 cannot be reached; is it running?"
    assert "127.0.0.1:9" in raised.value.message.ko
    assert raised.value.cure is not None


# -- as a job ------------


def _generated(apps: Apps, folder: Path, app: str, **task: Any) -> tuple[JobView, TrackView | None]:
    """A generation by the documented settings alone, carried out here."""
    services = build(load(data_dir=folder, workers=0, hf_space_id=apps.url(app), write_engine="debug"))
    try:
        owner = services.accounts.local().known("read").id
        wanted = GenerationTask.model_validate({"prompt": "calm piano", **task})
        job = services.submit("generation", wanted, owner=owner, origin="v1")
        job = jobs.run_inline(services.kernel, job.id)
        with services.database.read() as session:
            found = tracks.of_jobs(session, [job.id])
            return job, tracks.get(session, found[job.id], owner) if found else None
    finally:
        services.close()


def test_a_generation_by_a_space_is_a_track_like_any_other(apps: Apps, tmp_path: Path) -> None:
    job, track = _generated(apps, tmp_path, "english", duration=10, seed=7, title="고요")
    assert track is not None
    assert track.engine == "space"
    assert track.media_type == "audio/wav"
    assert track.duration == pytest.approx(10.0, abs=0.01)
    assert [artifact.name for artifact in job.artifacts if artifact.role == "song"] == ["고요.wav"]
    assert track.facts["report"]["space"] == apps.url("english")
    assert {"parameter": "duration", "from": "duration", "value": 10}.items() <= track.facts["report"]["inputs"][
        1
    ].items()
    assert "peaks" in track.artifacts
    assert not [notice for notice in track.facts["notices"] if "finished" in notice["en"]]


@pytest.mark.parametrize(("asked", "told"), [("mp3", 1), ("wav", 0)])
def test_a_file_of_another_kind_than_was_asked_for_is_told(apps: Apps, tmp_path: Path, asked: str, told: int) -> None:
    _, track = _generated(apps, tmp_path, "english", duration=10, format=asked)
    assert track is not None
    notices = [notice for notice in track.facts["notices"] if "finished" in notice["en"]]
    assert len(notices) == told
    assert all(asked in notice[language] for notice in notices for language in ("en", "ko"))


def test_a_failed_generation_keeps_its_reason(apps: Apps, tmp_path: Path) -> None:
    job, track = _generated(apps, tmp_path, "closed")
    assert track is None
    assert job.error is not None
    assert job.error.code == "space_login"
    assert [step.attempt for step in job.steps if step.name == "compose"] == [1]

"""`pansori song`: a job made, run and delivered in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from pansori import jobs, settings
from pansori.accounts import local_account
from pansori.cli import inputs, outputs
from pansori.cli.exits import FAILED, tell_kept
from pansori.cli.language import command_as_typed, say
from pansori.cli.progress import view
from pansori.cli.services import content, opened
from pansori.domain.errors import Cancelled, Text
from pansori.domain.jobs import ArtifactView, JobState, JobView, JsonDict
from pansori.domain.media import AudioFormat, Quality
from pansori.workflows import Services, SongTask, SongWorkflow

ORIGIN = "cli"
STEMS = "stem."


@dataclass(frozen=True)
class SongOrder:
    """What was typed."""

    genre: str
    lyrics: str
    duration: float | None
    seed: int | None
    format: AudioFormat | None
    output: str | None
    artifacts: Path | None
    picture: Path | None
    engine: str | None
    title: str
    options: Sequence[str]
    json: bool
    quality: Quality = Quality.STANDARD
    sample_rate: int | None = None

    @property
    def output_path(self) -> Path | None:
        return Path(self.output) if self.output else None

    @property
    def into_folder(self) -> bool:
        """Ends in a slash, or is a folder already, or is not given."""
        return not self.output or self.output.endswith(("/", "\\")) or Path(self.output).is_dir()

    @property
    def places(self) -> Iterator[Path]:
        """Paths like those that will be written."""
        named = self.output_path or Path()
        yield named / "song" if self.into_folder else named
        if self.artifacts is not None:
            yield self.artifacts / "recipe.json"
        if self.picture is not None:
            yield self.picture


def make_song(order: SongOrder) -> int:
    """Returns the exit code. Raises `PansoriError` before the job exists; afterwards the job keeps what went wrong."""
    request = _request(order)
    for path in order.places:
        outputs.check(path)
    with opened(settings.load(workers=0)) as services:
        job = _run(services, request, quiet=order.json)
        if job.state is JobState.CANCELLED:
            raise Cancelled(Text("cancelled", "취소했어요"))
        if job.state is not JobState.SUCCEEDED:
            return tell_kept(job.error) if job.error is not None else FAILED
        saved = _deliver(services, order, job)
    if order.json:
        print(json.dumps(_summary(job, saved), ensure_ascii=False, indent=2))
    else:
        _report(job, saved)
    return 0


def _request(order: SongOrder) -> JsonDict:
    chosen = inputs.choose_format(order.format, None if order.into_folder else order.output_path)
    request: JsonDict = {
        "genre": order.genre,
        "lyrics": inputs.read_text(order.lyrics, "lyrics"),
        "title": order.title,
        "format": chosen.value,
        "options": inputs.read_options(list(order.options)),
        "quality": order.quality.value,
    }
    optional = {
        "duration": order.duration,
        "seed": order.seed,
        "engine": order.engine,
        "sample_rate": order.sample_rate,
    }
    return request | {name: value for name, value in optional.items() if value is not None}


def _run(services: Services, request: JsonDict, *, quiet: bool) -> JobView:
    try:
        task = SongTask.model_validate(request)
    except ValidationError as error:
        raise inputs.invalid(error) from error
    with services.database.write() as session:
        owner = local_account(session)
    with view(quiet=quiet) as progress:  # which takes its time; once there is a job, Ctrl-C is to cancel it
        job = services.submit(SongWorkflow.kind, task, owner=owner, origin=ORIGIN)
        return jobs.run_inline(services.kernel, job.id, on_event=progress.show)


def _deliver(services: Services, order: SongOrder, job: JobView) -> dict[str, Path]:
    """Files by role, as they lie on the disk now."""
    by_role = {artifact.role: artifact for artifact in job.artifacts}
    song = by_role["song"]
    ending = song.name.rpartition(".")[2]
    title = str((job.result or {}).get("title") or order.title or "song")
    path = outputs.target(order.output_path, order.into_folder, title, ending)
    saved = {"song": _save(services, song, path)}
    if order.artifacts is not None:
        for role, artifact in by_role.items():
            if role != "song":
                saved[role] = _save(services, artifact, order.artifacts / artifact.name)
    if order.picture is not None:
        from pansori.cli.picture.gather import draw_song

        drawing = draw_song(services, job)
        outputs.write(iter((drawing.encode(),)), order.picture)
        saved["picture"] = order.picture
    return saved


def _save(services: Services, artifact: ArtifactView, path: Path) -> Path:
    outputs.write(content(services, artifact), path)
    return path


def _summary(job: JobView, saved: dict[str, Path]) -> JsonDict:
    return {
        "job": str(job.id),
        "path": str(saved["song"].absolute()),
        "files": {role: str(path.absolute()) for role, path in saved.items()},
        "song": job.result,
    }


def _report(job: JobView, saved: dict[str, Path]) -> None:
    result = job.result or {}
    for notice in result.get("notices", ()):
        print(notice["en"], file=sys.stderr)
    print(saved["song"])
    facts = [
        f"{result['duration']:.1f} s" if result.get("duration") else "",
        str(result.get("key") or ""),
        f"{result['tempo']:.4g} BPM" if result.get("tempo") else "",
        f"{say('seed', '시드')} {result['seed']}" if "seed" in result else "",
    ]
    print("  " + " · ".join(fact for fact in facts if fact))
    others = [path for role, path in saved.items() if role != "song"]
    if others:
        print("  " + say("beside it: ", "함께 만든 것: ") + ", ".join(str(path) for path in others))
    else:
        print("  " + say("--artifacts FOLDER also saves ", "--artifacts 폴더 를 쓰면 함께 저장해요: ") + _kinds(job))
    serve = f"{command_as_typed()} serve"
    print(say(f"Start the server: {serve}", f"서버 시작: {serve}") + "   (http://127.0.0.1:8080)")


def _kinds(job: JobView) -> str:
    roles = [artifact.role for artifact in job.artifacts if artifact.role not in ("song", "master")]
    stems = [role.removeprefix(STEMS) for role in roles if role.startswith(STEMS)]
    named = [role for role in roles if not role.startswith(STEMS)]
    return ", ".join(([f"{say('stems', '스템')} ({', '.join(stems)})"] if stems else []) + named)

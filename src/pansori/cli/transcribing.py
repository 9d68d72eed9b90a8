"""`pansori transcribe`: what is said in recordings, written down in this process; one that is bad does not stop the
rest."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from pansori import settings
from pansori.cli import inputs, outputs
from pansori.cli.exits import exit_code, tell_line
from pansori.cli.language import say, typable
from pansori.cli.logs import log_to_stderr
from pansori.domain.errors import InvalidRequest, NotFound, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Family, TranscribeTask
from pansori.engines.base import EngineOptions
from pansori.engines.registry import Registry
from pansori.engines.transcribe.base import RECORDING, Transcriber, Transcript
from pansori.reports import WRITERS, TranscriptFormat
from pansori.settings import Settings
from pansori.workflows import options_of, read_recording, voice


@dataclass(frozen=True)
class TranscribeOrder:
    """What was typed. `formats`: in which it is saved, beside being printed."""

    files: Sequence[Path]
    language: str
    commands: bool
    translate: bool
    hints: str
    formats: Sequence[TranscriptFormat]
    output: Path | None
    engine: str | None
    options: Sequence[str]
    json: bool


def transcribe_files(order: TranscribeOrder) -> int:
    """Returns the exit code, that of a file that failed if any did. Raises what is wrong with the order itself."""
    task = _task(order)
    loaded = settings.load()
    log_to_stderr(loaded, quiet=True)
    name = order.engine or loaded.transcribe_engine
    engine: Transcriber[Any] = Registry(loaded).find(Family.TRANSCRIBE, name, Transcriber)  # type: ignore[type-abstract]  # nobody makes one of it
    options = options_of(engine, inputs.read_options(list(order.options)))
    engine.check(task, options)
    code, told = 0, list[JsonDict]()
    for path in order.files:
        try:
            transcript = _transcribe(path, engine, task, options, loaded, quiet=order.json)
            saved = _save(transcript, path, order)
        except PansoriError as error:
            code = max(code, _tell(error, path, several=len(order.files) > 1))
            told.append({"path": str(path), "error": {"code": error.code, "message": error.message.en}})
            continue
        shown = {"path": str(path), "engine": engine.name, "saved": [str(one) for one in saved]}
        told.append({**shown, "transcript": transcript.model_dump(mode="json")})
        if not order.json:
            _print(path, transcript, saved, several=len(order.files) > 1)
    if order.json:
        print(json.dumps({"files": told}, ensure_ascii=False, indent=2))
    return code


def _task(order: TranscribeOrder) -> TranscribeTask:
    try:
        return TranscribeTask(
            language=order.language,
            expect="commands" if order.commands else "anything",
            translate=order.translate,
            hints=order.hints,
        )
    except ValidationError as error:
        raise inputs.invalid(error) from error


def _transcribe(
    path: Path, engine: Transcriber[Any], task: TranscribeTask, options: EngineOptions, loaded: Settings, *, quiet: bool
) -> Transcript:
    if not path.exists():
        raise NotFound(Text(f"There is no file {path}.", f"{path} 파일이 없어요."))
    if not path.is_file():
        raise InvalidRequest(Text(f"{path} is no file.", f"{path}: 파일이 아니에요."))
    with tempfile.TemporaryDirectory() as folder, _progress(path, quiet=quiet) as done:
        recording = read_recording(path, "", loaded, Path(folder))
        told: Transcript = engine.run(task, options, _Watched(Path(folder), loaded, (RECORDING, recording), done))
    return told


class _Watched(voice.Aside):
    """A run whose progress somebody sees, and which Ctrl-C ends."""

    def __init__(self, folder: Path, loaded: Settings, recording: Any, done: Callable[[float], None]) -> None:
        super().__init__(folder, loaded, recording=recording)
        self._done = done

    def progress(self, stage: str, fraction: float, message: str = "") -> None:
        self._done(fraction)


@contextmanager
def _progress(path: Path, *, quiet: bool) -> Iterator[Callable[[float], None]]:
    """A bar on a terminal; yields what is told the fraction that is done."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=None), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(path.name, total=1.0)
        yield lambda fraction: bar.update(task, completed=fraction)


def _save(transcript: Transcript, path: Path, order: TranscribeOrder) -> list[Path]:
    """Named after the recording: of take.wav, take.srt; with its ending where another one is called the same."""
    stems = [one.stem for one in order.files]
    stem = path.stem if stems.count(path.stem) == 1 else path.name
    saved = []
    for form in order.formats:
        target = (order.output or Path()) / f"{stem}.{form.value}"
        if target.exists() and target.samefile(path):
            raise InvalidRequest(
                Text(f"{target} is the recording itself.", f"{target}: 원본 녹음이에요."), field="output"
            )
        outputs.write(iter((WRITERS[form](transcript).encode(),)), target)
        saved.append(target)
    return saved


def _tell(error: PansoriError, path: Path, *, several: bool) -> int:
    """Returns the exit code. Of several files the one that is meant is named."""
    told = error.message
    if several and str(path) not in told.en:
        told = Text(f"{path}: {told.en}", f"{path}: {told.ko}")
    tell_line(told, error.cure, error.field)
    return exit_code(type(error))


def _print(path: Path, transcript: Transcript, saved: Sequence[Path], *, several: bool) -> None:
    if several:
        print(f"{path}:")
    print(WRITERS[TranscriptFormat.TEXT](transcript), end="")
    if not transcript.text:
        print(say(f"{path}: nothing was understood.", f"{path}: 알아들은 말이 없어요."), file=sys.stderr)
    for notice in transcript.notices:
        print(typable(notice), file=sys.stderr)
    for one in saved:
        print(one, file=sys.stderr)

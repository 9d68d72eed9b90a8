"""`pansori say`: a text spoken into a file, in this process."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pansori import settings
from pansori.cli import inputs, outputs
from pansori.cli.language import language
from pansori.cli.services import log_to_stderr
from pansori.domain.errors import Text
from pansori.domain.media import AudioFormat
from pansori.domain.tasks import Family, SpeakTask
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.base import RunContext, Samples
from pansori.engines.registry import Registry
from pansori.engines.speak.base import SPEECH, Speaker, Speech
from pansori.media import Limits, decode, encode

TITLE = 40  #: characters of the text that name its file


@dataclass(frozen=True)
class SayOrder:
    """What was typed."""

    text: str
    voice: str
    language: str
    rate: float
    pitch: float
    engine: str | None
    format: AudioFormat | None
    output: str | None
    json: bool


def say_text(order: SayOrder) -> int:
    """Returns the exit code. Raises `PansoriError`; nothing is written then."""
    named = Path(order.output) if order.output else None
    as_folder = named is None or str(order.output).endswith(("/", "\\")) or named.is_dir()
    chosen = inputs.choose_format(order.format, None if as_folder else named)
    task = _task(order)
    path = outputs.target(named, as_folder, task.text[:TITLE], chosen.value)
    outputs.check(path)
    loaded = settings.load()
    log_to_stderr(loaded, quiet=True)
    name = order.engine or loaded.speak_engine
    engine: Speaker[Any] = Registry(loaded).get(Family.SPEAK, name)  # type: ignore[assignment]  # of that family
    engine.check(task, engine.Options())
    with tempfile.TemporaryDirectory() as scratch:
        context = _Here(Path(scratch))
        speech: Speech = engine.run(task, engine.Options(), context)
        made = Path(scratch) / f"speech.{chosen.value}"
        samples, rate = context.sounds[SPEECH]
        encode(samples, rate, chosen, made)
        outputs.write(iter((made.read_bytes(),)), path)
    _tell(order, path, engine.name, speech)
    return 0


def _task(order: SayOrder) -> SpeakTask:
    try:
        return SpeakTask(
            text=inputs.read_text(order.text, "text"),
            voice=order.voice,
            language=order.language,
            rate=order.rate,
            pitch=order.pitch,
        )
    except ValidationError as error:
        raise inputs.invalid(error) from error


def _tell(order: SayOrder, path: Path, engine: str, speech: Speech) -> None:
    if order.json:
        told = {"path": str(path.absolute()), "engine": engine, "speech": speech.model_dump(mode="json")}
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    spoken_by = f"{engine} {speech.voice}".strip()
    seconds = Text(f"{speech.duration:.1f} s", f"{speech.duration:.1f}초").in_language(language())
    print(f"{path}\n  {seconds} · {spoken_by} · {speech.language}")


@dataclass
class _Here(RunContext):
    """A run in this process, which Ctrl-C ends. Its sounds are kept by their roles."""

    scratch: Path
    seed: int = 0
    sounds: dict[str, tuple[Samples, SampleRateHz]] = field(default_factory=dict)

    def progress(self, stage: str, fraction: float, message: str = "") -> None:
        """Nobody looks: speech is there at once."""

    def check_cancelled(self) -> None:
        """Ctrl-C raises by itself."""

    def save_audio(self, role: str, samples: Samples, sample_rate: SampleRateHz) -> None:
        self.sounds[role] = samples.copy(), sample_rate

    def save_file(self, role: str, name: str, content: bytes, media_type: str) -> None:
        """Only the sound is asked for."""

    def save_media(self, role: str, path: Path, *, name: str) -> Seconds:
        decoded = decode(path, Limits())
        self.sounds[role] = decoded.samples, decoded.rate
        return Seconds(decoded.samples.shape[1] / decoded.rate)

"""`pansori say`: a text spoken into a file, in this process."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pansori import settings
from pansori.cli import inputs, outputs
from pansori.cli.devices import Loudspeaker
from pansori.cli.language import language, typable
from pansori.cli.logs import log_to_stderr
from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.media import AudioFormat
from pansori.domain.tasks import Family, SpeakTask
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.base import RunContext, Samples
from pansori.engines.registry import Registry
from pansori.engines.speak.base import SPEECH, Speaker, Speech
from pansori.engines.speak.script import text_of
from pansori.media import Limits, decode, encode

TITLE = 40  #: characters of the text that name its file
STDOUT, OGG = "-", ".ogg"


@dataclass(frozen=True)
class SayOrder:
    """What was typed."""

    text: str
    voice: str
    language: str
    rate: float
    pitch: float
    ssml: bool
    as_written: bool
    engine: str | None
    format: AudioFormat | None
    output: str | None
    play: bool
    json: bool


def say_text(order: SayOrder) -> int:
    """Returns the exit code. Raises `PansoriError`; nothing is written then."""
    if order.play:
        return _say_aloud(order)
    piped = order.output == STDOUT
    if piped and order.json:
        raise InvalidRequest(
            Text("--json and --output - both want standard output.", "--json과 --output -는 함께 쓸 수 없어요."),
            field="output",
        )
    task = _task(order)
    chosen, path = (order.format or AudioFormat.WAV, None) if piped else _target(order, text_of(task))
    engine = _engine(order.engine)
    engine.check(task, engine.Options())
    with tempfile.TemporaryDirectory() as scratch:
        context = _Here(Path(scratch))
        speech: Speech = engine.run(task, engine.Options(), context)
        made = Path(scratch) / f"speech.{chosen.value}"
        samples, rate = context.sounds[SPEECH]
        encode(samples, rate, chosen, made, bits=16)  # as all that reads speech expects of a WAV
        if path is None:
            sys.stdout.buffer.write(made.read_bytes())
            sys.stdout.buffer.flush()
        else:
            outputs.write(iter((made.read_bytes(),)), path)
    _notify(speech.notices)
    if path is not None:
        _tell(order, path, engine.name, speech)
    return 0


def _say_aloud(order: SayOrder) -> int:
    """Each sentence as soon as it is spoken."""
    if order.json or order.output is not None:
        raise InvalidRequest(
            Text("--play makes no file, nor tells of one.", "--play는 파일을 만들지 않아요."),
            cure=Text("Leave out --output and --json.", "--output과 --json을 빼 주세요."),
        )
    task, engine = _task(order), _engine(order.engine)
    engine.check(task, engine.Options())
    loudspeaker = Loudspeaker()
    notices: list[Text] = []
    with tempfile.TemporaryDirectory() as scratch:
        for part in engine.stream(task, engine.Options(), _Here(Path(scratch))):
            loudspeaker.play(0, part.pcm, part.rate)
            notices += part.notices
    loudspeaker.finish()
    _notify(notices)
    return 0


def _notify(notices: Iterable[Text]) -> None:
    for notice in dict.fromkeys(notices):
        print(typable(notice), file=sys.stderr)


def list_voices(name: str | None, as_json: bool) -> int:
    """Whom a text can be said by, with the languages of each, and by these."""
    voices = sorted(_engine(name).voices(), key=lambda one: (one.languages, one.name.casefold()))
    if as_json:
        print(json.dumps([voice.model_dump(mode="json") for voice in voices], ensure_ascii=False, indent=2))
        return 0
    kinds = {"female": Text("woman", "여성"), "male": Text("man", "남성")}
    for voice in voices:
        kind = kinds[voice.gender].in_language(language()) if voice.gender else ""
        print(" · ".join(part for part in (voice.name, kind, ", ".join(voice.languages)) if part))
    return 0


def _engine(name: str | None) -> Speaker[Any]:
    loaded = settings.load()
    log_to_stderr(loaded, quiet=True)
    engine: Speaker[Any] = Registry(loaded).get(Family.SPEAK, name or loaded.speak_engine)  # type: ignore[assignment]  # of that family
    return engine


def _target(order: SayOrder, text: str) -> tuple[AudioFormat, Path]:
    named = Path(order.output) if order.output else None
    as_folder = named is None or str(order.output).endswith(("/", "\\")) or named.is_dir()
    in_ogg = named is not None and named.suffix.lower() == OGG and order.format in (None, AudioFormat.OPUS)
    chosen = AudioFormat.OPUS if in_ogg else inputs.choose_format(order.format, None if as_folder else named)
    title = text[:TITLE] if any(map(str.isalnum, text[:TITLE])) else SPEECH
    path = outputs.target(named, as_folder, title, chosen.value)
    outputs.check(path)
    return chosen, path


def _task(order: SayOrder) -> SpeakTask:
    try:
        return SpeakTask(
            text=inputs.read_text(order.text, "text"),
            markup="ssml" if order.ssml else "none",
            normalise=not order.as_written,
            voice=order.voice,
            language=order.language,
            rate=order.rate,
            pitch=order.pitch,
        )
    except ValidationError as error:
        raise inputs.invalid(error, argument="text") from error


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

"""Whisper, as CTranslate2 runs it: a hundred languages, on a CPU or a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary

from pydantic import Field

from pansori.domain.errors import EngineFailed, EngineUnavailable, NotEnoughMemory, Text
from pansori.domain.tasks import TranscribeTask
from pansori.domain.units import Bytes, Seconds
from pansori.engines.base import Card, EngineOptions, RunContext, Status
from pansori.engines.residency import hold
from pansori.engines.transcribe.base import (
    COMMANDS,
    RECORDING,
    SPEECH,
    HeardSegment,
    Listening,
    Transcriber,
    Transcript,
)
from pansori.engines.transcribe.free_speech import ADVISED, KEY, LIBRARY, whisper_status
from pansori.engines.transcribe.glances import Glancing, Pace
from pansori.engines.transcribe.languages import AUTO, choose_language
from pansori.engines.transcribe.pieces import Piece, piece, pieces
from pansori.engines.transcribe.sound import Heard
from pansori.engines.transcribe.told import ToldSegment, ToldWord, in_order, orderly
from pansori.engines.weights import here, weights
from pansori.settings import Settings

WEIGHTS: Final = "model.bin"
TEMPERATURES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  #: tried in turn, until what is understood is likely
BESIDE: Final = Bytes(300 * 1024 * 1024)  #: memory beside the weights: sound, spectra, what the decoder remembers
LONGEST: Final = Seconds(300.0)  #: of a piece; Whisper itself goes by 30 s
LANGUAGES: Final = (
    "en", "ko", "af", "am", "ar", "as", "az", "ba", "be", "bg", "bn", "bo", "br", "bs", "ca", "cs", "cy", "da", "de",
    "el", "es", "et", "eu", "fa", "fi", "fo", "fr", "gl", "gu", "ha", "haw", "he", "hi", "hr", "ht", "hu", "hy", "id",
    "is", "it", "ja", "jw", "ka", "kk", "km", "kn", "la", "lb", "ln", "lo", "lt", "lv", "mg", "mi", "mk", "ml", "mn",
    "mr", "ms", "mt", "my", "ne", "nl", "nn", "no", "oc", "pa", "pl", "ps", "pt", "ro", "ru", "sa", "sd", "si", "sk",
    "sl", "sn", "so", "sq", "sr", "su", "sv", "sw", "ta", "te", "tg", "th", "tk", "tl", "tr", "tt", "uk", "ur", "uz",
    "vi", "yi", "yo", "zh",
)  # fmt: skip


class FasterWhisperOptions(EngineOptions):
    model: str = Field(
        default="",
        max_length=200,
        description="One that is here: a name of `pansori models list`, or hf:owner/name. Default: as the installation "
        "is set, else the smallest that is here.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="auto: a GPU where there is one.")
    precision: Literal["default", "int8", "int8_float16", "float16", "float32"] = Field(
        default="default", description="Of the arithmetic. Default: int8 on a CPU, float16 on a GPU."
    )
    beam: int = Field(default=5, ge=1, le=10, description="How many beginnings of a sentence are followed at once.")


class FasterWhisper(Transcriber[FasterWhisperOptions]):
    """Hears free speech. Stretches in which nobody speaks are left out, since a Whisper makes things up there."""

    name = "faster_whisper"
    Options = FasterWhisperOptions

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._paces: WeakKeyDictionary[Any, Pace] = WeakKeyDictionary()  #: of models

    def card(self) -> Card:
        found = here(self.settings, KEY)
        return Card(
            summary="Hears free speech in a hundred languages, and can write it in English: a Whisper.",
            summary_ko="백 가지 언어로 자유롭게 하는 말을 알아듣고, 영어로 옮겨 적을 수도 있어요. Whisper예요.",
            languages=LANGUAGES,
            memory=_memory(_path(self.settings, found)),
            holds_model=True,
            cancel_grace=Seconds(10.0),
            abilities=(
                SPEECH,
                COMMANDS,
            ),
            code_licence="MIT",
            weights_licence="MIT",
            parts={"models": ", ".join(found)} if found else {},
        )

    def status(self) -> Status:
        return whisper_status(self.settings)

    def check(self, task: TranscribeTask, options: FasterWhisperOptions) -> None:
        choose_language(task.language, LANGUAGES)

    def run(self, task: TranscribeTask, options: FasterWhisperOptions, context: RunContext) -> Transcript:
        self.check(task, options)
        recording = context.inputs[RECORDING]
        duration = recording.duration
        context.progress("transcribe", 0.0)
        context.check_cancelled()

        def look(done: float) -> None:
            context.progress("transcribe", min(done / max(duration, 0.001), 0.99))
            context.check_cancelled()

        transcript = self._hear(pieces(recording, LONGEST), duration, task, options, look)
        context.progress("transcribe", 1.0)
        return transcript

    def listen(self, task: TranscribeTask, options: FasterWhisperOptions, context: RunContext) -> Listening:
        self.check(task, options)

        def understand(samples: Heard) -> Transcript:
            sent = piece(samples)
            return self._hear(iter((sent,)), sent.duration, task, options, lambda _: context.check_cancelled())

        def glance(samples: Heard, look: Callable[[], None]) -> str:
            sent, language = piece(samples), choose_language(task.language, LANGUAGES)
            if not sent.spoken:
                return ""
            _, said = self._understood(sent, language, task, options, lambda _: look(), quick=True)
            return " ".join(one.text for one in said)

        with ExitStack() as held:
            model = held.enter_context(self._model(options, context.check_cancelled))
            return Glancing(understand, glance, self._paces.setdefault(model, Pace()), held.pop_all())

    def _hear(
        self,
        sent: Iterator[Piece],
        duration: Seconds,
        task: TranscribeTask,
        options: FasterWhisperOptions,
        look: Callable[[float], None],
    ) -> Transcript:
        language = choose_language(task.language, LANGUAGES)
        segments: list[HeardSegment] = []
        for one in sent:
            if one.spoken:
                found, said = self._understood(one, language, task, options, look)
                language = found if language == AUTO else language
                segments += said
            look(one.end)
        kept = in_order(one.model_copy(update={"end": min(one.end, duration)}) for one in segments)
        known = "en" if task.translate else language
        return Transcript(
            text=" ".join(one.text for one in kept),
            language="und" if known == AUTO else known,
            duration=duration,
            segments=kept,
        )

    def _understood(
        self,
        sent: Piece,
        language: str,
        task: TranscribeTask,
        options: FasterWhisperOptions,
        look: Callable[[float], None],
        *,
        quick: bool = False,
    ) -> tuple[str, list[HeardSegment]]:
        """`quick`: the first thing that comes to mind."""
        with self._model(options, lambda: look(sent.start)) as model:
            try:
                told, info = model.transcribe(
                    sent.samples,
                    language=None if language == AUTO else language,
                    task="translate" if task.translate else "transcribe",
                    beam_size=1 if quick else options.beam,
                    temperature=TEMPERATURES[0] if quick else TEMPERATURES,
                    initial_prompt=task.hints or None,
                    word_timestamps=task.words and not quick,
                    vad_filter=True,
                    condition_on_previous_text=False,
                )
                segments: list[HeardSegment] = []
                for segment in told:
                    segments += orderly(_told(segment), map(_told_word, segment.words or ()), sent.start, sent.end)
                    look(min(sent.start + segment.end, sent.end))
            except (RuntimeError, ValueError) as error:  # what CTranslate2 raises for whatever goes wrong inside
                raise EngineFailed(
                    Text(f"Whisper failed: {error}", f"Whisper가 알아듣지 못했어요: {error}"),
                    cure=Text("Fetch its model anew.", "모델을 다시 받아 보세요."),
                ) from error
        return str(info.language), segments

    def _model(self, options: FasterWhisperOptions, look: Callable[[], None]) -> Any:
        name = options.model or self.settings.whisper_model or next(iter(here(self.settings, KEY)), ADVISED)
        path = weights(self.settings, name, by_operator=not options.model)
        device = _device(options.device)
        precision = _precision(options.precision, device)

        return hold(
            f"{LIBRARY} {name} {device} {precision}",
            lambda: _load(path, device, precision),
            memory=_memory(path) if device == "cpu" else BESIDE,
            ttl=self.settings.model_idle_ttl,
            look=look,
        )


def _device(wanted: str) -> str:
    if wanted != "auto":
        return wanted
    import ctranslate2

    return "cuda" if ctranslate2.get_cuda_device_count() else "cpu"


def _precision(wanted: str, device: str) -> str:
    if wanted != "default":
        return wanted
    return "int8" if device == "cpu" else "float16"


def _load(path: Path, device: str, precision: str) -> Any:
    """Raises `EngineUnavailable`, `NotEnoughMemory`."""
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(str(path), device=device, compute_type=precision, local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        if "out of memory" in str(error):
            raise NotEnoughMemory(
                Text(
                    "The GPU has too little memory for this Whisper.", "GPU 메모리가 모자라 이 Whisper를 올리지 못해요."
                ),
                cure=Text("Choose a smaller model.", "더 작은 모델을 고르세요."),
            ) from error
        raise EngineUnavailable(
            Text(f"Whisper could not be loaded: {error}", f"Whisper를 불러오지 못했어요: {error}"),
            cure=Text("Fetch its model anew, or choose another.", "모델을 다시 받거나 다른 모델을 고르세요."),
        ) from error


def _path(settings: Any, found: tuple[str, ...]) -> Path | None:
    name = settings.whisper_model or next(iter(found), "")
    try:
        return weights(settings, name, by_operator=bool(settings.whisper_model)) if name else None
    except EngineUnavailable:
        return None


def _memory(path: Path | None) -> Bytes:
    """Of weights as they lie in the file, which mostly has them in float16; int8 takes half of that, float32 twice."""
    file = path / WEIGHTS if path else None
    return Bytes((2 * file.stat().st_size if file and file.is_file() else 0) + BESIDE)


def _told(segment: Any) -> ToldSegment:
    return ToldSegment(
        text=segment.text,
        start=segment.start,
        end=segment.end,
        avg_logprob=segment.avg_logprob,
        no_speech_prob=segment.no_speech_prob,
    )


def _told_word(word: Any) -> ToldWord:
    return ToldWord(word=word.word, start=word.start, end=word.end, probability=word.probability)

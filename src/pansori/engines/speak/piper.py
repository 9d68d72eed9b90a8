"""Voices of Piper (`piper-tts`): small neural ones, quick on any processor, each a file."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from pansori.domain.errors import EngineFailed, Text
from pansori.domain.tasks import SpeakTask
from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.engines.base import Card, EngineOptions, RunContext, Status
from pansori.engines.residency import hold
from pansori.engines.speak import weights
from pansori.engines.speak.base import Speaker, SpokenPart, Voice
from pansori.engines.speak.refusals import misread, unknown
from pansori.engines.speak.script import Script, script_of

if TYPE_CHECKING:
    from pansori.engines.speak.plain import Sound, Wanted

ENGINE: Final = "speak.piper"
MEMORY_BY_SIZE: Final = 3  #: of a voice, against its file
SPEAKER: Final = "/"  #: between a voice and one of its speakers
LEVEL: Final = 0.7  #: of the loudest sample of each sentence


class PiperSpeakerOptions(EngineOptions):
    variation: float | None = Field(
        default=None,
        ge=0.0,
        le=2.0,
        description="How much the voice varies, from one time to the next too; 0: it always says the same alike. "
        "Default: as its maker has set it.",
    )


@dataclass(frozen=True)
class Installed:
    """A voice that is here, or one speaker of it."""

    name: str
    model: Path
    language: str  #: BCP 47 tag
    speaker: int | None = None


class PiperSpeaker(Speaker[PiperSpeakerOptions]):
    """The same text sounds the same only without `variation`, where the voice has it. Knows the time of each phoneme
    where its voice tells it."""

    name = "piper"
    Options = PiperSpeakerOptions

    def card(self) -> Card:
        voices = self._installed()
        return Card(
            summary="Speaks with small neural voices, quickly, on any processor.",
            summary_ko="작은 신경망 목소리로 어떤 컴퓨터에서든 빠르게 말해요.",
            languages=tuple(dict.fromkeys(voice.language for voice in voices)),
            memory=Bytes(max((_memory(voice) for voice in voices), default=0)),
            holds_model=True,
            code_licence="GPL-3.0-or-later",
            weights_licence="as each voice states",
            parts={"voices": ", ".join(voice.name for voice in voices)} if voices else {},
        )

    def status(self) -> Status:
        return weights.status(self.settings, ENGINE, "piper")

    def voices(self) -> tuple[Voice, ...]:
        return tuple(Voice(name=one.name, languages=(one.language,)) for one in self._installed())

    def check(self, task: SpeakTask, options: PiperSpeakerOptions) -> None:
        self._chosen(task, script_of(task))

    def stream(self, task: SpeakTask, options: PiperSpeakerOptions, context: RunContext) -> Iterator[SpokenPart]:
        from pansori.engines.speak.plain import speak_plainly

        script = script_of(task)
        voices = self._chosen(task, script)

        def say(wanted: Wanted) -> Sound:
            context.check_cancelled()
            voice = voices[wanted.language, wanted.voice]
            key, ttl = f"piper {voice.model}", self.settings.model_idle_ttl
            with hold(key, _loader(voice), memory=_memory(voice), ttl=ttl, look=context.check_cancelled) as model:
                return _say(model, voice, wanted, options.variation)

        context.check_cancelled()
        yield from speak_plainly(task, script, say, has_phonemes=True)

    def _chosen(self, task: SpeakTask, script: Script) -> dict[tuple[str, str], Installed]:
        """By language and name of a voice. Raises `InvalidRequest`."""
        found = self._installed()
        manners = [run.manner for line in script.lines for run in line.runs]
        wanted = {(manner.language, manner.voice or task.voice) for manner in manners}
        return {(language, name): _choose(found, language, name) for language, name in wanted} if found else {}

    def _installed(self) -> list[Installed]:
        return [
            voice
            for name, folder in weights.folders(self.settings, ENGINE)
            for model in sorted(folder.glob("*.onnx"))
            for voice in _described(model.stem if name.startswith("hf:") else name.removeprefix("piper-"), model)
        ]


def _described(name: str, model: Path) -> Iterator[Installed]:
    try:
        config = _config(model.with_name(f"{model.name}.json"), model.stat().st_mtime)
        language = str(config.get("language", {}).get("code") or config["espeak"]["voice"]).replace("_", "-")
        speakers = {str(speaker): int(number) for speaker, number in (config.get("speaker_id_map") or {}).items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return  # it cannot speak, which the others can all the same
    yield Installed(name, model, language)
    for speaker, number in speakers.items():
        yield Installed(f"{name}{SPEAKER}{speaker}", model, language, number)


@lru_cache(maxsize=64)
def _config(path: Path, changed: float) -> dict[str, Any]:
    """Raises `OSError`, `ValueError`."""
    told = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(told, dict) or "espeak" not in told:
        raise ValueError(path.name)
    return told


def _choose(found: list[Installed], language: str, name: str) -> Installed:
    if name and name not in {one.name for one in found}:
        raise unknown("voice", name, [one.name for one in found])
    able = [one for one in found if not name or one.name == name]
    for tag in (language.lower(), language.lower().partition("-")[0]):
        for one in able:
            if f"{one.language.lower()}-".startswith(f"{tag}-"):
                return one
    raise unknown("language", language, sorted({one.language for one in able}))


def _memory(voice: Installed) -> Bytes:
    return Bytes(MEMORY_BY_SIZE * voice.model.stat().st_size)


def _loader(voice: Installed) -> Callable[[], Any]:
    def load() -> Any:
        from piper import PiperVoice

        try:
            return PiperVoice.load(voice.model, download_dir=voice.model.parent, include_alignments=True)
        except Exception as error:  # whatever the library makes of a file that is no voice
            raise EngineFailed(
                Text(
                    f"The voice {voice.name} could not be loaded: {type(error).__name__}.",
                    f"{voice.name} 목소리를 불러오지 못했어요: {type(error).__name__}",
                ),
                cure=Text("Fetch it anew: `pansori models get`.", "`pansori models get`으로 다시 받아 보세요."),
            ) from error

    return load


def _say(model: Any, voice: Installed, wanted: Wanted, variation: float | None) -> Sound:
    import numpy as np
    from piper import SynthesisConfig

    from pansori.engines.speak.plain import Sound
    from pansori.engines.speak.timing import ESTIMATED, Timed, words_of

    config = SynthesisConfig(
        speaker_id=voice.speaker,
        length_scale=model.config.length_scale / wanted.rate,
        noise_scale=variation,
        noise_w_scale=variation,
    )
    rate = SampleRateHz(model.config.sample_rate)
    sounds, timed, count, is_timed = [], [], 0, True
    for chunk in model.synthesize(_written(wanted), config, include_alignments=True):
        at = count
        for one in chunk.phoneme_alignments or ():
            timed.append(Timed(one.phoneme, Seconds(at / rate), Seconds((at + one.num_samples) / rate)))
            at += one.num_samples
        timed.append(Timed("", Seconds(at / rate), Seconds(at / rate)))
        is_timed = is_timed and bool(chunk.phoneme_alignments)
        sounds.append(np.asarray(chunk.audio_float_array, np.float32) * np.float32(LEVEL))
        count += len(sounds[-1])
    if not count:
        raise EngineFailed(Text("The voice has said nothing.", "목소리가 아무 말도 하지 않았어요."))
    words, is_estimated = words_of(wanted.joined.words(), timed) if is_timed else ((), False)
    notices = (*misread(wanted.joined.runs), *((ESTIMATED,) if is_estimated else ()))
    return Sound(np.concatenate(sounds), rate, words, notices)


def _written(wanted: Wanted) -> str:
    """As Piper takes it: `[[…]]` are phonemes, their accents apart, which nothing in the text itself may be."""
    return "".join(
        f"[[{unicodedata.normalize('NFD', run.ipa.replace(']', ''))}]]"
        if run.ipa
        else run.reading.said.replace("[[", "[ [")
        for run in wanted.joined.runs
    )

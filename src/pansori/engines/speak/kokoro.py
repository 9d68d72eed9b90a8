"""Voices of Kokoro (`kokoro-onnx`): one neural model, many voices, natural; espeak-ng's phonemes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from pansori.domain.errors import EngineFailed, Text
from pansori.domain.tasks import SpeakTask
from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.engines.base import Card, EngineOptions, RunContext, Status
from pansori.engines.residency import hold
from pansori.engines.speak import weights
from pansori.engines.speak.base import Speaker, SpokenPart, Voice
from pansori.engines.speak.refusals import misread, unknown
from pansori.engines.speak.script import Script, script_of
from pansori.espeak import Resident, phonemes_of

if TYPE_CHECKING:
    from pansori.engines.speak.plain import Sound, Wanted

ENGINE: Final = "speak.kokoro"
RATE: Final = SampleRateHz(24_000)
SLOWEST, FASTEST = 0.5, 2.0  #: what the model was made for
MEMORY_BY_SIZE: Final = 2  #: of the model, against its file
#: The first letter of a voice's name. Japanese and Chinese are left out: espeak-ng cannot read their characters.
LANGUAGES: Final = {
    "a": "en-us", "b": "en-gb", "e": "es", "f": "fr-fr", "h": "hi", "i": "it", "p": "pt-br",
}  # fmt: skip
FAVOURITES: Final = ("af_heart", "bf_emma")  #: spoken with where a task names none, if they are there
GENDERS: Final[dict[str, Literal["female", "male"]]] = {"f": "female", "m": "male"}
ESPEAK_MEMORY: Final = Bytes(32 * 1024 * 1024)


@dataclass(frozen=True)
class Installed:
    model: Path
    voices: Path
    names: tuple[str, ...]


class KokoroSpeaker(Speaker[EngineOptions]):
    """Knows when each phoneme is said where its model tells it, which the first ones do not."""

    name = "kokoro"

    def card(self) -> Card:
        found = self._installed()
        return Card(
            summary="Speaks naturally with one neural model of many voices; no Korean.",
            summary_ko="신경망 모델 하나로 여러 목소리를 자연스럽게 말해요. 한국어는 못 해요.",
            languages=tuple(dict.fromkeys(_language(name) for name in found.names)) if found else (),
            sample_rate=RATE,
            memory=_memory(found) if found else Bytes(0),
            holds_model=True,
            code_licence="GPL-3.0-or-later",
            weights_licence="Apache-2.0",
            parts={"model": found.model.name, "voices": str(len(found.names))} if found else {},
        )

    def status(self) -> Status:
        return weights.status(self.settings, ENGINE, "kokoro_onnx")

    def voices(self) -> tuple[Voice, ...]:
        found = self._installed()
        return tuple(
            Voice(name=name, languages=(_language(name),), gender=GENDERS.get(name[1:2], ""))
            for name in (found.names if found else ())
        )

    def check(self, task: SpeakTask, options: EngineOptions) -> None:
        found = self._installed()
        if found is not None:
            _chosen(found, task, script_of(task))

    def stream(self, task: SpeakTask, options: EngineOptions, context: RunContext) -> Iterator[SpokenPart]:
        from pansori.engines.speak.plain import speak_plainly

        self.check(task, options)
        found = self._installed()
        if found is None:
            raise EngineFailed(Text("The model has gone.", "모델이 사라졌어요."))
        script = script_of(task)
        names = _chosen(found, task, script)
        ttl, look = self.settings.model_idle_ttl, context.check_cancelled

        def say(wanted: Wanted) -> Sound:
            look()
            name = names[wanted.language, wanted.voice]
            with hold("espeak", Resident, memory=ESPEAK_MEMORY, ttl=ttl, unload=Resident.close, look=look) as reader:
                phonemes = _pronounced(wanted, _language(name), reader, look)
            key = f"kokoro {found.model}"
            with hold(key, _loader(found), memory=_memory(found), ttl=ttl, look=look) as model:
                return _say(model, name, phonemes, wanted)

        look()
        yield from speak_plainly(task, script, say, has_phonemes=True)

    def _installed(self) -> Installed | None:
        for _, folder in weights.folders(self.settings, ENGINE):
            model = next(iter(sorted(folder.glob("*.onnx"))), None)
            voices = next(iter(sorted(folder.glob("voices*"))), None)
            if model is not None and voices is not None:
                names = _names(voices, voices.stat().st_mtime)
                return Installed(model, voices, names) if names else None
        return None


@lru_cache(maxsize=8)
def _names(voices: Path, changed: float) -> tuple[str, ...]:
    """Of those that can be read for: an archive of NumPy has a file for each."""
    try:
        with zipfile.ZipFile(voices) as archive:
            names = sorted(name.removesuffix(".npy") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return ()
    return tuple(sorted((name for name in names if name[:1] in LANGUAGES), key=lambda name: name not in FAVOURITES))


def _language(name: str) -> str:
    return LANGUAGES[name[0]]


def _memory(found: Installed) -> Bytes:
    return Bytes(MEMORY_BY_SIZE * found.model.stat().st_size)


def _chosen(found: Installed, task: SpeakTask, script: Script) -> dict[tuple[str, str], str]:
    """By language and name of a voice. Raises `InvalidRequest`."""
    manners = [run.manner for line in script.lines for run in line.runs]
    wanted = {(manner.language, manner.voice or task.voice) for manner in manners}
    return {(language, name): _choose(found, language, name) for language, name in wanted}


def _choose(found: Installed, language: str, name: str) -> str:
    if name and name not in found.names:
        raise unknown("voice", name, found.names)
    able = [name] if name else found.names
    for tag in (language.lower(), language.lower().partition("-")[0]):
        for one in able:
            if f"{_language(one)}-".startswith(f"{tag}-"):
                return one
    raise unknown("language", language, sorted({_language(one) for one in able}))


def _pronounced(wanted: Wanted, language: str, reader: Resident, look: Callable[[], None]) -> str:
    """In IPA, with the punctuation that the voices heed."""
    said: list[str] = []
    text = ""
    for run in wanted.joined.runs:
        if run.ipa:
            said += [_read(text, language, reader, look), run.ipa]
            text = ""
        else:
            text += run.reading.said
    return " ".join(part for part in (*said, _read(text, language, reader, look)) if part)


def _read(text: str, language: str, reader: Resident, look: Callable[[], None]) -> str:
    if not text.strip():
        return ""
    clauses = phonemes_of(text, language=language, by=reader, heartbeat=look)
    return " ".join(ipa + mark for ipa, mark in clauses if ipa)


def _loader(found: Installed) -> Callable[[], Any]:
    def load() -> Any:
        from kokoro_onnx import Kokoro

        try:
            return Kokoro(str(found.model), str(found.voices))
        except Exception as error:  # whatever the library makes of a file that is no model
            raise EngineFailed(
                Text(
                    f"The model {found.model.name} could not be loaded: {type(error).__name__}.",
                    f"{found.model.name} 모델을 불러오지 못했어요: {type(error).__name__}",
                ),
                cure=Text("Fetch it anew: `pansori models get`.", "`pansori models get`으로 다시 받아 보세요."),
            ) from error

    return load


def _say(model: Any, name: str, phonemes: str, wanted: Wanted) -> Sound:
    import numpy as np

    from pansori.engines.speak.pace import paced
    from pansori.engines.speak.plain import Sound
    from pansori.engines.speak.timing import ESTIMATED, Timed, words_of

    speed = min(max(wanted.rate, SLOWEST), FASTEST)
    try:
        samples, rate, timings = model.create_timed(phonemes, voice=name, speed=speed, is_phonemes=True)
    except ValueError as error:
        raise EngineFailed(
            Text(f"The voice could not say it: {error}"[:200], f"목소리가 말하지 못했어요: {error}"[:200])
        ) from error
    timed = [Timed("" if one.phoneme == " " else one.phoneme, Seconds(one.start), Seconds(one.end)) for one in timings]
    words, is_estimated = words_of(wanted.joined.words(), timed)
    sound, words = paced(np.asarray(samples, np.float32), words, SampleRateHz(rate), wanted.rate / speed)
    notices = (*misread(wanted.joined.runs), *((ESTIMATED,) if is_estimated else ()))
    return Sound(sound, SampleRateHz(rate), words, notices)

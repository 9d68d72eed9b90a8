"""The embedded speaking engine: espeak-ng, more than a hundred languages, thousands of times faster than speech."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt
from pydantic import Field

from pansori import espeak
from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.tasks import SpeakTask
from pansori.domain.units import Bytes, Seconds
from pansori.engines.base import READY, Card, EngineOptions, RunContext, Status
from pansori.engines.residency import hold
from pansori.engines.speak.base import Speaker, SpokenPart, SpokenPhoneme, SpokenWord, Voice
from pansori.engines.speak.pace import paced
from pansori.engines.speak.refusals import misread, unknown
from pansori.engines.speak.script import Joined, Line, paused, said_for, script_of, sections
from pansori.engines.speak.ssml import Pause
from pansori.espeak import (
    FASTEST,
    HIGHEST,
    LOWEST,
    PACKAGE,
    SLOWEST,
    SOURCE_RATE,
    Installed,
    Resident,
    Spoken,
    Turn,
    UnknownPhoneme,
    find_installed,
    mnemonics_of,
    speak_all,
)

GROWING = (1, 2, 4, 8, 16)  #: sentences that are spoken at once: the first is wanted soon
MEMORY = Bytes(32 * 1024 * 1024)  #: of the process that speaks
NOTHING = Seconds(0.1)  #: of silence, where there is nothing to say
OWN_CHOICE = {"en": "en-us"}  #: what a plain tag stands for here


class EspeakSpeakerOptions(EngineOptions):
    padding: Seconds = Field(
        default=Seconds(0.0), ge=0.0, le=5.0, description="Silence before and after the speech, in seconds."
    )


class EspeakSpeaker(Speaker[EspeakSpeakerOptions]):
    """Formant synthesis: clear and quick, never mistaken for a person. Knows when each word and phoneme is said."""

    name = "espeak"
    Options = EspeakSpeakerOptions

    def card(self) -> Card:
        found = find_installed()
        return Card(
            summary="Speaks more than a hundred languages at once, like a machine; knows the time of every phoneme.",
            summary_ko="백 가지가 넘는 언어를 바로 말해요. 기계 같은 소리지만 음소마다 때를 정확히 알아요.",
            languages=tuple(found.languages) if found else (),
            sample_rate=SOURCE_RATE,
            code_licence="GPL-3.0-or-later",
            parts={"voice": f"espeak-ng ({PACKAGE} {found.version})"} if found else {},
        )

    def status(self) -> Status:
        if find_installed() is not None:
            return READY
        return Status(
            state="missing",
            reason="espeak-ng is not installed",
            cure=f"Install {PACKAGE}.",
            reason_ko="espeak-ng가 설치되어 있지 않아요",
            cure_ko=f"설치하세요: {PACKAGE}",
        )

    def voices(self) -> tuple[Voice, ...]:
        found = find_installed()
        variants = found.variants if found else ()
        return tuple(
            Voice(name=one.name, gender=one.gender if one.gender in ("female", "male") else "")  # type: ignore[arg-type]  # narrowed
            for one in variants
        )

    def check(self, task: SpeakTask, options: EspeakSpeakerOptions) -> None:
        found = find_installed()
        if found is None:
            return  # `status` tells
        script = script_of(task)
        names = [one.name for one in found.variants]
        _language(script.language, found)
        for run in (run for line in script.lines for run in line.runs):
            _language(run.manner.language, found)
            if run.ipa:
                _mnemonics(run.ipa)
            voice = run.manner.voice or task.voice
            if voice and voice not in names:
                raise unknown("voice", voice, names)
        if not LOWEST <= task.pitch <= HIGHEST:
            raise InvalidRequest(
                Text(
                    f"This engine's pitch goes from {LOWEST:.2g} to {HIGHEST:.2g}.",
                    f"이 엔진의 높이는 {LOWEST:.2g}부터 {HIGHEST:.2g}까지예요.",
                ),
                field="pitch",
            )

    def stream(self, task: SpeakTask, options: EspeakSpeakerOptions, context: RunContext) -> Iterator[SpokenPart]:
        self.check(task, options)
        found = find_installed()
        assert found is not None, "`check` has seen the languages"
        script = script_of(task)
        look = context.check_cancelled
        ttl = self.settings.model_idle_ttl
        with hold("espeak", Resident, memory=MEMORY, ttl=ttl, unload=Resident.close, look=look) as resident:
            number = 0
            for size in chain(GROWING, repeat(GROWING[-1])):
                lines = script.lines[number : number + size]
                if not lines:
                    return
                look()
                for line, spoken in zip(lines, _spoken(task, found, lines, resident, look), strict=True):
                    before = options.padding if number == 0 else 0.0
                    is_last = number == len(script.lines) - 1
                    after = options.padding if is_last else paused(script, number) / task.rate
                    words = tuple(word.later(before) for word in spoken.words)
                    samples = np.concatenate((_silence(before), spoken.samples, _silence(after)))
                    language = _language(script.language, found)
                    told = misread(line.runs)
                    yield SpokenPart(line.text, line.first, samples, SOURCE_RATE, words, language, told)
                    number += 1


@dataclass
class _Spoken:
    samples: npt.NDArray[np.float32]
    words: list[SpokenWord]


def _spoken(
    task: SpeakTask, found: Installed, lines: Sequence[Line], resident: Resident, look: Callable[[], None]
) -> Iterator[_Spoken]:
    """Each line, all of them asked for at once."""
    parts = [[_pronounced(section) for section in sections(line)] for line in lines]
    joined = [section for sections_ in parts for section in sections_ if isinstance(section, Joined)]
    heard = iter(speak_all([_text(task, found, one) for one in joined], look, by=resident))
    for sections_ in parts:
        sounds: list[npt.NDArray[np.float32]] = []
        words: list[SpokenWord] = []
        count = 0
        for section in sections_:
            if isinstance(section, Pause):
                sounds.append(_silence(section.seconds))
            else:
                spoken = next(heard)
                loud = (spoken.samples * 10 ** (task.volume / 20)).astype(np.float32)
                sound, said = paced(loud, tuple(_words(section, spoken)), SOURCE_RATE, task.rate / _reached(task.rate))
                sounds.append(sound)
                words += (word.later(count / SOURCE_RATE) for word in said)
            count += len(sounds[-1])
        yield _Spoken(np.concatenate(sounds or [_silence(NOTHING)]), words)


def _text(task: SpeakTask, found: Installed, joined: Joined) -> espeak.Text:
    runs = joined.runs
    turns = tuple(
        Turn(at, run.manner.rate, run.manner.pitch, run.manner.volume)
        for at, run in zip(joined.starts, runs, strict=True)
    )
    has_phonemes = any(run.ipa for run in runs)
    said = joined.said
    if has_phonemes:  # elsewhere brackets are no command
        said = "".join(run.reading.said if run.ipa else run.reading.said.replace("[", " ") for run in runs)
    return espeak.Text(
        said,
        _language(runs[0].manner.language, found),
        runs[0].manner.voice or task.voice,
        _reached(task.rate),
        task.pitch,
        task.intonation,
        () if all(run.manner.is_plain for run in runs) else turns,
        has_phonemes,
    )


def _pronounced(section: Joined | Pause) -> Joined | Pause:
    """With phonemes by espeak's names."""
    if isinstance(section, Pause):
        return section
    return Joined(
        tuple(
            replace(run, told=said_for(run.written, f"[[{_mnemonics(run.ipa)}]]")) if run.ipa else run
            for run in section.runs
        )
    )


def _mnemonics(ipa: str) -> str:
    try:
        return mnemonics_of(ipa)
    except UnknownPhoneme as error:
        raise InvalidRequest(
            Text(
                f"This engine has no phoneme “{error}” (in “{ipa}”).", f"이 엔진에는 “{error}” 음소가 없어요(“{ipa}”)."
            ),
            field="text",
        ) from error


def _words(joined: Joined, spoken: Spoken) -> Iterator[SpokenWord]:
    """As they are written, each with all that is said for it."""
    by_start = {word.first: word for word in spoken.words}
    for heard in joined.words():
        own = [by_start[low] for low, _ in heard.said if low in by_start]
        if own:
            phonemes = tuple(
                SpokenPhoneme(ipa=one.ipa, start=_rounded(one.start), end=_rounded(one.end))
                for word in own
                for one in word.phonemes
            )
            start, end = _rounded(own[0].start), _rounded(own[-1].end)
            yield SpokenWord(text=heard.text, first=heard.first, start=start, end=end, phonemes=phonemes)


def _language(wanted: str, found: Installed) -> str:
    """The tag as espeak takes it, or without its last parts where only that is known (ko-KR: ko). Raises
    `InvalidRequest`."""
    parts = wanted.lower().split("-")
    for count in range(len(parts), 0, -1):
        tag = "-".join(parts[:count])
        tag = OWN_CHOICE.get(tag, tag)
        if tag in found.languages:
            return tag
    raise unknown("language", wanted.lower(), list(found.languages))


def _reached(rate: float) -> float:
    """The nearest that espeak speaks at; from there on its sound is stretched."""
    return min(max(rate, SLOWEST), FASTEST)


def _silence(seconds: float) -> npt.NDArray[np.float32]:
    return np.zeros(round(seconds * SOURCE_RATE), np.float32)


def _rounded(seconds: float) -> Seconds:
    return Seconds(round(seconds, 4))

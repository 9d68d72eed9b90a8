"""The recording: the singer and the band at work at once, then the desk. Everything that sounds happens in here."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import numpy as np

from pansori.domain.errors import Cancelled
from pansori.domain.media import Quality
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.base import RunContext, Samples
from pansori.engines.compose.house_band.model import SAMPLE_RATE, PartName, Performance, Style
from pansori.engines.compose.house_band.sound.desk import Sound, sound_of
from pansori.engines.compose.house_band.sound.effects import interruptible
from pansori.engines.compose.house_band.sound.instruments import play
from pansori.engines.compose.house_band.sound.master import Mastered, master
from pansori.engines.compose.house_band.sound.mix import Stems, make_way, mix_backing, mix_vocal
from pansori.engines.compose.house_band.voice.sing import Doubling, SungVocal, sing

RECORDED, MIXED = 0.7, 0.82  #: shares of the recording at which singer and band have finished, and the desk
FADE_OUT = Seconds(1.2)
HARD_FADE_OUT = Seconds(2.5)
LONGEST_FADE = 0.5  #: of the whole sound: a sting of a second is not all fade


@dataclass(frozen=True)
class Grade:
    """`rate`: of everything that is played and mixed. `sung_at`: of the voice, a multiple of what it is spoken at."""

    rate: SampleRateHz
    sung_at: SampleRateHz
    doubling: Doubling


GRADES: dict[Quality, Grade] = {
    Quality.DRAFT: Grade(SampleRateHz(22_050), SampleRateHz(22_050), "none"),
    Quality.STANDARD: Grade(SAMPLE_RATE, SAMPLE_RATE, "half"),
    Quality.HIGH: Grade(SampleRateHz(48_000), SampleRateHz(44_100), "full"),
}


@dataclass(frozen=True)
class Recording:
    """`stems` sum to `mastered.song`; `dry` is the voice alone, mono, before the desk (None: nobody sings). All of them
    at `rate`."""

    mastered: Mastered
    stems: Stems
    dry: Samples | None
    rate: SampleRateHz


class _Meter:
    """How far singer and band are. The singer's thread only notes it; the context hears of it from ours."""

    def __init__(self, context: RunContext, start: float, end: float, parts: int) -> None:
        self._context = context
        self._start, self._span = start, end - start
        self._parts = max(parts, 1)
        self._sung, self._played = 0.0, 0
        self._stopped = Event()

    def sung(self, fraction: float) -> None:
        """Called by the singer; ends its work when the run has ended otherwise."""
        if self._stopped.is_set():
            raise Cancelled("The recording was stopped.")
        self._sung = max(self._sung, min(fraction, 1.0))

    def stop(self) -> None:
        self._stopped.set()

    def watch(self, parts: Iterator[tuple[PartName, Samples]]) -> Iterator[tuple[PartName, Samples]]:
        for part in parts:
            self._played += 1
            self.report("play")
            yield part
            del part  # as large as a stem, and so is the next

    def report(self, stage: str) -> None:
        self.reach(stage, RECORDED * (0.75 * self._sung + 0.25 * self._played / self._parts))

    def reach(self, stage: str, share: float) -> None:
        self._context.progress(stage, self._start + self._span * share)
        self._context.check_cancelled()


def record(
    performance: Performance,
    style: Style,
    soundfont: Path,
    context: RunContext,
    *,
    start: float,
    end: float,
    quality: Quality = Quality.STANDARD,
) -> Recording:
    """Sing, play, mix and master. Progress goes from `start` to `end`."""
    grade = GRADES[quality]
    meter = _Meter(context, start, end, len(performance.parts))
    sound = sound_of(style.name)
    with interruptible(context.check_cancelled):
        stems, vocal = _play_and_sing(performance, style, soundfont, context, meter, grade)
        meter.reach("mix", RECORDED)
        dry = _mix(stems, vocal, performance, sound, grade.rate)
        meter.reach("master", MIXED)
        mastered = master(
            stems,
            grade.rate,
            fade_out=_fade_out(performance),
            brightness=sound.brightness,
            progress=lambda fraction: meter.reach("master", MIXED + (1.0 - MIXED) * fraction),
        )
    meter.reach("master", 1.0)
    return Recording(mastered, stems, dry, grade.rate)


def _play_and_sing(
    performance: Performance, style: Style, soundfont: Path, context: RunContext, meter: _Meter, grade: Grade
) -> tuple[Stems, SungVocal | None]:
    """The backing, and the voice where anybody sings."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="singer") as pool:
        singer = pool.submit(_sing, performance, style, context.seed, meter, grade)
        try:
            parts = play(performance, grade.rate, soundfont, context.check_cancelled)
            stems = mix_backing(meter.watch(parts), performance, grade.rate, sound_of(style.name))
            return stems, _await(singer, meter)
        except BaseException:
            meter.stop()
            raise


def _mix(
    stems: Stems, vocal: SungVocal | None, performance: Performance, sound: Sound, rate: SampleRateHz
) -> Samples | None:
    """Add the voice's stem to those of the backing, which makes way for it. Returns the voice as it was sung."""
    length = stems["rest"].shape[1]
    if vocal is None:
        stems["vocal"] = np.zeros((2, length), dtype=np.float32)
        return None
    dry = _fitted(vocal.lead, length)
    doubles = None if vocal.doubles is None else _fitted(vocal.doubles, length)
    make_way(stems, performance, rate)
    stems["vocal"] = mix_vocal(dry, doubles, stems, performance, rate, sound)
    return dry


def _sing(performance: Performance, style: Style, seed: int, meter: _Meter, grade: Grade) -> SungVocal | None:
    if not performance.phrases:
        meter.sung(1.0)
        return None
    vocal = sing(
        performance.phrases,
        style.voice,
        duration=performance.duration,
        sample_rate=grade.sung_at,
        seed=seed,
        progress=meter.sung,
        doubling=grade.doubling,
    )
    if grade.sung_at == grade.rate:
        return vocal
    doubles = None if vocal.doubles is None else _at(vocal.doubles, grade)
    return SungVocal(_at(vocal.lead[None, :], grade)[0], doubles, vocal.lines)


def _at(sung: Samples, grade: Grade) -> Samples:
    """[channels, samples] at the desk's rate."""
    import soxr

    return np.ascontiguousarray(soxr.resample(sung.T, grade.sung_at, grade.rate).T, dtype=np.float32)


def _await(singer: Future[SungVocal | None], meter: _Meter) -> SungVocal | None:
    while not singer.done():
        wait([singer], timeout=0.1)
        meter.report("sing")
    return singer.result()


def _fitted(samples: Samples, length: int) -> Samples:
    """As [channels, length]: cut, or silence added at the end; without a copy where it is as long already."""
    shaped = np.atleast_2d(samples)[:, :length]
    missing = length - shaped.shape[1]
    return np.pad(shaped, ((0, 0), (0, missing))) if missing else np.ascontiguousarray(shaped)


def _fade_out(performance: Performance) -> Seconds:
    """Longer where the last notes would be cut off otherwise."""
    last = max((note.start for notes in performance.parts.values() for note in notes), default=0.0)
    usual = HARD_FADE_OUT if performance.duration - last < FADE_OUT else FADE_OUT
    return Seconds(min(usual, LONGEST_FADE * performance.duration))

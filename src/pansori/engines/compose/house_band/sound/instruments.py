"""The players' instruments: a SoundFont, played through TinySoundFont.

The library's own sound output (PyAudio) is never used. Each part is rendered alone, so that it can be mixed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pansori.domain.errors import EngineFailed, EngineUnavailable, Text
from pansori.domain.units import SampleRateHz
from pansori.engines.base import Samples
from pansori.engines.compose.house_band.model import PARTS, PartName, Performance, PlayedNote

if TYPE_CHECKING:
    from tinysoundfont import Synth

SYSTEM_SOUNDFONTS = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),  # Debian: fluid-soundfont-gm
    Path("/opt/homebrew/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/local/share/sounds/sf2/FluidR3_GM.sf2"),
)
CARRIED = "TimGM6mb.sf2"  #: the small one inside the package pretty_midi
DRUM_BANK = 128
MAX_VOICES = 192
AT_ONCE = 1 << 14  #: samples that the synthesiser is asked for at a time


@dataclass(frozen=True)
class SoundFont:
    path: Path
    description: str


def find_soundfont(setting: Path | None) -> SoundFont:
    """The SoundFont to play: the setting, else the system's FluidR3, else the small one that pretty_midi carries.

    Raises `EngineUnavailable` naming the cure where there is none."""
    if setting is not None:
        if setting.is_file():
            return SoundFont(setting, f"{setting.name} (set)")
        raise EngineUnavailable(
            Text(f"There is no SoundFont at {setting}.", f"{setting}에 사운드폰트가 없어요."),
            field="PANSORI_SOUNDFONT",
            cure=Text("Correct the setting, or leave it empty.", "설정을 고치거나 비워 두세요."),
        )
    for path in SYSTEM_SOUNDFONTS:
        if path.is_file():
            return SoundFont(path, f"{path.name} (the system's)")
    package = find_spec("pretty_midi")
    carried = Path(package.origin).parent / CARRIED if package and package.origin else None
    if carried is not None and carried.is_file():
        return SoundFont(carried, f"{CARRIED} (small, carried along)")
    raise EngineUnavailable(
        Text("No SoundFont was found.", "사운드폰트를 찾지 못했어요."),
        cure=Text(
            "Install fluid-soundfont-gm, or name a .sf2 file in PANSORI_SOUNDFONT.",
            "fluid-soundfont-gm을 설치하거나 PANSORI_SOUNDFONT에 .sf2 파일을 지정하세요.",
        ),
    )


def player_installed() -> bool:
    """Whether TinySoundFont is there; it has wheels for CPython on x86-64 Linux and arm64 macOS only."""
    return find_spec("tinysoundfont") is not None


@lru_cache(maxsize=4)
def fingerprint(path: Path) -> str:
    """SHA-256 of a SoundFont, for the recipe."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def play(
    performance: Performance, rate: SampleRateHz, soundfont: Path, check_cancelled: Callable[[], None]
) -> Iterator[tuple[PartName, Samples]]:
    """Each part that has notes, as float32 [2, duration · rate]. What rings on at the end is cut there."""
    synth = _open(soundfont, rate)
    length = round(performance.duration * rate)
    for name in PARTS:
        notes = performance.parts.get(name, ())
        if notes:
            check_cancelled()
            _choose(synth, name, performance.programs.get(name, 0))
            yield name, _render(synth, notes, length, rate, check_cancelled)
            synth.sounds_off()
            synth.generate_simple(rate // 10)  # voices take a moment to die; the next part begins in silence


def _open(soundfont: Path, rate: SampleRateHz) -> Synth:
    try:
        from tinysoundfont import Synth
    except ImportError as error:
        raise EngineUnavailable(
            Text("tinysoundfont is not installed.", "tinysoundfont가 설치되어 있지 않아요."), cure="Run make setup."
        ) from error
    synth = Synth(samplerate=rate)
    try:
        synth.sfload(str(soundfont), max_voices=MAX_VOICES)
    except Exception as error:  # the binding raises what pybind11 makes of a C failure
        raise EngineFailed(
            Text(f"The SoundFont {soundfont} cannot be read.", f"사운드폰트를 읽을 수 없어요: {soundfont}")
        ) from error
    return synth


def _choose(synth: Synth, part: PartName, program: int) -> None:
    """Give channel 0 the instrument; one that the SoundFont lacks is replaced by the first of its bank."""
    bank = DRUM_BANK if part == "drums" else 0
    known = synth.sfpreset_name(0, bank, program) is not None
    synth.program_select(0, 0, 0 if bank == DRUM_BANK else bank, program if known else 0, bank == DRUM_BANK)


@dataclass(frozen=True, order=True)
class _Event:
    at: int  #: sample
    on: bool  #: ends come before beginnings
    pitch: int
    velocity: int


def _events(notes: tuple[PlayedNote, ...], rate: SampleRateHz) -> list[_Event]:
    begins = (_Event(round(note.start * rate), True, note.pitch, note.velocity) for note in notes)
    ends = (_Event(round((note.start + note.duration) * rate), False, note.pitch, 0) for note in notes)
    return sorted([*begins, *ends])


def _render(
    synth: Synth, notes: tuple[PlayedNote, ...], length: int, rate: SampleRateHz, check_cancelled: Callable[[], None]
) -> Samples:
    played = np.zeros((2, length), dtype=np.float32)
    piece = np.empty((AT_ONCE, 2), dtype=np.float32)  # the synthesiser writes left and right in turn
    view = piece.data.cast("B")
    done, checked = 0, 0
    for event in [*_events(notes, rate), _Event(length, False, 0, 0)]:
        until = min(max(event.at, 0), length)
        while done < until:
            count = min(until - done, AT_ONCE)
            synth.generate_simple(count, view[: count * piece.strides[0]])
            played[:, done : done + count] = piece[:count].T
            done += count
        if done - checked > 5 * rate:
            check_cancelled()
            checked = done
        if event.on:
            synth.noteon(0, event.pitch, event.velocity)
        else:
            synth.noteoff(0, event.pitch)
    return played

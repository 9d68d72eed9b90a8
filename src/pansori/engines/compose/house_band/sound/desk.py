"""The settings of the mixing desk: what each part gets, and what each style asks for."""

from __future__ import annotations

from dataclasses import dataclass, field

from pansori.domain.units import Decibels, Lufs, SampleRateHz, Seconds
from pansori.engines.compose.house_band.model import PartName
from pansori.engines.compose.house_band.sound.effects import Section, high_pass, high_shelf, low_pass, low_shelf, peak
from pansori.engines.compose.house_band.sound.space import Room, room

NO_DELAY = Seconds(0.0)


@dataclass(frozen=True)
class Strip:
    """One part's channel: its loudness before the master, its place, its share of the room."""

    loudness: Lufs
    pan: float  #: -1 left … 1 right
    width: float  #: of its own stereo picture: 0 mono, 1 as recorded
    send: Decibels  #: into the reverberation
    spread: float = 0.0  #: how much of what was played `delay` before is added left and taken away right
    delay: Seconds = NO_DELAY


STRIPS: dict[PartName, Strip] = {
    "drums": Strip(loudness=Lufs(-20.5), pan=0.0, width=0.9, send=Decibels(-20.0)),
    "bass": Strip(loudness=Lufs(-22.0), pan=0.0, width=0.0, send=Decibels(-60.0)),
    "keys": Strip(loudness=Lufs(-22.5), pan=-0.22, width=1.0, send=Decibels(-16.0), spread=0.5, delay=Seconds(0.013)),
    "guitar": Strip(loudness=Lufs(-23.5), pan=0.25, width=1.0, send=Decibels(-17.0), spread=0.55, delay=Seconds(0.009)),
    "pad": Strip(loudness=Lufs(-26.0), pan=0.0, width=1.3, send=Decibels(-14.0), spread=0.7, delay=Seconds(0.017)),
    "lead": Strip(loudness=Lufs(-22.5), pan=0.1, width=1.0, send=Decibels(-13.0), spread=0.35, delay=Seconds(0.011)),
}


def equaliser(part: PartName, rate: SampleRateHz) -> tuple[Section, ...]:
    """What keeps each part out of the others' way."""
    sections: dict[PartName, tuple[Section, ...]] = {
        "drums": (high_pass(32, rate), low_shelf(70, 1.5, rate), peak(380, -2.0, rate)),
        "bass": (high_pass(34, rate), peak(240, -2.0, rate), peak(900, 1.5, rate)),
        "keys": (high_pass(130, rate), peak(320, -2.0, rate), high_shelf(6000, 1.5, rate)),
        "guitar": (high_pass(150, rate), peak(300, -1.5, rate), peak(5000, 1.5, rate)),
        "pad": (high_pass(200, rate), peak(350, -2.0, rate), low_pass(10_000, rate)),
        "lead": (high_pass(180, rate), high_shelf(7000, 1.0, rate)),
    }
    return sections[part]


@dataclass(frozen=True)
class Sound:
    """What a style wants of the desk."""

    levels: dict[PartName, Decibels] = field(default_factory=dict)  #: beside the strips' own loudness
    vocal: float = 0.5  #: LU over all instruments while it sings; the master's balance takes about 2 of them
    hall: Room = field(default_factory=lambda: room(1.7))
    vocal_send: float = -17.0  #: dB
    echo_beats: float = 0.75  #: 0: none
    echo_send: float = -19.0  #: dB
    pump: float = 0.0  #: dB that everything but drums and voice gives way to each kick
    warmth: float = 0.0  #: dB of drive into the drums' and bass's saturation
    brightness: float = 0.0  #: dB of tilt asked of the master: bright where positive, dark where negative


SOUNDS: dict[str, Sound] = {
    "kpop_dance": Sound({"drums": Decibels(0.5), "keys": Decibels(0.5)}, vocal=0.5, pump=4.0, warmth=4.0, brightness=1),
    "edm": Sound({"drums": Decibels(1.5), "lead": Decibels(1.0)}, vocal=0.0, pump=6.0, warmth=5.0, brightness=1),
    "pop": Sound(vocal=1.0, pump=1.5, warmth=2.0, brightness=0.5),
    "ballad": Sound(
        {"drums": Decibels(-3.0), "keys": Decibels(1.5), "pad": Decibels(1.5)},
        vocal=2.0,
        hall=room(2.5, brightness=0.55, predelay=0.035),
        vocal_send=-14.0,
        echo_beats=1.0,
    ),
    "rock": Sound({"guitar": Decibels(3.0), "keys": Decibels(-2.0)}, vocal=0.0, hall=room(1.4), warmth=6.0),
    "hiphop": Sound(
        {"drums": Decibels(1.5), "bass": Decibels(2.0)}, vocal=0.5, hall=room(1.0), vocal_send=-21.0, warmth=5.0
    ),
    "rnb": Sound({"bass": Decibels(1.0)}, vocal=1.5, hall=room(1.9, predelay=0.03), warmth=3.0),
    "jazz": Sound({"drums": Decibels(-2.0), "keys": Decibels(1.0)}, vocal=1.5, hall=room(1.3), echo_beats=0.0),
    "trot": Sound(
        {"lead": Decibels(1.0)}, vocal=2.0, hall=room(2.0), vocal_send=-14.0, echo_beats=0.5, echo_send=-16.0
    ),
    "folk": Sound({"drums": Decibels(-3.0), "guitar": Decibels(3.0)}, vocal=2.0, hall=room(1.2), echo_beats=0.0),
    "lofi": Sound(
        {"drums": Decibels(0.5), "keys": Decibels(1.0)},
        vocal=0.5,
        hall=room(1.5, brightness=0.2),
        warmth=6.0,
        brightness=-3.0,
    ),
    "waltz": Sound({"drums": Decibels(-2.0)}, vocal=1.5, hall=room(2.2), echo_beats=0.0),
}


def sound_of(style: str) -> Sound:
    """What the desk is set to for a style; unknown ones are mixed as pop."""
    return SOUNDS.get(style, SOUNDS["pop"])

"""What the songsmith decides where a prompt leaves it open: tempo, key, instruments, voice."""

from __future__ import annotations

import random
from dataclasses import dataclass

from pansori.domain.tasks import WriteTask
from pansori.domain.units import BeatsPerMinute
from pansori.engines.write.songsmith.brief import Brief
from pansori.lexicon.music import INSTRUMENTS, TONICS, USUAL, Gender, Key, Mode, PartName

#: Instruments that suit a style, by their Korean and English names, which the lexicon knows.
SUITING: dict[str, tuple[tuple[str, str], ...]] = {
    "kpop_dance": (("신스", "synth"), ("신스 베이스", "synth bass"), ("일렉트릭 피아노", "electric piano")),
    "pop": (("피아노", "piano"), ("스트링", "strings"), ("신스", "synth")),
    "ballad": (("피아노", "piano"), ("스트링", "strings"), ("첼로", "cello")),
    "rock": (("일렉 기타", "electric guitar"), ("오르간", "organ"), ("베이스 기타", "bass guitar")),
    "hiphop": (("일렉트릭 피아노", "electric piano"), ("신스 베이스", "synth bass"), ("비브라폰", "vibraphone")),
    "rnb": (("일렉트릭 피아노", "electric piano"), ("색소폰", "saxophone"), ("베이스 기타", "bass guitar")),
    "jazz": (("피아노", "piano"), ("콘트라베이스", "double bass"), ("색소폰", "saxophone"), ("클라리넷", "clarinet")),
    "trot": (("아코디언", "accordion"), ("트럼펫", "trumpet"), ("스트링", "strings")),
    "folk": (("통기타", "acoustic guitar"), ("하모니카", "harmonica"), ("플루트", "flute")),
    "lofi": (("일렉트릭 피아노", "electric piano"), ("비브라폰", "vibraphone"), ("콘트라베이스", "double bass")),
    "edm": (("신스", "synth"), ("신스 베이스", "synth bass")),
    "waltz": (("바이올린", "violin"), ("피아노", "piano"), ("첼로", "cello")),
}
MINOR_MOODS = frozenset({"sad", "dark"})
_PARTS: dict[str, PartName] = {name: part for names, part, _ in INSTRUMENTS for name in names}


@dataclass(frozen=True)
class Choices:
    """`added`: instruments beside those that are named, as pairs of Korean and English. `voice` None: nobody sings."""

    tempo: BeatsPerMinute
    key: Key
    named: tuple[str, ...]
    added: tuple[tuple[str, str], ...]
    voice: Gender | None


def choose(brief: Brief, task: WriteTask, chance: random.Random) -> Choices:
    """The same for the same generator."""
    wishes = brief.wishes
    mode = wishes.key.mode if wishes.key else wishes.mode or _mode(brief, chance)
    tonic = chance.choice(TONICS[mode])
    tempo = _tempo(brief, chance)
    return Choices(
        tempo=wishes.tempo or tempo,
        key=wishes.key or Key(tonic, mode),
        named=tuple(dict.fromkeys(instrument.word for instrument in wishes.instruments)),
        added=_added(brief, chance),
        voice=_voice(brief, task),
    )


def _mode(brief: Brief, chance: random.Random) -> Mode:
    drawn = chance.random()
    if brief.mood in MINOR_MOODS:
        return "minor"
    return "minor" if brief.mood != "bright" and drawn < USUAL[brief.genre].minor else "major"


def _tempo(brief: Brief, chance: random.Random) -> BeatsPerMinute:
    slowest, fastest = USUAL[brief.genre].tempo
    place = 0.5 + 0.4 * brief.wishes.tempo_shift + chance.uniform(-0.12, 0.12)
    return BeatsPerMinute(float(round(slowest + (fastest - slowest) * max(0.0, min(1.0, place)))))


def _added(brief: Brief, chance: random.Random) -> tuple[tuple[str, str], ...]:
    """Two that suit, where none is named; nothing is put beside what was asked for."""
    wishes = brief.wishes
    if wishes.instruments or wishes.only:
        return ()
    absent = wishes.without | ({"keys"} if wishes.heavy else set())
    free = [pair for pair in SUITING[brief.genre] if _PARTS[pair[1]] not in absent]
    first, rest = free[:1], free[1:]
    return (*first, *chance.sample(rest, min(1, len(rest))))


def _voice(brief: Brief, task: WriteTask) -> Gender | None:
    if not brief.singing:
        return None
    if task.voice != "auto":
        return task.voice
    return brief.wishes.voice or USUAL[brief.genre].voice

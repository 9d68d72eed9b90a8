"""English lyrics: openings and endings put together into lines that rhyme and have the same number of syllables."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pansori.engines.write.songsmith.form import SongForm
from pansori.engines.write.songsmith.words.english_moods import (
    BRIDGES,
    ENDINGS,
    GLAD,
    GLOOMY,
    LIFTS,
    OF_IMAGES,
    RHYMES,
    SELVES_OF_MOOD,
    TAILS,
    WISHES,
)
from pansori.engines.write.songsmith.words.english_topics import SCENES, SELVES
from pansori.engines.write.songsmith.words.topics import Kind, Mood
from pansori.lexicon.english import syllables as syllables_of

LONGEST_THEME = 7  #: syllables that can be sung as a hook
#: Beginnings of endings that go on without a pause.
_CLOSE = (
    "in ", "on ", "at ", "as ", "all ", "till ", "with", "where ", "for ", "right ", "deep ", "straight ", "the whole",
)  # fmt: skip
_NOT_MINE = re.compile(
    r"^(?:the|an?|my|our|your|you|his|her|this|that|tonight|never|always|\w+ing)\b|\b(?:at|in|on|of|by|to|up|and|for)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")


def syllables(line: str) -> int:
    return sum(len(syllables_of(word)) for word in _WORD.findall(line))


def _last(line: str) -> str:
    """Its last word; empty where there is none."""
    return next(reversed(_WORD.findall(line.lower())), "")


def rhyme(line: str) -> str:
    """The name of the sound that `line` ends in; empty for one that is not in the lexicon."""
    last = _last(line)
    return next((sound for sound, known in RHYMES.items() if last in known), "")


@dataclass
class EnglishPoet:
    """Writes one song. Nothing is said twice but in the chorus."""

    theme: str
    topic: str
    kind: Kind
    mood: Mood
    chance: random.Random
    unfit: frozenset[str] = frozenset()  #: lines that do not go with the style
    _used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._used.update(self.unfit)

    def write(self, form: SongForm) -> list[tuple[str, list[str]]]:
        """Sections and their lines."""
        chorus: list[str] = []
        verse: list[int] = []
        song: list[tuple[str, list[str]]] = []
        for label, count in form.sections:
            if label == "chorus":
                size = max(size for name, size in form.sections if name == "chorus")
                chorus = chorus or (self._brief_chorus(size, form.most) if form.most else self._chorus(size))
                lines = chorus[:count]
            elif label == "verse":
                lines = self._verse(count, verse or [form.syllables + 2] * count)
                verse = verse or [syllables(line) for line in lines]
            else:
                lines = self._couplets(LIFTS if label == "prechorus" else BRIDGES, count)
            song.append((label, lines))
        return song

    # -- sections --------

    def _verse(self, count: int, targets: Sequence[int]) -> list[str]:
        """Two images, then what the singer does; lines rhyme crosswise, and two of them as a pair."""
        scenes, selves = SCENES[self.topic], (*SELVES[self.topic], *SELVES_OF_MOOD[self.mood])
        order = (scenes, scenes, selves, selves) if count == 4 else (scenes, selves)[:count]
        first, second = self._sounds(2, ENDINGS)
        sounds = (first, second, first, second) if count == 4 else (first, first)
        return [self._line(pool, sound, goal) for pool, sound, goal in zip(order, sounds, targets, strict=False)]

    def _chorus(self, count: int) -> list[str]:
        """The theme is called, a wish answers in its rhyme, and once more."""
        known = {rhyme(wish) for wish in WISHES[self.mood]}
        first, second = self._sounds(2, [sound for sound in TAILS if sound in known])
        lines = self._called(first, "{}, {}")
        if count >= 2:
            lines += self._answer(first, lines[0])
        if count >= 3:
            lines += self._called(second, self.chance.choice(("Oh, {}, {}", "My {}, {}", "{}, {}")))
            lines += self._answer(second, lines[2])
        return [line[0].upper() + line[1:] for line in lines]

    def _brief_chorus(self, count: int, most: int) -> list[str]:
        """The theme and a wish in lines of at most `most` syllables; the theme alone where it is too long for that."""
        usual = self._chorus(count)
        if all(syllables(line) <= most for line in usual):
            return usual
        called, _, wish = usual[0].rpartition(", ")
        return [called, wish[0].upper() + wish[1:]][:count] if syllables(called) <= most else [called]

    def _called(self, sound: str, pattern: str) -> list[str]:
        theme = self.theme
        if pattern.startswith("My") and _NOT_MINE.search(theme):
            pattern = "Oh, {}, {}"
        tail = self.chance.choice([tail for tail in TAILS[sound] if tail not in self._used] or TAILS[sound])
        self._used.add(tail)
        return [pattern.format(theme, tail)]

    def _answer(self, sound: str, called: str) -> list[str]:
        """A wish in that rhyme, which is another word than the one it answers."""
        fitting = [wish for wish in WISHES[self.mood] if rhyme(wish) == sound and wish not in self._used]
        others = [wish for wish in fitting if _last(wish) != _last(called)]
        answer = self.chance.choice(others or fitting or WISHES[self.mood])
        self._used.add(answer)
        return [answer]

    def _couplets(self, pool: dict[Mood, tuple[tuple[str, str], ...]], count: int) -> list[str]:
        free = [pair for pair in pool[self.mood] if pair[0] not in self._used]
        lines: list[str] = []
        while len(lines) < count:
            pair = free.pop(self.chance.randrange(len(free))) if free else self.chance.choice(pool[self.mood])
            lines.extend(pair)
        self._used.update(lines)
        return lines[:count]

    # -- lines --------

    def _sounds(self, count: int, among: Iterable[str]) -> list[str]:
        """Different rhymes, those that were not heard yet first."""
        sounds = [sound for sound in among if f"rhyme {sound}" not in self._used]
        if len(sounds) < count:
            sounds = list(among)
        chosen = self.chance.sample(sounds, count)
        self._used.update(f"rhyme {sound}" for sound in chosen)
        return chosen

    def _line(self, pool: Sequence[str], sound: str, target: int) -> str:
        """An opening and an ending that are not used yet, as near to `target` syllables as there are."""
        openings = [one for one in pool if one not in self._used] or list(pool)
        known = OF_IMAGES[sound] if pool == SCENES[self.topic] else ENDINGS[sound]
        known = tuple(one for one in known if self.mood not in GLOOMY or one not in GLAD)
        endings = [one for one in known if one not in self._used] or list(known)
        self.chance.shuffle(openings)
        self.chance.shuffle(endings)
        pairs = [(opening, ending) for opening in openings for ending in endings]
        opening, ending = min(pairs, key=lambda pair: max(1, abs(syllables(" ".join(pair)) - target)))
        self._used.update((opening, ending))
        return f"{opening} {ending}" if ending.startswith(_CLOSE) else f"{opening}, {ending}"

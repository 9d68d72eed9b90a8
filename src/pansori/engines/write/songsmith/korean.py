"""Korean lyrics: clauses conjugated into lines, matched in syllables, rhymed by their last vowels."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from pansori.engines.write.songsmith.form import SongForm
from pansori.engines.write.songsmith.words.korean_moods import (
    ASKS,
    BRIEF_WISHES,
    HOOKS,
    HOOKS_ANY,
    MEMORIES,
    QUIET_OPENERS,
    SCENE_OPENERS,
    SELF_OPENERS,
    SELVES_OF_MOOD,
    WISHES,
)
from pansori.engines.write.songsmith.words.korean_topics import SCENES, SELVES
from pansori.engines.write.songsmith.words.topics import Kind, Mood
from pansori.lexicon.conjugation import conjugate, predicate
from pansori.lexicon.english import syllables as syllables_of
from pansori.lexicon.hangul import decompose, is_block
from pansori.lexicon.numerals import korean_number
from pansori.lexicon.particles import fill

LONGEST_THEME = 8  #: syllables that can be sung as a hook
USUAL_HOOK, LONGEST_LINE = 11, 14
#: How the lines of a verse end: one scheme for a song, so that its verses sound alike.
VERSE_ENDINGS: tuple[tuple[str, str, str, str], ...] = (
    ("고", "네", "으며", "네"),
    ("네", "네", "고", "네"),
    ("고", "어", "으면", "어"),
    ("네", "어", "고", "어"),
    ("고", "지", "으며", "지"),
)
_SENTENCE = re.compile(r"(?:해요?|하자|가자|할게|할까|줘요?|어요|아요|았어|었어|했어)[!~]*$")
_FOREIGN = re.compile(r"(\d+)|([A-Za-z]+)")
#: Vowels that are heard as one rhyme.
_RHYMES = {
    "ㅏ": "a", "ㅑ": "a", "ㅘ": "a", "ㅓ": "eo", "ㅕ": "eo", "ㅝ": "eo", "ㅐ": "e", "ㅔ": "e", "ㅒ": "e", "ㅖ": "e",
    "ㅙ": "e", "ㅞ": "e", "ㅚ": "e", "ㅗ": "o", "ㅛ": "o", "ㅜ": "u", "ㅠ": "u", "ㅡ": "eu", "ㅣ": "i",
    "ㅢ": "i", "ㅟ": "i",
}  # fmt: skip


def syllables(line: str) -> int:
    """Syllables as they are sung: numbers are read out, and Latin words too."""
    count = sum(map(is_block, line))
    for match in _FOREIGN.finditer(line):
        digits, word = match.groups()
        count += len(korean_number(digits)) if digits else sum(len(syllables_of(part)) for part in _spelled(word))
    return count


def _spelled(word: str) -> Iterable[str]:
    """Initials letter by letter."""
    return word.lower() if word.isupper() and len(word) <= 4 else (word,)


def rhyme(line: str) -> str:
    """What `line` rhymes by: its last vowel. Empty where it ends in no Hangul."""
    blocks = [character for character in line if is_block(character)]
    return _RHYMES[decompose(blocks[-1]).medial] if blocks else ""


def conjugated(clause: str, form: str) -> str:
    """`clause`, whose last word is a predicate, in this form."""
    head, _, last = clause.rpartition(" ")
    said = conjugate(predicate(last), form)
    return f"{head} {said}" if head else said


@dataclass
class KoreanPoet:
    """Writes one song. Nothing is said twice but in the chorus."""

    theme: str
    topic: str
    kind: Kind
    mood: Mood
    chance: random.Random
    _used: set[str] = field(default_factory=set)

    def write(self, form: SongForm) -> list[tuple[str, list[str]]]:
        """Sections and their lines."""
        endings = self.chance.choice(VERSE_ENDINGS)
        self._hooks = self._chosen_hooks()
        chorus: list[str] = []
        verse: list[int] = []
        song: list[tuple[str, list[str]]] = []
        for label, count in form.sections:
            if label == "chorus":
                size = max(size for name, size in form.sections if name == "chorus")
                chorus = chorus or (self._brief_chorus(size, form.most) if form.most else self._chorus(size, form))
                lines = chorus[:count]
            elif label == "verse":
                lines = self._verse(endings, count, verse or [form.syllables] * count)
                verse = verse or [syllables(line) for line in lines]
            elif label == "prechorus":
                lines = self._pair(ASKS[self.mood], ("ㄹ까", "ㄹ까"), form.syllables + 1)
            else:
                lines = self._bridge(count, form.syllables)
            song.append((label, lines))
        if "chorus" not in form.labels:
            song[-1][1][-1] = self._hooks[0]
        return song

    # -- sections --------

    def _verse(self, endings: Sequence[str], count: int, targets: Sequence[int]) -> list[str]:
        """Scenes first, then what the singer does; second and fourth line rhyme."""
        scenes, selves = SCENES[self.topic], (*SELVES[self.topic], *SELVES_OF_MOOD[self.mood])
        order = (scenes, scenes, selves, selves) if count == 4 else (scenes, selves)
        forms = endings if count == 4 else endings[2:]
        lines: list[str] = []
        for pool, form, target in zip(order, forms, targets, strict=False):
            heard = rhyme(lines[1]) if len(lines) == 3 else ""
            openers = SCENE_OPENERS if pool is scenes else self._self_openers()
            lines.append(self._line(pool, form, target, heard, openers))
        return lines

    def _self_openers(self) -> Sequence[str]:
        return SELF_OPENERS if self.mood in ("bright", "strong") else (*SELF_OPENERS, *QUIET_OPENERS)

    def _bridge(self, count: int, target: int) -> list[str]:
        lines = self._pair(MEMORIES[self.mood], ("었지", "었지"), target)
        return lines if count == 2 else [*lines, *self._wishes(2, target)]

    def _pair(self, pool: Sequence[str], forms: tuple[str, str], target: int) -> list[str]:
        first = self._line(pool, forms[0], target, "")
        return [first, self._line(pool, forms[1], syllables(first), rhyme(first))]

    def _chorus(self, count: int, form: SongForm) -> list[str]:
        first, second = self._hooks
        if count == 1:
            return [first]
        if count == 2:
            return [first, *self._wishes(1, form.syllables)]
        wish, answer = self._wishes(2, form.syllables)
        return [first, wish, second, answer]

    def _brief_chorus(self, count: int, most: int) -> list[str]:
        """The hook and a wish in lines of at most `most` syllables; the theme alone where it is too long for that."""
        hook, wish = self._hooks[0], self.chance.choice(BRIEF_WISHES[self.mood])
        usual = [wish for wish in WISHES[self.mood] if syllables(wish) <= most]
        if usual and syllables(hook) <= most:
            return [hook, self.chance.choice(usual)][:count]
        fitting = [hook for hook in self._all_hooks() if syllables(hook) <= most]
        called = self.chance.choice(fitting) if fitting else self.theme
        return [called, wish][:count] if syllables(called) <= most else [called]

    def _all_hooks(self) -> list[str]:
        return [fill(hook, theme=self.theme) for hook in (*HOOKS[self.kind], *HOOKS_ANY, "{theme}")]

    def _chosen_hooks(self) -> tuple[str, str]:
        """The hook, and another one or the same again. A theme that is a sentence is called as it is."""
        if _SENTENCE.search(self.theme):
            self._used.add(self.theme)
            return self.theme, self.theme
        own = [fill(hook, theme=self.theme) for hook in HOOKS[self.kind]]
        any_ = [fill(hook, theme=self.theme) for hook in HOOKS_ANY]
        fitting = [hook for hook in own if syllables(hook) <= USUAL_HOOK] or sorted(own, key=syllables)[:2]
        first = self.chance.choice(fitting)
        others = [hook for hook in (*own, *any_) if hook != first and syllables(hook) <= LONGEST_LINE]
        second = first if not others or self.chance.random() < 0.4 else self.chance.choice(others)
        self._used.update((first, second))
        return first, second

    def _wishes(self, count: int, target: int) -> list[str]:
        """Lines that rhyme with each other, near `target` in length."""
        groups: dict[str, list[str]] = {}
        for wish in WISHES[self.mood]:
            if wish not in self._used:
                groups.setdefault(rhyme(wish), []).append(wish)
        rich = [group for group in groups.values() if len(group) >= count] or [list(chain(*groups.values()))]
        group = self.chance.choice(rich)
        self.chance.shuffle(group)
        chosen = sorted(group, key=lambda wish: max(1, abs(syllables(wish) - target)))[:count]
        self._used.update(chosen)
        return chosen

    # -- lines --------

    def _line(self, pool: Iterable[str], form: str, target: int, heard: str, openers: Sequence[str] = ()) -> str:
        """A clause of `pool` that is not used yet, as near to `target` syllables and to the rhyme `heard` as there
        is one; where all are too short, one of `openers` is put before it."""
        free = [clause for clause in dict.fromkeys(pool) if clause not in self._used] or list(pool)
        self.chance.shuffle(free)
        fresh = [word for word in openers if word not in self._used]
        opener = self.chance.choice(fresh) if fresh else ""
        rated = []
        for index, clause in enumerate(free):
            line = conjugated(clause, form)
            rated.append((_distance(line, target, heard), index, line, clause))
            if opener and opener not in line:
                longer = f"{opener} {line}"
                rated.append((_distance(longer, target, heard) + 1, index, longer, clause))
        _, _, line, clause = min(rated)
        self._used.update((clause, opener) if opener and line.startswith(opener) else (clause,))
        return line


def _distance(line: str, target: int, heard: str) -> int:
    off = abs(syllables(line) - target)
    return (2 * off if off > 1 else 0) + (3 if heard and rhyme(line) != heard else 0)

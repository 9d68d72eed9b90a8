"""From a brief to words that can be sung: theme and form first, then a poet of the language."""

from __future__ import annotations

import random
import re

from pansori.domain.tasks import WriteTask
from pansori.domain.units import BeatsPerMinute
from pansori.engines.write.songsmith import english, korean
from pansori.engines.write.songsmith.brief import Brief, kind_of
from pansori.engines.write.songsmith.english import EnglishPoet
from pansori.engines.write.songsmith.form import SongForm, song_form
from pansori.engines.write.songsmith.korean import KoreanPoet
from pansori.engines.write.songsmith.words.english_moods import OF_CLUBS
from pansori.engines.write.songsmith.words.topics import TOPICS
from pansori.lexicon.hangul import is_block
from pansori.lexicon.music import USUAL

_PREPOSITIONS = re.compile(
    r"\s+(?:in|on|at|to|from|with|by|through|under|over|that|who|when|where|while|for|of|and|after|before|into)\s.*$",
    re.IGNORECASE,
)
SHORT_WORDS = 4
UNPLUGGED = frozenset(("folk", "ballad", "jazz", "waltz", "lofi"))
"""Styles that no club plays."""
#: What a song is for or when it is, and not what it calls.
OCCASIONS = ("축하", "기념", "응원", "응원가", "축가", "이야기", "관련", "후", "뒤", "전", "중", "동안")
_HANGING = re.compile(r"^(?:싫은|싶은|싶던|좋은)$|(?:[으하오가보]면|[고서며]|다가|지만|도록)$")
"""What does not begin a theme in Korean: it hangs on a word before it."""
LITTLE = ("of", "in", "on", "at", "by", "to", "from", "with", "and", "for", "a", "an", "the")
"""Words that are small in titles; those before the articles begin no theme."""
_SECTION = re.compile(r"^\s*[\[(【]\s*(.{1,40}?)\s*[\])】]")


def form_of(brief: Brief, task: WriteTask, tempo: BeatsPerMinute) -> SongForm:
    three = brief.wishes.three_four or USUAL[brief.genre].beats_per_bar == 3
    return song_form(task.duration, tempo, beats_per_bar=3 if three else 4)


def sung_theme(brief: Brief, chance: random.Random) -> str:
    """The theme as a chorus can call it: in the language that is sung, and short."""
    topic = TOPICS[brief.topic]
    own = chance.choice(topic.themes_ko if brief.sung == "ko" else topic.themes_en)
    if not brief.theme or (brief.sung == "en" and any(map(is_block, brief.theme))) or brief.sung != brief.language:
        return own
    short = _short_korean(brief.theme) if brief.sung == "ko" else _short_english(brief.theme)
    return short or own


def _short_korean(theme: str) -> str:
    words = theme.split()
    while len(words) > 1 and words[-1] in OCCASIONS:
        words.pop()
    if korean.syllables(theme) > korean.LONGEST_THEME:
        while len(words) > 1 and (
            _HANGING.search(words[0]) or korean.syllables(" ".join(words)) > korean.LONGEST_THEME
        ):
            words.pop(0)
    short = " ".join(words)
    return short if korean.syllables(short) <= korean.LONGEST_THEME + 2 else ""


def _short_english(theme: str) -> str:
    """Without what hangs on it, and without what is done with it: `losing my dog in winter` is `my dog`."""
    short = theme
    if re.match(r"\w+ing\s", short, re.IGNORECASE) and len(short.split()) > 2:
        short = short.split(" ", 1)[1]
    if len(short.split()) > SHORT_WORDS or short != theme:
        short = _PREPOSITIONS.sub("", short)
    words = short.split()
    while len(words) > 1 and (
        words[0].lower() in LITTLE[:-3] or english.syllables(" ".join(words)) > english.LONGEST_THEME
    ):
        words.pop(0)
    return " ".join(words) if 0 < english.syllables(" ".join(words)) <= english.LONGEST_THEME + 2 else ""


def write_lyrics(brief: Brief, form: SongForm, theme: str, chance: random.Random) -> str:
    """Sections with their tags, parted by empty lines."""
    what = (theme, brief.topic, kind_of(theme), brief.mood, chance)
    unfit = OF_CLUBS if brief.genre in UNPLUGGED else frozenset()
    poet = KoreanPoet(*what) if brief.sung == "ko" else EnglishPoet(*what, unfit)
    return "\n\n".join("\n".join((f"[{label}]", *lines)) for label, lines in poet.write(form))


def sections_of(lyrics: str) -> tuple[str, ...]:
    """The tags of lyrics that were given, as they are written."""
    return tuple(match[1] for line in lyrics.splitlines() if (match := _SECTION.match(line)))


def played_sections(form: SongForm) -> tuple[str, ...]:
    """The same song without its words."""
    return form.labels if len(form.labels) == 1 else ("intro", *form.labels)

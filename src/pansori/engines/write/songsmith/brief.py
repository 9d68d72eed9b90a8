"""What a prompt asks for: language, singing, theme, topic, mood. What it leaves open stays open here."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from pansori.domain.errors import InvalidRequest
from pansori.domain.tasks import WriteTask
from pansori.engines.write.songsmith.theme import theme_of
from pansori.engines.write.songsmith.words.topics import (
    HEADS,
    MOOD_OF,
    STYLE_TOPICS,
    TOPIC_MOODS,
    TOPICS,
    USUAL_MOOD,
    USUAL_TOPICS,
    Kind,
    Mood,
    topics_in,
)
from pansori.lexicon.hangul import is_block, join_letters
from pansori.lexicon.music import GENRE_WORDS
from pansori.lexicon.wishes import Wishes, read_wishes

Language = Literal["ko", "en"]
DEFAULT_GENRE = "pop"
_NOISE = re.compile(r"(?is)<(script|style)\b[^<]*</\1>|<[^<>]{0,200}>|https?://\S+|www\.\S+")
_ENGLISH_WANTED = re.compile(r"\bin english\b|english (?:lyrics|song|vocal)|영어\s?(?:로|가사|노래)", re.IGNORECASE)
_KOREAN_WANTED = re.compile(
    r"\bin korean\b|korean (?:lyrics|song|vocal)|한국어\s?(?:로|가사|노래)|한글\s?가사", re.IGNORECASE
)
_PLAYED = re.compile(
    r"instrumental|\b(?:no|without|minus)\s+(?:any\s+)?(?:vocals?|voices?|singing|singers?|lyrics|words)\b|\bbgm\b|"
    r"backing track|background music|연주곡|연주\s?음악|배경\s?음악|인스트루멘[탈털]|반주|"
    r"(?:가사|보컬|노래|목소리)(?:는|은|가|이)?\s?(?:없|빼)",
    re.IGNORECASE,
)
_SUNG = re.compile(
    r"\bsing(?:s|ing|er|ers)?\b|\bsung\b|\blyrics?\b|\bvocals?\b|\bvoice\b|\brap(?:per)?s?\b|\bsongs?\b|\bduets?\b|"
    r"\bgirl group\b|\bboy group\b|a ?cappella|\bchorus\b|\bballad about\b|\blullab(?:y|ies)\b|"
    r"노래|불러|부르는|부른|가사|보컬|목소리|가수|랩|걸그룹|보이그룹|아카펠라|듀엣|자장가|응원가|축가|주제가|동요",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Brief:
    """`language`: the prompt's; `sung`: that of the words. `theme`: as the prompt says it, empty where it does not."""

    text: str
    language: Language
    sung: Language
    wishes: Wishes
    singing: bool
    theme: str
    topic: str
    mood: Mood
    tempo_open: bool  #: words and a length are given, so they decide how fast it must be

    @property
    def genre(self) -> str:
        return self.wishes.genre or DEFAULT_GENRE


def read_brief(task: WriteTask) -> Brief:
    """Raises `InvalidRequest` naming the prompt for what no song can be."""
    text = cleaned(task.prompt)
    try:
        wishes = read_wishes(text)
    except InvalidRequest as error:
        raise InvalidRequest(error.message, field="prompt", cure=error.cure) from error
    language = _language(text or task.lyrics, task.language)
    theme = theme_of(text, language)
    topic = _topic(theme) or _topic(text)
    mood = _mood(wishes, topic)
    return Brief(
        text=text,
        language=language,
        sung=_sung_language(task, text, language),
        wishes=wishes,
        singing=_singing(task, text),
        theme=theme,
        topic=topic or _usual_topic(wishes.genre or DEFAULT_GENRE, mood, text),
        mood=mood,
        tempo_open=bool(task.lyrics.strip()) and task.duration is not None and wishes.tempo is None,
    )


def kind_of(theme: str) -> Kind:
    """What the last word of a theme is, on which the rest of it hangs."""
    last = theme.split()[-1] if theme else ""
    for kind, endings in HEADS.items():
        if last.lower().endswith(endings):
            return kind
    topic = _topic(last)
    return TOPICS[topic].kind if topic else "thing"


def cleaned(prompt: str) -> str:
    """The words of a prompt in one line, without markup, addresses, emoji, control and format characters."""
    text = join_letters(_NOISE.sub(" ", unicodedata.normalize("NFC", prompt)))
    kept = (character if _is_word(character) else " " for character in text)
    return re.sub(r"\s+([,.!?])", r"\1", re.sub(r"\s+", " ", "".join(kept))).strip(" ,;:")


def _is_word(character: str) -> bool:
    """Letters, digits and plain punctuation."""
    return unicodedata.category(character)[0] in "LNM" or character in " ,.!?'\"’“”‘-–—#♯♭&/:;()[]%+~·…"


def _language(text: str, asked: str) -> Language:
    if asked in ("ko", "en"):
        return "ko" if asked == "ko" else "en"
    return "ko" if any(map(is_block, text)) else "en"


def _sung_language(task: WriteTask, text: str, language: Language) -> Language:
    if task.lyrics.strip():
        return "ko" if any(map(is_block, task.lyrics)) else "en"
    if task.language != "auto":
        return language
    if _ENGLISH_WANTED.search(text):
        return "en"
    return "ko" if _KOREAN_WANTED.search(text) else language


def _singing(task: WriteTask, text: str) -> bool:
    if task.lyrics.strip() or task.voice != "auto":
        return True
    return bool(_SUNG.search(text)) and not _PLAYED.search(text)


def _topic(text: str) -> str:
    """Empty where there is none."""
    found = topics_in(text)
    return found[0][2] if found else ""


def _usual_topic(genre: str, mood: Mood, text: str) -> str:
    topics = STYLE_TOPICS.get(genre, {}).get(mood, USUAL_TOPICS[mood])
    return topics[len(text) % len(topics)]


def _mood(wishes: Wishes, topic: str) -> Mood:
    if wishes.moods:
        moods = [MOOD_OF[index] for index in wishes.moods]
        telling = [mood for mood in moods if mood in ("sad", "dark", "strong", "bright")]
        return (telling or moods)[0]
    if any(word in GENRE_WORDS["lofi"] for word in wishes.genre_words):
        return USUAL_MOOD["lofi"]
    if topic in TOPIC_MOODS:
        return TOPIC_MOODS[topic]
    return USUAL_MOOD[wishes.genre or DEFAULT_GENRE]

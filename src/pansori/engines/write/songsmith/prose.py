"""The prompt in more words: what was asked, as it was asked, and behind it what was chosen.

Whoever reads the result finds in it what stands in the `Choices`: the house band's reader is the lexicon's, and so is
the one that checks it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pansori.domain.tasks import GENRE_MAX_CHARACTERS
from pansori.engines.write.songsmith.brief import Brief, Language
from pansori.engines.write.songsmith.choices import Choices
from pansori.engines.write.songsmith.words.topics import Mood
from pansori.lexicon.music import GENRE_WORDS, LOFI_WORDS, Key, key_name, korean_key_name
from pansori.lexicon.particles import attach
from pansori.lexicon.wishes import read_wishes

LONGEST_HEAD = 700  #: characters of the prompt that are kept; the rest is needed for what was chosen
GENRES: dict[str, tuple[str, str]] = {
    "kpop_dance": ("K-POP 댄스", "K-pop dance"), "pop": ("팝", "pop"), "ballad": ("발라드", "ballad"),
    "rock": ("록", "rock"),
    "hiphop": ("힙합", "hip-hop"), "rnb": ("R&B", "R&B"), "jazz": ("재즈", "jazz"), "trot": ("트로트", "trot"),
    "folk": ("포크", "folk"), "lofi": ("로파이", "lo-fi"), "edm": ("EDM", "EDM"), "waltz": ("왈츠", "waltz"),
}  # fmt: skip
#: What is shown of a style by the word that called it, where that says more than the style's own name.
SPECIAL: dict[str, tuple[str, str]] = {
    word: names
    for words, names in (
        (("metal", "메탈"), ("메탈", "metal")), (("punk", "펑크록", "펑크 록"), ("펑크 록", "punk rock")),
        (("grunge", "그런지"), ("그런지", "grunge")), (("hard rock", "하드록"), ("하드록", "hard rock")),
        (("city pop", "시티팝"), ("시티팝", "city pop")), (("reggae", "레게"), ("레게", "reggae")),
        (("disco", "디스코"), ("디스코", "disco")), (("synthwave", "신스웨이브"), ("신스웨이브", "synthwave")),
        (("country", "컨트리"), ("컨트리", "country")), (("blues", "블루스"), ("블루스", "blues")),
        (("bossa nova", "bossa", "보사노바"), ("보사노바", "bossa nova")), (("swing", "스윙"), ("스윙", "swing")),
        (("gospel", "가스펠"), ("가스펠", "gospel")), (("soul", "소울"), ("소울", "soul")),
        (("techno", "테크노"), ("테크노", "techno")), (("trance", "트랜스"), ("트랜스", "trance")),
        (("house", "하우스"), ("하우스", "house")), (("dubstep", "덥스텝"), ("덥스텝", "dubstep")),
        (("trap", "트랩"), ("트랩", "trap")), (("ambient", "앰비언트"), ("앰비언트", "ambient")),
    )
    for word in words
}  # fmt: skip
#: Another word for each of the lexicon's moods; empty where one would say too much.
SHADES: tuple[tuple[str, str], ...] = (
    ("흥겨운", "festive"), ("유쾌한", "joyful"), ("청량한", "refreshing"), ("발랄한", "playful"),
    ("애틋한", "melancholic"), ("신비로운", "mysterious"), ("차분한", "gentle"), ("", ""), ("", ""),
    ("힘찬", "powerful"), ("감성적인", "romantic"), ("희망찬", "hopeful"),
)  # fmt: skip
TEMPO_WORDS = frozenset((7, 8))  #: moods that say but how fast
MOODS: dict[Mood, tuple[str, str]] = {
    "bright": ("밝고 경쾌한", "bright"), "calm": ("잔잔한", "calm"), "sad": ("애틋한", "melancholic"),
    "strong": ("힘찬", "powerful"), "tender": ("감성적인", "romantic"), "dark": ("몽환적인", "dark"),
}  # fmt: skip
_KO_REQUEST = re.compile(
    r"\s*(?:(?:을|를)\s?)?(?:하나\s?|한\s?곡\s?|좀\s?)*(?:만들어|작곡해|써|지어|불러|들려|틀어|부탁|연주해|노래해|해)\s?"
    r"(?:줘요?|주세요|주시겠어요|줄래요?|달라|드려요|해요?|합니다|드립니다|봐)?[.!~]*$"
)
_KO_LEFT = re.compile(
    r"(보컬|목소리|음색|스타일|느낌|분위기|버전)(?:으로|로)$"
)  #: belonged to the verb that was asked with
_EN_REQUEST = re.compile(
    r"^(?:please\s+|can you\s+|could you\s+)*(?:make|create|write|generate|compose|give|sing|play)(?:\s+me|\s+us)?\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Expansion:
    text: str
    genre: str
    mood: str
    instruments: tuple[str, ...]
    cut: bool  #: the prompt was too long to be kept whole


def expand(brief: Brief, choices: Choices) -> Expansion:
    """In the prompt's language. What could be taken for another style is left out, least needed things first."""
    index = 0 if brief.language == "ko" else 1
    genre, mood = genre_in(brief), _mood(brief, index)
    added = tuple(pair[index] for pair in choices.added)
    head, cut = _head(brief)
    for shade, instruments in ((mood, added), ("", added), (mood, ()), ("", ())):
        text = _joined(brief, choices, head, shade, instruments)
        if _reads_back(text, brief, choices):
            break
    return Expansion(text, genre, mood, (*choices.named, *instruments), cut)


def key_in(key: Key, language: Language) -> str:
    """`라단조` or `D minor`."""
    return korean_key_name(key) if language == "ko" else key_name(key)


def genre_in(brief: Brief) -> str:
    """The style as the prompt calls it, in its language; with the waltz that another style is played as, and with the
    lo-fi that another style sounds like: lo-fi house is house."""
    index = 0 if brief.language == "ko" else 1
    own = [word for word in brief.wishes.genre_words if word in GENRE_WORDS[brief.genre]]
    name = SPECIAL.get(own[-1], GENRES[brief.genre])[index] if own else GENRES[brief.genre][index]
    waltz = brief.genre != "waltz" and any(word in ("waltz", "왈츠") for word in brief.wishes.genre_words)
    name = f"{name} {GENRES['waltz'][index]}" if waltz else name
    lofi = brief.genre != "lofi" and any(word in LOFI_WORDS for word in brief.wishes.genre_words)
    return f"{GENRES['lofi'][index]} {name}" if lofi else name


def mood_in(brief: Brief) -> str:
    """The mood in the prompt's language."""
    return MOODS[brief.mood][0 if brief.language == "ko" else 1]


def _mood(brief: Brief, index: int) -> str:
    for found in brief.wishes.moods:
        shade = SHADES[found][index]
        if shade and shade.lower() not in brief.text.lower():
            return shade
    return "" if set(brief.wishes.moods) - TEMPO_WORDS else MOODS[brief.mood][index]


def _head(brief: Brief) -> tuple[str, bool]:
    """The prompt without the words that only ask for it to be made."""
    pattern = _KO_REQUEST if brief.language == "ko" else _EN_REQUEST
    head = (pattern.sub("", brief.text) or brief.text).rstrip(" .,!")
    if head != brief.text:
        head = _KO_LEFT.sub(r"\1", head)
    if len(head) <= LONGEST_HEAD:
        return head[:1].upper() + head[1:] if brief.language == "en" else head, False
    return head[:LONGEST_HEAD].rpartition(" ")[0] or head[:LONGEST_HEAD], True


def _joined(brief: Brief, choices: Choices, head: str, mood: str, instruments: Sequence[str]) -> str:
    say = _korean if brief.language == "ko" else _english
    details = ", ".join(filter(None, say(brief, choices, mood, instruments)))
    if brief.language == "en":
        details = details[:1].upper() + details[1:]
    text = ". ".join(filter(None, (head, details)))
    return (text if text.endswith((".", "!", "?")) else f"{text}.")[:GENRE_MAX_CHARACTERS]


def _korean(brief: Brief, choices: Choices, mood: str, instruments: Sequence[str]) -> Iterator[str]:
    genre = "" if brief.wishes.genre else GENRES[brief.genre][0]
    yield f"{mood} {genre}".strip() if genre else f"{mood} 분위기" if mood else ""
    if instruments:
        yield f"{_and_korean(instruments)} 중심의 편곡"
    yield _voice_korean(brief, choices)
    yield "" if brief.wishes.tempo or brief.tempo_open else f"{choices.tempo:g} BPM"
    yield "" if brief.wishes.key else key_in(choices.key, "ko")


def _voice_korean(brief: Brief, choices: Choices) -> str:
    if choices.voice is None:
        return "" if "연주" in brief.text or "instrumental" in brief.text.lower() else "연주곡"
    return "" if brief.wishes.voice == choices.voice else "여성 보컬" if choices.voice == "female" else "남성 보컬"


def _and_korean(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{attach(words[0], '과/와')} {words[1]}"


def _english(brief: Brief, choices: Choices, mood: str, instruments: Sequence[str]) -> Iterator[str]:
    genre = "" if brief.wishes.genre else GENRES[brief.genre][1]
    yield f"{mood} {genre}".strip() if genre else f"{mood} mood" if mood else ""
    if instruments:
        yield f"led by {' and '.join(instruments)}"
    yield _voice_english(brief, choices)
    yield "" if brief.wishes.tempo or brief.tempo_open else f"{choices.tempo:g} BPM"
    yield "" if brief.wishes.key else f"in {key_name(choices.key)}"


def _voice_english(brief: Brief, choices: Choices) -> str:
    if choices.voice is None:
        return "" if "instrumental" in brief.text.lower() else "instrumental"
    return "" if brief.wishes.voice == choices.voice else f"{choices.voice} vocal"


def _reads_back(text: str, brief: Brief, choices: Choices) -> bool:
    """Whether a reader of the lexicon understands what is meant."""
    read = read_wishes(text)
    own = {instrument.part: instrument.program for instrument in brief.wishes.instruments}
    heard = {instrument.part: instrument.program for instrument in read.instruments}
    return (
        (read.genre or "pop") == brief.genre
        and read.tempo == (None if brief.tempo_open else choices.tempo)
        and read.key == choices.key
        and read.three_four == brief.wishes.three_four
        and read.only == brief.wishes.only
        and (choices.voice is None or read.voice == choices.voice)
        and heard.items() >= own.items()
    )

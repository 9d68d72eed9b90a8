"""What a song is to be about, out of a prompt that mostly says how it is to sound."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from pansori.engines.write.songsmith.words.topics import topics_in
from pansori.lexicon.hangul import decompose, is_block
from pansori.lexicon.music import FEMALE_WORDS, GENRE_WORDS, INSTRUMENTS, MALE_WORDS, MOODS, PART_WORDS
from pansori.lexicon.wishes import find

MOST_WORDS, MOST_ENGLISH_WORDS = 4, 9
#: What tells the theme in Korean: it stands before.
_KO_MARK = re.compile(
    r"(?:에\s?(?:대한|대해서?|관한|관해서?)|(?:을|를|이|가)?\s?(?:주제로|테마로|소재로)|"
    r"(?:을|를)\s?(?:위한|담은|그린|노래한|노래하는|떠올리며|생각하며|기리는|축하하는|추모하는|위로하는|응원하는)|"
    r"(?:에게|께)\s?(?:바치는|주는|보내는))"
)
_KO_PAUSE = re.compile(r"[,.!?;:()\[\]]")
_EN_MARK = re.compile(
    r"\b(?:about|on the theme of|dedicated to|inspired by|celebrating|titled|called|in memory of|song for|song to)"
    r"\s+(.+)",
    re.IGNORECASE,
)
_EN_CLAUSE = re.compile(r"\b(?:that|which)\b[^,.;:!?()]*", re.IGNORECASE)
_EN_STOP = re.compile(
    r"[,.;:!?()]|\s(?:with|sung|featuring|feat|at \d|in the style|in [A-G]\b|"
    r"and (?:piano|guitar|strings|drums|a|some)\b|\d+ ?bpm|please|using|by an?)\b",
    re.IGNORECASE,
)
_KO_PARTICLES = (
    "에서부터", "에서는", "으로부터", "에서", "에게", "한테", "까지", "부터", "처럼", "보다", "으로", "이랑", "하고",
    "에는", "에도", "에", "로", "와", "과", "랑", "을", "를", "이", "가", "은", "는", "도", "만",
)  # fmt: skip
_SHORT_PARTICLES = frozenset("이가은는을를도만로와과랑")  #: many nouns end like them
_KO_STOP = re.compile(
    r"만들|주세요|해줘|해주|줘$|부탁|노래|음악|가사|불러|부르|원해|싶(?![은던])|느낌|분위기|스타일|배경|템포|보컬|목소리|"
    r"연주|반주|듣기|듣는|어울리|^비트|"
    r"신나|제목|버전|길이|^\d+초|^(?:곡|좀|한|그리고|같은|풍|풍의|짧은|긴|아주|매우|정말|너무|조금|더|혼자|함께)$|"
    r"^(?:모두|다시|이|그|저|하나|어떤)$"
    r"|^곡[을이은]?$|^(?:짜리|정도|위한|대한|들으면|좋은|나오는|들어간|있는|없는|없이|빼고|느린|빠른)"
)
_EN_SKIPPED = """and or with for to me please make create write generate song songs music track tune piece beat beats
    some something slow fast style mood vibe vibes sound sounds like that is are very really short long quick nice good
    beautiful vocal vocals voice singing sung sing lyrics lyric instrumental no without only just tempo bpm key major
    minor"""
_EN_SKIP = frozenset(_EN_SKIPPED.split())
_JOINTS = "a an the of in on at by near under over from through during into my our your"
_EN_JOINTS = frozenset(_JOINTS.split())  #: may stand within a theme, but not at its ends
_EN_OWN = frozenset(("the", "my", "our", "your"))
_PRONOUNS = frozenset(("나", "너", "우리", "그대", "저", "그녀", "당신"))


def theme_of(text: str, language: Literal["ko", "en"]) -> str:
    """In the prompt's own words, at most `MOST_WORDS` of them; empty where it says nothing of it."""
    return _korean(text) if language == "ko" else _english(text)


# -- Korean --------


def _korean(text: str) -> str:
    if marked := _marked(text):
        words = [word for word in marked.split() if not _KO_STOP.search(word)]
        while words and _sounds(words[0]):
            words.pop(0)
        if words:
            return _bare(" ".join(words[-MOST_WORDS:]))
    phrases = [phrase for chunk in _KO_PAUSE.split(text) for phrase in _phrases(chunk.split())]
    return next((phrase for phrase in phrases if _speaks(phrase)), phrases[0] if phrases else "")


def _marked(text: str) -> str:
    """What stands before the first mark, back to the punctuation before it."""
    before = (_KO_PAUSE.split(text[: mark.start()])[-1] for mark in _KO_MARK.finditer(text))
    return next(filter(str.strip, before), "")


def _phrases(words: list[str]) -> Iterable[str]:
    """Noun phrases: words that modify, and the noun that they lead to."""
    phrase: list[str] = []
    modified = False
    for word in words:
        if _KO_STOP.search(word) or _sounds(word) or not any(map(is_block, word)):
            if phrase and (phrase := _without_of(phrase)):
                yield from _kept(phrase)
            phrase, modified = [], False
            continue
        if _modifies(word):
            phrase.append(word)
            modified = True
            continue
        noun = _noun(word)
        phrase.append(noun)
        if noun != word or modified:
            yield from _kept(phrase)
            phrase, modified = [], False
    if phrase and not modified:
        yield from _kept(phrase)


def _without_of(phrase: list[str]) -> list[str]:
    """A phrase that ends before a word of sound; in 비 오는 밤의 느린 발라드 that is 비 오는 밤. None where its noun is
    missing, or tells nothing."""
    *before, last = phrase
    if not _modifies(last):
        return phrase
    noun = last.removesuffix("의")
    return [*before, noun] if noun != last and (_speaks(noun) or len(before) > 1) else []


def _kept(phrase: list[str]) -> Iterable[str]:
    while phrase and _modifies(phrase[0]) and phrase[0][-1] == "는" and len(phrase) > 1:
        phrase = phrase[1:]  # what somebody does with it: 듣는, 떠나는
    if phrase:
        yield _bare(" ".join(phrase[-MOST_WORDS:]))


def _modifies(word: str) -> bool:
    """Whether the word stands before its noun: 오는, 푸른, 도시의."""
    if word.endswith("의") and len(word) > 1:
        return True
    if word.endswith("는"):
        return word[:-1] not in _PRONOUNS and len(word) > 1
    last = decompose(word[-1]) if is_block(word[-1]) else None
    return bool(last and last.final == "ㄴ" and len(word) > 1 and word[-1] in "은한운른픈쁜던린친진된난간온큰")


def _noun(word: str) -> str:
    """Without its particle."""
    if word.endswith("이랑") and _speaks(word.removesuffix("랑")):
        return word.removesuffix("랑")  # 고양이랑
    for particle in _KO_PARTICLES:
        stem = word.removesuffix(particle)
        if stem != word and stem and (len(stem) > 1 or particle not in _SHORT_PARTICLES):
            if particle in _SHORT_PARTICLES and not _fits(stem, particle):
                continue
            return stem
    return word


def _fits(stem: str, particle: str) -> bool:
    """Whether the particle has the form that the stem wants: 바다가 is 바다 with 가, 가을 is not 가 with 을."""
    if not is_block(stem[-1]):
        return True
    if particle == "이":
        return False  # 고양이, 어린이: more often the noun's own
    closed = bool(decompose(stem[-1]).final)
    return particle not in "은과을" + "가와를는랑" or closed == (particle in "은과을")


def _speaks(phrase: str) -> bool:
    return bool(topics_in(phrase))


def _bare(phrase: str) -> str:
    return phrase.strip(" '\"“”‘’-–—")


# -- English --------


def _english(text: str) -> str:
    mark = _EN_MARK.search(text)
    if mark:
        words = _EN_STOP.split(f" {mark[1]} ", maxsplit=1)[0].split()
        while words and words[0].lower() in ("a", "an"):
            words.pop(0)
        if words:
            return _bare(" ".join(_trimmed(words[:MOST_ENGLISH_WORDS])))
    for name in (name for names in GENRE_WORDS.values() for name in names if " " in name):
        text = re.sub(rf"(?i)\b{re.escape(name)}\b", ";", text)
    text = _EN_CLAUSE.sub(";", text)
    runs: list[list[str]] = [[]]
    for word in re.findall(r"[A-Za-z][A-Za-z'’-]*|[,.;!?()]", text):
        if word.lower() in _EN_SKIP or not word[0].isalpha() or (_sounds(word) and not _speaks(word)):
            runs.append([])
        else:
            runs[-1].append(word)
    speaking = [run for run in map(_trimmed, runs) if run and _speaks(" ".join(run))]
    return " ".join(_trimmed(max(speaking, key=len)[:MOST_ENGLISH_WORDS])) if speaking else ""


def _trimmed(run: list[str]) -> list[str]:
    """Without little words at both ends; what is somebody's stays so."""
    while run and run[0].lower() in _EN_JOINTS - _EN_OWN:
        run = run[1:]
    while run and run[-1].lower() in _EN_JOINTS:
        run = run[:-1]
    return run


# -- both --------


def _sounds(word: str) -> bool:
    """Whether the word says how music sounds. A word that songs are about, too, does not."""
    lowered = word.lower()
    if any(find(lowered, names) for names in (*GENRE_WORDS.values(), *(row[0] for row in INSTRUMENTS))):
        return not _speaks(word)
    if any(find(lowered, names) for names in (FEMALE_WORDS, MALE_WORDS, *PART_WORDS.values())):
        return True
    if re.search(r"\d|bpm|[장단]조", lowered):
        return bool(re.search(r"bpm|[장단]조|^\d+$", lowered))
    return any(find(lowered, aliases) for aliases, _ in MOODS) and (
        word.isascii() or _modifies(word) or word[-1] in "고게"
    )

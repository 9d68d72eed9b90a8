"""Korean as it is pronounced, written in Hangul again: 독립 → 동닙, 같이 → 가치, 할 것을 → 할 꺼슬.

Follows 표준 발음법 (Standard Pronunciation, National Institute of Korean Language), articles 제5항 and 제8항–제30항;
where it allows two, the one it calls the principle is taken. Vowel length is not written. A rule looks at the end of
one syllable and the beginning of the next, so every boundary is decided by itself; what spelling does not tell (is it
신고 "report" or 신고 "wearing"?) is looked up in `pronunciation_words`, and where that is silent stays as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pansori.lexicon.hangul import Block, compose, decompose, join_letters
from pansori.lexicon.pronunciation_words import GROUPS

__all__ = ["Block", "compose", "decompose", "respell"]

PLAIN, TENSE, CONTENT, INSERT, NASAL = "_", "^", "|", "+", "~"
MARKS = PLAIN + TENSE + CONTENT + INSERT + NASAL

#: What a final is where no vowel takes it over: 제8항, 제9항, and 제10항, 제11항 for two letters.
SOUND = {
    **dict.fromkeys(("ㄱ", "ㄲ", "ㅋ", "ㄳ", "ㄺ"), "ㄱ"),
    **dict.fromkeys(("ㄷ", "ㅅ", "ㅆ", "ㅈ", "ㅊ", "ㅌ", "ㅎ"), "ㄷ"),
    **dict.fromkeys(("ㅂ", "ㅍ", "ㅄ", "ㄿ"), "ㅂ"),
    **dict.fromkeys(("ㄹ", "ㄼ", "ㄽ", "ㄾ", "ㅀ"), "ㄹ"),
    **dict.fromkeys(("ㄴ", "ㄵ", "ㄶ"), "ㄴ"),
    **dict.fromkeys(("ㅁ", "ㄻ"), "ㅁ"),
    "ㅇ": "ㅇ",
    "": "",
}
#: Two letters: the one that stays, and the one that a following vowel takes over (제14항).
SPLIT = {
    "ㄳ": ("ㄱ", "ㅆ"), "ㄵ": ("ㄴ", "ㅈ"), "ㄺ": ("ㄹ", "ㄱ"), "ㄻ": ("ㄹ", "ㅁ"), "ㄼ": ("ㄹ", "ㅂ"),
    "ㄽ": ("ㄹ", "ㅆ"), "ㄾ": ("ㄹ", "ㅌ"), "ㄿ": ("ㄹ", "ㅍ"), "ㅄ": ("ㅂ", "ㅆ"),
}  # fmt: skip
WITHOUT_H = {"ㅎ": "", "ㄶ": "ㄴ", "ㅀ": "ㄹ"}
ASPIRATED = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅂ": "ㅍ", "ㅈ": "ㅊ"}
TENSED = {"ㄱ": "ㄲ", "ㄷ": "ㄸ", "ㅂ": "ㅃ", "ㅅ": "ㅆ", "ㅈ": "ㅉ"}
NASALISED = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}
PALATALISED = {"ㄷ": "ㅈ", "ㅌ": "ㅊ"}
I_LIKE = frozenset("ㅣㅑㅕㅛㅠㅖㅒ")

#: Nouns in ㄺ keep ㄱ before ㄱ, where stems keep ㄹ (제11항: 닭과 [닥꽈], 맑게 [말께]).
NOUNS_IN_LG = frozenset("닭흙칡슭삵")
#: Syllables whose ㅅ only joins two words (제30항: 냇가, 콧날, 깻잎).
JOINED_BY_S = frozenset("냇샛랫콧팻햇뱃갯뒷윗뭇깻혓촛핏귓훗텃횟찻칫잿홧밋닷댓룻젯눗")
#: Stems in ㄹ, whose -게 and -지 are not those of 제27항 (울지 마, 길게), by their last syllable.
STEMS_IN_L = frozenset("알울살놀날말멀길달들글늘잘칠설툴물불팔열걸돌풀끌빌쓸털밀졸")

#: 제27항: what becomes tense after a stem's -(으)ㄹ across a space. The second kind also follows plain nouns in ㄹ,
#: and then stays as it is.
_AFTER_L = re.compile(
    "것(이|은|을|도|만|과|처럼|같이|입니다|이야|이다|인|인데|인지|인가|들|들이|들을|으로|까지)?"
    "|걸(요|까|까요)?|거(야|예요|에요|라|라고|라는|란|다|니|지|죠|잖아|고|면|냐)?|게(요)?|건(가|가요|지|데|데요)?|겁니다|겁니까"
    "|(수|지)(가|는|도|를|만|조차|밖에|라도)?|듯(이|한|해|하다|하게|했던)?"
)
_AFTER_L_NOT_NOUN = re.compile(
    "(사람|곳|줄|적|데|바)(이|은|을|도|만|가|는|를|에|에서|에게|으로|로|까지|들|들이|들을)?"
)  # fmt: skip
_NOUN_IN_L = re.compile(
    ".*(늘|울|마을|노을|가을|이슬|구슬|밀|얼굴|물|불|별|말|글|술|딸|들|길|발|돌|꿀|칼|팔|일|달)|(그|첫|봄|옛)?날|널"
)  # fmt: skip
_OBJECT = re.compile(".+[을를]")
_STEM_IN_EUL = re.compile(
    ".*(있|없|싶|같|좋|많|믿|잊|웃|걸|들|찾|잡|받|닿|넣|놓|죽|먹|읽|참|남|넘|숨|안|앉|젖|낳|쌓|닫|묻|벗|씻|신|입|작|높|깊|맑|밝)을"
    "|.*(모|부|흐|다|누|오|따|머무|서두|고|기)를"
)  # fmt: skip
_ENDING_AFTER_L = re.compile("(게|게요|걸|걸요|지|지도|지는|지요|까|까요)")
_ENDING_ALWAYS = (
    "수록",
    "지라도",
    "지언정",
    "진대",
    "세라",
    "거야",
    "거예",
    "거에",
    "거라",
    "거란",
    "거지",
    "거죠",
    "거고",
    "거면",
)
_WORD = re.compile("[가-힣]+")


def respell(text: str, *, phrase: bool = False) -> str:
    """`text` as pronounced, with the same number of syllables; what is not Hangul stays as it is.

    Decomposed Hangul (NFD) is joined first. Rules hold within a word, and across one space where speech hardly ever
    pauses (할 것을 → 할 꺼슬, 못 해 → 모 태). `phrase`: every word is spoken on into the next (밥 먹는다 → 밤 멍는다).
    """
    characters = list(join_letters(text))
    words = [match.span() for match in _WORD.finditer("".join(characters))]
    written = ["".join(characters[start:end]) for start, end in words]
    blocks: list[Block] = []
    marks: list[str] = []
    for number, word in enumerate(written):
        found = _look_up(word)
        blocks.extend(block for block, _ in found)
        marks.extend(mark for _, mark in found)
        if number + 1 < len(words):
            gap = "".join(characters[words[number][1] : words[number + 1][0]])
            marks[-1] = _mark_between(word, written[number + 1], phrase) if gap == " " else _END
        elif marks:
            marks[-1] = _END
    spoken = iter(_speak(blocks, marks))
    for start, end in words:
        characters[start:end] = [next(spoken) for _ in range(end - start)]
    return "".join(characters)


_END = "\n"  #: mark of a boundary that nothing crosses


def _speak(blocks: list[Block], marks: list[str]) -> Iterator[str]:
    initial = blocks[0].initial if blocks else ""
    for index, block in enumerate(blocks):
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        if following is None or marks[index] == _END:
            final, next_initial = SOUND[block.final], following.initial if following else ""
        else:
            final, next_initial = _meet(block, following, marks[index])
        # 제5항 다만 3: written ㅢ after a consonant is ㅣ; what comes by linking (협의) stays.
        medial = "ㅣ" if block.medial == "ㅢ" and block.initial != "ㅇ" else block.medial
        # 제5항 다만 1: 져, 쪄, 쳐.
        medial = "ㅓ" if medial == "ㅕ" and initial in "ㅈㅉㅊ" else medial
        yield compose(Block(initial, medial, final))
        initial = next_initial


def _meet(block: Block, following: Block, mark: str) -> tuple[str, str]:
    """The final of `block` and the initial of `following` as they sound next to each other."""
    if compose(block) in JOINED_BY_S:
        if following.initial in TENSED:  # 제30항 1
            return "", TENSED[following.initial]
        if following.initial == "ㅇ":  # 제30항 3: 깻잎; 윗옷 by 제15항
            mark = INSERT if following.medial in I_LIKE else CONTENT
    if following.initial == "ㅇ":
        if mark == INSERT:
            return _meet_consonant(block, following._replace(initial="ㄴ"), mark)
        return _meet_vowel(block, following, mark)
    if block.final in WITHOUT_H:
        return _after_h(block.final, following.initial)
    if following.initial == "ㅎ":
        return _before_h(block, following)
    return _meet_consonant(block, following, mark)


def _meet_vowel(block: Block, following: Block, mark: str) -> tuple[str, str]:
    """제12항 4, 제13항–제17항: linking and palatalisation."""
    final = block.final
    if final in ("", "ㅇ"):
        return final, "ㅇ"
    if final in WITHOUT_H:
        return "", WITHOUT_H[final] or "ㅇ"
    if mark == CONTENT:
        return "", SOUND[final]
    stays, goes = SPLIT.get(final, ("", final))
    if following.medial == "ㅣ" or (following.medial == "ㅕ" and goes == "ㅌ"):
        goes = PALATALISED.get(goes, goes)
    return stays, goes


def _after_h(final: str, initial: str) -> tuple[str, str]:
    """제12항 1–3: ㅎ, ㄶ, ㅀ before a consonant."""
    rest = WITHOUT_H[final]
    if initial in ("ㄱ", "ㄷ", "ㅈ"):
        return rest, ASPIRATED[initial]
    if initial == "ㅅ":
        return rest, "ㅆ"
    if initial == "ㄴ":
        return ("ㄹ", "ㄹ") if rest == "ㄹ" else ("ㄴ", "ㄴ")
    return _assimilate(rest or "ㄷ", initial)


def _before_h(block: Block, following: Block) -> tuple[str, str]:
    """제12항 붙임 1 and 2, 제17항 붙임: obstruents melt with ㅎ; 히 after ㄷ, ㅌ, ㅈ gives 치."""
    final = block.final
    suffix = following.medial == "ㅣ" or (following.medial == "ㅕ" and following.final in ("", "ㅆ"))
    if suffix and final in ("ㄷ", "ㅌ", "ㅈ", "ㄵ", "ㄾ"):
        return {"ㄵ": "ㄴ", "ㄾ": "ㄹ"}.get(final, ""), "ㅊ"
    if suffix and final in ("ㄺ", "ㄼ"):
        stays, goes = SPLIT[final]
        return stays, ASPIRATED[goes]
    sound = SOUND[final]
    return ("", ASPIRATED[sound]) if sound in ASPIRATED else (sound, "ㅎ")


def _meet_consonant(block: Block, following: Block, mark: str) -> tuple[str, str]:
    """제10항, 제11항, 제23항–제28항, then assimilation."""
    final, initial = block.final, following.initial
    sound = _reduced(block, initial)
    stem_cluster = final in ("ㄵ", "ㄻ", "ㄼ", "ㄾ") or (final == "ㄺ" and sound == "ㄹ")
    if initial in TENSED and (mark == TENSE or sound in NASALISED or (stem_cluster and mark != PLAIN)):
        return sound, TENSED[initial]
    if mark == NASAL and initial == "ㄹ":
        return sound, "ㄴ"
    return _assimilate(sound, initial)


def _reduced(block: Block, initial: str) -> str:
    if block.final == "ㄼ" and block.initial == "ㅂ" and block.medial == "ㅏ":  # 밟-
        return "ㅂ"
    if block.final == "ㄺ" and initial == "ㄱ" and compose(block) not in NOUNS_IN_LG:
        return "ㄹ"
    return SOUND[block.final]


def _assimilate(sound: str, initial: str) -> tuple[str, str]:
    """제18항–제20항: nasals and ㄹ."""
    if initial in ("ㄴ", "ㅁ"):
        sound = NASALISED.get(sound, sound)
        return ("ㄹ", "ㄹ") if (sound, initial) == ("ㄹ", "ㄴ") else (sound, initial)
    if initial == "ㄹ" and sound:
        if sound in ("ㄴ", "ㄹ"):
            return "ㄹ", "ㄹ"
        return NASALISED.get(sound, sound), "ㄴ"
    return sound, initial


def _mark_between(word: str, following: str, phrase: bool) -> str:
    """The mark of the space between two words: 제27항, 제29항 붙임 2; 못 always leans on its verb."""
    if decompose(word[-1]).final == "ㄹ" and _may_be_stem(word) and _becomes_tense(word, following):
        return TENSE
    if word == "못" or phrase:
        return INSERT if _inserts(word, following) else CONTENT
    return _END


def _may_be_stem(word: str) -> bool:
    return not _OBJECT.fullmatch(word) or _STEM_IN_EUL.fullmatch(word) is not None


def _becomes_tense(word: str, following: str) -> bool:
    if _AFTER_L.fullmatch(following):
        return True
    return _AFTER_L_NOT_NOUN.fullmatch(following) is not None and not _NOUN_IN_L.fullmatch(word)


def _inserts(word: str, following: str) -> bool:
    final = decompose(word[-1]).final
    return final != "" and following.startswith(
        ("일", "입", "잎", "잊", "여섯", "여덟", "엿", "연대", "이불", "이겨", "이기", "이루")
    )


def _look_up(word: str) -> list[tuple[Block, str]]:
    """The blocks of `word`, each with the mark behind it ("" where the rules alone decide)."""
    found: list[tuple[Block, str]] = []
    at = 0
    while at < len(word):
        length, entry = _longest(word, at)
        found.extend(entry if length else [(decompose(word[at]), "")])
        at += length or 1
    return _mark_endings(word, found)


def _longest(word: str, at: int) -> tuple[int, tuple[tuple[Block, str], ...]]:
    for length in range(min(_longest_entry(), len(word) - at), 0, -1):
        if length <= 2 and at > 0:
            break
        if entry := _lexicon().get(word[at : at + length]):
            return length, entry
    return 0, ()


def _mark_endings(word: str, found: list[tuple[Block, str]]) -> list[tuple[Block, str]]:
    """제27항 within a word: 할게, 할수록, 할지라도."""
    for index, (block, mark) in enumerate(found[:-1]):
        if block.final != "ㄹ" or mark:
            continue
        rest = word[index + 1 :]
        is_ending = _ENDING_AFTER_L.fullmatch(rest) and word[index] not in STEMS_IN_L
        if is_ending or rest.startswith(_ENDING_ALWAYS):
            found[index] = (block, TENSE)
    return found


@cache
def _lexicon() -> dict[str, tuple[tuple[Block, str], ...]]:
    """Words as written → their blocks with marks."""
    entries = {}
    for entry in " ".join(GROUPS).split():
        written, _, marked = entry.rpartition("=")
        syllables = re.findall(rf"([가-힣])([{re.escape(MARKS)}]?)", marked)
        key = written or "".join(syllable for syllable, _ in syllables)
        entries[key] = tuple((decompose(syllable), mark) for syllable, mark in syllables)
    return entries


@cache
def _longest_entry() -> int:
    return max(map(len, _lexicon()))

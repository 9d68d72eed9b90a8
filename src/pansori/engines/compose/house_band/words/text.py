"""Lyrics as people type them: sections by tags or stanzas, lines, syllables."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from pansori.domain.errors import InvalidRequest, Text
from pansori.engines.compose.house_band.model import LyricLine, LyricSection
from pansori.engines.compose.house_band.words.wording import breaths, read_line
from pansori.lexicon.hangul import join_letters
from pansori.lexicon.scripts import other_scripts

#: What a tag may say, most telling words first → the section it begins.
LABELS: tuple[tuple[str, str], ...] = (
    ("prechorus", r"pre[\s_-]*(?:chorus|hook)|lift|프리\s*-?\s*코러스|프리\s*훅|プレ"),
    ("interlude", r"interlude|instrumental|\binst\b|solo|\bbreak|간주|솔로|연주|間奏"),
    ("chorus", r"chorus|refrain|hook|drop|후렴|코러스|훅|사비|싸비|サビ|副歌|estribillo|refrão|ritornello|coro"),
    ("rap", r"\brap\b|랩"),
    ("bridge", r"bridge|middle\s*8|브릿지|브리지|ブリッジ|puente|ponte"),
    ("intro", r"intro|opening|인트로|전주|도입"),
    ("outro", r"outro|ending|coda|아웃트로|엔딩|후주|마무리"),
    ("verse", r"verse|strophe|stanza|\d+\s*절|절|벌스|버스|主歌|verso|estrofa|couplet|Aメロ"),
)
WITHOUT_WORDS = frozenset({"intro", "outro", "interlude"})  #: sections that may be played only
MOST_REPEATS = 4
_BRACKETS = re.compile(r"^\s*([\[(【［（<{〈《「])\s*([^\])】］）>}〉》」]{1,60}?)\s*[\])】］）>}〉》」]\s*:?\s*(.*)$")
_SQUARE = "[【［"
_CLOSED = re.compile(r"[\])】］]")
#: A tag whose bracket was forgotten. With more behind it than a label, the line is sung.
_UNCLOSED = re.compile(rf"^\s*[{re.escape(_SQUARE)}]\s*([^\])】］]{{1,60}}?)\s*[:：]?\s*$")
_BARE = re.compile(
    r"^\s*(?:(?:verse|chorus|pre-?chorus|bridge|intro|outro|rap|hook|refrain|interlude)\s*\d*\s*[:：]"
    r"|\d\s*절\s*[:：]?|(?:후렴|코러스|브릿지|브리지|간주|벌스|랩|훅|인트로|아웃트로)구?\s*\d?\s*[:：]?)\s*$",
    re.IGNORECASE,
)
#: A line's end that says how often it is sung: `(x2)`.
_AGAIN = re.compile(r"(?<=\S)\s+[(\[]?\s*[x×]\s*([1-9])\s*[)\]]?$", re.IGNORECASE)
_TIMES = re.compile(r"[x×*]\s*(\d)|(\d)\s*(?:번|회|x|×|times)", re.IGNORECASE)


@dataclass(frozen=True)
class Lyrics:
    """`notices` say in words what is not sung as written."""

    sections: tuple[LyricSection, ...]
    notices: tuple[Text, ...] = ()

    @property
    def doubled(self) -> bool:
        """A few lines stand as verse, and again as chorus."""
        return len(self.sections) == 2 and self.sections[0].lines == self.sections[1].lines


@dataclass
class _Draft:
    """A section while it is read. `label` None: before any tag."""

    label: str | None
    times: int = 1
    stanzas: list[list[LyricLine]] = field(default_factory=lambda: [[]])

    @property
    def lines(self) -> list[LyricLine]:
        return [line for stanza in self.stanzas for line in stanza]


def read_lyrics(text: str) -> Lyrics:
    """The sections of `text`. Without tags stanzas become verses and choruses. No words at all: no sections.

    Raises `InvalidRequest` where there are words, and none of them can be sung.
    """
    drafts = [_Draft(None)]
    notices: dict[Text, None] = {}
    for raw in _clean(text).splitlines():
        tag = _tag(raw)
        if tag:
            label, times, raw = tag
            drafts.append(_Draft(label, times))
        _add(drafts[-1], raw.strip(), notices)
    if not any(draft.lines for draft in drafts):
        if notices:
            raise InvalidRequest(
                Text("Nothing in the lyrics can be sung.", "가사에 부를 수 있는 말이 없어요."),
                field="lyrics",
                cure=Text(
                    "Write words in whole Hangul syllables or Latin letters.",
                    "온전한 한글 음절이나 로마자로 된 말을 써 주세요.",
                ),
            )
        return Lyrics(())
    sections: list[LyricSection] = []
    for draft in drafts:
        sections.extend(_untagged(draft) if draft.label is None else _tagged(draft, sections))
    return Lyrics(tuple(sections), tuple(notices))


def _clean(text: str) -> str:
    """Without what no reader sees: control and format characters, lone surrogates."""
    text = join_letters(text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        character if character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn") else
        (" " if character == "\t" else "\n" if character in "\x0b\x0c\x85" else "")
        for character in text
    )  # fmt: skip


def _add(draft: _Draft, text: str, notices: dict[Text, None]) -> None:
    if not text:
        if draft.stanzas[-1]:
            draft.stanzas.append([])
        return
    again = _AGAIN.search(text)
    text, times = (text[: again.start()], min(MOST_REPEATS, int(again[1]))) if again else (text, 1)
    line = _read(text)
    for script in other_scripts(text):
        notices[
            Text(
                f"Words in {script.en} cannot be sung and were left out.",
                f"{script.ko}로 쓴 말은 부를 수 없어서 뺐어요.",
            )
        ] = None
    if line.syllables and text[0] in _SQUARE and not _CLOSED.search(text):
        notices[
            Text(
                f"A bracket is not closed, so this is sung: “{text[:40]}”",
                f"괄호가 닫히지 않아서 이 줄도 불러요: “{text[:40]}”",
            )
        ] = None
    if line.syllables:
        draft.stanzas[-1].extend(breaths(line) * times)
    else:
        notices[
            Text(f"Left out, for it has nothing to sing: “{text[:40]}”", f"부를 말이 없어서 뺐어요: “{text[:40]}”")
        ] = None


@lru_cache(maxsize=2048)
def _read(text: str) -> LyricLine:
    return read_line(text)


def _tag(line: str) -> tuple[str, int, str] | None:
    """The label, how often it is sung and what follows it on the line, where `line` begins a section."""
    match = _BRACKETS.match(line)
    if match:
        label = _label(match[2])
        if match[1] in _SQUARE:
            return label or "verse", _times(match[2]), match[3]
        return (label, _times(match[2]), "") if label and not match[3] and _is_label(match[2]) else None
    unclosed = _UNCLOSED.match(line)
    if unclosed and _is_label(unclosed[1]):
        return _label(unclosed[1]) or "verse", _times(unclosed[1]), ""
    if _BARE.match(line):
        return _label(line) or "verse", 1, ""
    return None


def _label(text: str) -> str | None:
    """What comes first in the tag counts: `Verse 1: solo` is a verse."""
    lowered = text.lower()
    found = [
        (match.start(), order, label)
        for order, (label, pattern) in enumerate(LABELS)
        if (match := re.search(pattern, lowered))
    ]
    return min(found)[2] if found else None


def _is_label(text: str) -> bool:
    """Whether `text` says nothing beside the label: words in round brackets are mostly to be sung."""
    rest = r"\s*[\da-d]?\s*(?:[x×*]\s*\d|\d?\s*(?:번|회)?\s*(?:반복|repeat))?"
    return any(re.fullmatch(rf"\s*(?:{pattern}){rest}\s*", text.lower()) for _, pattern in LABELS)


def _times(text: str) -> int:
    match = _TIMES.search(text)
    return max(1, min(MOST_REPEATS, int(match[1] or match[2]))) if match else 1


def _tagged(draft: _Draft, before: list[LyricSection]) -> list[LyricSection]:
    label = draft.label or "verse"
    lines = tuple(draft.lines)
    if not lines and label not in WITHOUT_WORDS:
        same = [section.lines for section in before if section.label == label and section.lines]
        if not same:
            return []
        lines = same[-1]
    return [LyricSection(label, lines)] * (draft.times if lines else 1)


# -- without tags --------

#: What a number of different stanzas become.
PLANS: dict[int, tuple[str, ...]] = {
    2: ("verse", "chorus"),
    3: ("verse", "prechorus", "chorus"),
    4: ("verse", "chorus", "verse", "chorus"),
    5: ("verse", "chorus", "verse", "bridge", "chorus"),
    6: ("verse", "prechorus", "chorus", "verse", "prechorus", "chorus"),
    7: ("verse", "prechorus", "chorus", "verse", "prechorus", "bridge", "chorus"),
}
FEW_LINES = 4  #: so few lines are sung as verse, and once more as chorus


def _untagged(draft: _Draft) -> list[LyricSection]:
    stanzas = [tuple(stanza) for stanza in draft.stanzas if stanza]
    if len(stanzas) == 1:
        stanzas = _divided(stanzas[0])
    if len(stanzas) == 1:
        return [LyricSection("verse", stanzas[0]), LyricSection("chorus", stanzas[0])]
    texts = [tuple(line.text for line in stanza) for stanza in stanzas]
    repeated = {words for words, times in Counter(texts).items() if times > 1}
    if repeated:
        labels = ["chorus" if words in repeated else "verse" for words in texts]
    else:
        labels = list(PLANS.get(len(stanzas), [("verse", "chorus")[index % 2] for index in range(len(stanzas))]))
    return [LyricSection(label, lines) for label, lines in zip(labels, stanzas, strict=True)]


def _divided(lines: tuple[LyricLine, ...]) -> list[tuple[LyricLine, ...]]:
    """One long stanza in stanzas of about four lines."""
    if len(lines) <= FEW_LINES:
        return [lines]
    size = 4 if len(lines) > 7 else max(2, 2 * round(len(lines) / 4))
    parts = [lines[start : start + size] for start in range(0, len(lines), size)]
    if len(parts) > 2 and len(parts[-1]) < size / 2:
        parts[-2:] = [parts[-2] + parts[-1]]
    return parts

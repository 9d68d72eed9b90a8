"""Sentences of Korean and English, also out of text that comes piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from pansori.lexicon.hangul import is_block

LONGEST: Final = 400
"""Characters after which a sentence is cut at a comma or a space: nobody speaks that long without breathing."""

_ENDS = ".!?…。！？｡"
_OPENERS = '"“‘「『'
_WIDE = "。！？｡"  # no space follows these
_CLOSERS = "\"'”’»)]}」』〉》*_"
_CANDIDATE = re.compile(rf"[{re.escape(_ENDS)}]+[{re.escape(_CLOSERS)}]*|\n")
_ITEM = re.compile(r"[-*•·#>]|\d{1,3}[.)]")  # a line that begins so is one of a list, or a heading
_NUMBER_OF_ITEM = re.compile(r"\s*(?:[-*•]\s*)?\d{1,3}\.")
_BEFORE = re.compile(r"[\w.&'’-]*$")
_INITIAL = re.compile(r"(?:[A-Z]\.)*[A-Z]")
_BREATHS = re.compile(r"[,;:、，；—]\s+|\s+")

#: Never the end of a sentence: a name follows.
_TITLES_WORDS = "mr mrs ms mx dr prof rev hon gen col capt lt sgt maj cmdr gov sen rep pres st mt ft messrs fr"
_TITLES = frozenset(_TITLES_WORDS.split())
#: The end only where a capital letter follows, or nothing.
_SHORT_WORDS = (
    "etc e.g i.e cf al approx dept est inc ltd co corp jr sr vs a.m p.m u.s u.k u.n e.u d.c ph.d b.a m.a ave "
    "blvd rd min max tbsp tsp mon tue tues wed thu thurs fri tel ext incl excl resp assn bros"
)
_SHORT = frozenset(_SHORT_WORDS.split())
#: Not the end where a number follows.
_COUNTED_WORDS = "c no nos vol vols p pp fig figs ch chap sec art jan feb mar apr jun jul aug sep sept oct nov dec"
_COUNTED = frozenset(_COUNTED_WORDS.split())


class Sentence(NamedTuple):
    text: str  #: with the spaces around it
    first: int  #: index of its first character in the whole


class Sentences:
    """Sentences of a text that comes in pieces, each as soon as it is known to be over. Joined, they are the text."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._rest = ""

    def feed(self, delta: str) -> list[str]:
        """The sentences that are over with this."""
        self._rest += delta
        return self._take(over=False)

    def finish(self) -> list[str]:
        """What is left, when no more comes."""
        left = self._take(over=True)
        rest, self._rest = self._rest, ""
        return [*left, rest] if rest else left

    def _take(self, *, over: bool) -> list[str]:
        found = []
        at = 0
        while (end := _end(self._rest, at, over=over, longest=self._longest)) is not None:
            found.append(self._rest[at:end])
            at = end
        self._rest = self._rest[at:]
        return found


def split(text: str, longest: int = LONGEST) -> list[Sentence]:
    """The sentences of `text`; joined, they are it. Spaces alone are no sentence but belong to the one before."""
    sentences = Sentences(longest)
    found: list[Sentence] = []
    at = 0
    for one in (*sentences.feed(text), *sentences.finish()):
        if found and not one.strip():
            found[-1] = Sentence(found[-1].text + one, found[-1].first)
        else:
            found.append(Sentence(one, at))
        at += len(one)
    return found


def with_words(sentences: Iterable[str]) -> Iterator[str]:
    """Those in which there is something to say, as they come. Signs alone, such as a 🎉 at the end, are left out, but
    come last where there is nothing else."""
    signs, is_said = "", False
    for one in sentences:
        if any(map(str.isalnum, one)):
            is_said = True
            yield one
        else:
            signs += one
    if signs.strip() and not is_said:
        yield signs


def _end(text: str, start: int, *, over: bool, longest: int) -> int | None:
    """Where the sentence that begins at `start` is over; None: not yet, or never."""
    end = None
    for candidate in _CANDIDATE.finditer(text, start, start + longest + 1):
        if not text[start : candidate.start()].strip():
            continue  # nothing has been said yet
        is_end = _is_end(text, start, candidate, over)
        if is_end is None:
            return None
        if is_end:
            end = candidate.end()
            break
    if end is not None and end - start <= longest:
        return end + 1 if text[end : end + 1].isspace() and text[end - 1] != "\n" else end
    if len(text) - start <= longest:
        return None
    window = text[start : start + longest]
    breaths = [one for one in _BREATHS.finditer(window) if window[: one.start()].strip()]
    marked = [one for one in breaths if not window[one.start()].isspace() and one.start() > longest // 3]
    return start + (marked or breaths)[-1].end() if breaths else start + longest


def _is_end(text: str, start: int, candidate: re.Match[str], over: bool) -> bool | None:
    """None: what follows decides, and is not there yet."""
    end = candidate.end()
    mark = candidate.group()
    if mark == "\n":
        return _line_is_end(text, end, over)
    if end == len(text):
        return True if over else None
    if mark[-1] in _WIDE:
        return True
    following = text[end]
    if not following.isspace():
        # 갔어요.그리고: forgotten spaces are frequent in Korean, where no other word has a stop inside.
        return mark[-1] in _ENDS and is_block(following) and is_block(text[candidate.start() - 1])
    if not mark.startswith(".") or mark.startswith(".."):
        return _quoted_is_end(text, mark, end, over)
    return _stop_is_end(text, start, candidate, over)


def _line_is_end(text: str, end: int, over: bool) -> bool | None:
    """The line's: where an empty one or one of a list follows."""
    rest = text[end:].lstrip(" \t")
    if rest.startswith("\n") or _ITEM.match(rest):
        return True
    is_decided = over or (bool(rest) and not re.fullmatch(r"\d{1,3}", rest))
    return False if is_decided else None


def _quoted_is_end(text: str, mark: str, end: int, over: bool) -> bool | None:
    """“Really?” she asked is one sentence."""
    if mark[-1] in _ENDS:
        return True
    following = text[end:].lstrip()[:1]
    return not following.islower() if following or over else None


def _stop_is_end(text: str, start: int, candidate: re.Match[str], over: bool) -> bool | None:
    before = text[start : candidate.start()]
    found = _BEFORE.search(before)
    word = found.group() if found else ""
    lowered = word.lower()
    if lowered in _TITLES or _NUMBER_OF_ITEM.fullmatch(before + "."):
        return False
    following = text[candidate.end() :].lstrip()[:1]
    short = lowered in _SHORT or (_INITIAL.fullmatch(word) is not None and word != "I")
    open_ = short or lowered in _COUNTED or word[-1:].isdigit() or candidate.group()[-1] in _CLOSERS
    if not open_:
        return True
    if not following:
        return True if over else None
    if lowered in _COUNTED or word[-1:].isdigit():
        return not following.isdigit()
    if short and _INITIAL.fullmatch(word):
        return not following.isalpha()  # J. R. R. Tolkien, the U.S. Army
    if short:
        return following.isupper() or following in _OPENERS or is_block(following)
    return not following.islower()

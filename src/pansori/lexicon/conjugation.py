"""Korean verbs and adjectives in the endings that songs use.

A predicate is written in its dictionary form; after a bar stands how it departs from the rule, since spelling does not
tell: `흐르다|르`, `춥다|ㅂ`, `걷다|ㄷ`, `짓다|ㅅ`, `하얗다|ㅎ`, and `봄이다|이` for "it is spring". 하다, ㄹ and ㅡ
need no mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pansori.lexicon.hangul import Block, compose, decompose

Irregular = Literal["", "르", "ㅂ", "ㄷ", "ㅅ", "ㅎ", "이"]
_BRIGHT = "ㅏㅗㅑ"  #: vowels after which 아 stands
#: Vowels that melt together with 어 and 아 behind them.
_MELTED = {
    ("ㅏ", "ㅏ"): "ㅏ", ("ㅓ", "ㅓ"): "ㅓ", ("ㅗ", "ㅏ"): "ㅘ", ("ㅜ", "ㅓ"): "ㅝ", ("ㅣ", "ㅓ"): "ㅕ",
    ("ㅐ", "ㅓ"): "ㅐ", ("ㅔ", "ㅓ"): "ㅔ", ("ㅕ", "ㅓ"): "ㅕ", ("ㅚ", "ㅓ"): "ㅙ",
}  # fmt: skip


@dataclass(frozen=True)
class Predicate:
    """`stem` is without 다."""

    stem: str
    irregular: Irregular = ""


def predicate(written: str) -> Predicate:
    """What `written` stands for, such as `흐르다|르`. Raises `ValueError` where it is no dictionary form."""
    form, _, mark = written.partition("|")
    if len(form) < 2 or not form.endswith("다"):
        raise ValueError(f"{form} is no dictionary form")
    if mark not in get_args(Irregular):
        raise ValueError(f"{mark} is no way to be irregular")
    return Predicate(form[:-1], mark)  # type: ignore[arg-type]  # checked above


def conjugate(word: Predicate, form: str) -> str:
    """`form` begins as endings are named: `어…` after 아/어 (`어`, `었네`, `어 줘`), `으…` where 으 comes after a
    consonant (`으면`, `으며`), `ㄹ…` and `ㄴ…` where that letter closes the stem (`ㄹ까`, `ㄹ게`), others as they are
    (`고`, `네`, `지`)."""
    if form[0] in "어었":
        return _infinitive(word, form)
    if form[0] == "으":
        return _with_eu(word, form)
    if form[0] in "ㄹㄴ":
        return _closed(word, form)
    stem = word.stem
    return _without_l(stem) + form if form[0] in "네니는시세" else stem + form


def _parts(stem: str) -> tuple[str, Block]:
    return stem[:-1], decompose(stem[-1])


def _without_final(stem: str) -> str:
    head, last = _parts(stem)
    return head + compose(last._replace(final=""))


def _without_l(stem: str) -> str:
    """ㄹ falls before ㄴ and ㅅ: 살다, 사네."""
    return _without_final(stem) if decompose(stem[-1]).final == "ㄹ" else stem


def _infinitive(word: Predicate, form: str) -> str:
    """With 아/어, or with 았/었 where `form` begins so."""
    joined = _joined(word)
    if word.irregular == "이":
        return word.stem + (form if form[0] == "었" else "야" + form[1:])
    if form[0] == "었":
        last = decompose(joined[-1])
        return joined[:-1] + compose(last._replace(final="ㅆ")) + form[1:]
    return joined + form[1:]


def _joined(word: Predicate) -> str:
    stem = word.stem
    head, last = _parts(stem)
    if last == Block("ㅎ", "ㅏ", ""):
        return head + "해"
    if word.irregular == "르":
        return _lengthened(stem)
    if word.irregular == "ㅂ":
        return _without_final(stem) + ("와" if stem in ("돕", "곱") else "워")
    if word.irregular == "ㅎ":
        return head + compose(Block(last.initial, "ㅒ" if last.medial == "ㅑ" else "ㅐ", ""))
    if word.irregular == "ㄷ":
        return head + compose(last._replace(final="ㄹ")) + _vowel_after(last.medial)
    if word.irregular == "ㅅ":
        return _without_final(stem) + _vowel_after(last.medial)
    if last.final:
        return stem + _vowel_after(last.medial)
    if last.medial == "ㅡ":
        bright = head and decompose(head[-1]).medial in _BRIGHT
        return head + compose(Block(last.initial, "ㅏ" if bright else "ㅓ", ""))
    added = "ㅏ" if last.medial in _BRIGHT else "ㅓ"
    melted = _MELTED.get((last.medial, added))
    return head + compose(Block(last.initial, melted, "")) if melted else stem + ("아" if added == "ㅏ" else "어")


def _vowel_after(medial: str) -> str:
    return "아" if medial in _BRIGHT else "어"


def _lengthened(stem: str) -> str:
    """르 doubles its ㄹ: 흐르다, 흘러; 모르다, 몰라."""
    before = decompose(stem[-2])
    return stem[:-2] + compose(before._replace(final="ㄹ")) + ("라" if before.medial in _BRIGHT else "러")


def _with_eu(word: Predicate, form: str) -> str:
    stem = word.stem
    head, last = _parts(stem)
    if word.irregular == "ㅂ":
        return _without_final(stem) + "우" + form[1:]
    if word.irregular == "ㅎ":
        return _without_final(stem) + form[1:]
    if word.irregular == "ㄷ":
        return head + compose(last._replace(final="ㄹ")) + form
    if word.irregular == "ㅅ":
        return _without_final(stem) + form
    return stem + (form[1:] if last.final in ("", "ㄹ") else form)


def _closed(word: Predicate, form: str) -> str:
    """ㄹ and ㄴ close an open stem; a closed one takes 을 and 은."""
    letter, rest = form[0], form[1:]
    stem = word.stem
    head, last = _parts(stem)
    if word.irregular in ("ㅂ", "ㅎ"):
        stem = _without_final(stem) + ("우" if word.irregular == "ㅂ" else "")
    elif word.irregular == "ㅅ":
        return _without_final(stem) + ("을" if letter == "ㄹ" else "은") + rest
    elif word.irregular == "ㄷ":
        return head + compose(last._replace(final="ㄹ")) + ("을" if letter == "ㄹ" else "은") + rest
    elif last.final == "ㄹ":
        stem = _without_final(stem)
    elif last.final:
        return stem + ("을" if letter == "ㄹ" else "은") + rest
    head, last = _parts(stem)
    return head + compose(last._replace(final=letter)) + rest

"""Engines: what can be done here, what is missing, and what it would take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fastapi.responses import Response

from pansori.api.routing import Router
from pansori.domain.errors import Text
from pansori.engines.base import ABILITIES, Card
from pansori.web.frame import Page, PageDep
from pansori.web.measures import length, size
from pansori.web.words import Told
from pansori.workflows import default_engine

router = Router(include_in_schema=False)

WORDS = {
    "heading": Text("Engines", "엔진"),
    "lead": Text(
        "What works on this server, what is missing, and what that would take.",
        "이 서버에서 쓸 수 있는 엔진과 아직 없는 엔진, 그리고 쓰는 데 필요한 일을 모아 두었어요.",
    ),
    "family_compose": Text("Composing", "작곡"),
    "family_compose_more": Text("From words to a finished song.", "설명만으로 곡을 완성해요."),
    "family_write": Text("Writing", "글쓰기"),
    "family_write_more": Text("Understands what you ask for and writes lyrics.", "부탁하신 말을 이해하고 가사를 써요."),
    "family_analyze": Text("Analysing", "분석"),
    "family_analyze_more": Text("Measures what a recording sounds like.", "녹음이 어떤 소리인지 재요."),
    "family_speak": Text("Speaking", "말하기"),
    "family_speak_more": Text("Says a text aloud.", "글을 소리 내어 읽어요."),
    "family_transcribe": Text("Hearing", "듣기"),
    "family_transcribe_more": Text("Turns what somebody says into text.", "사람이 하는 말을 글로 옮겨요."),
    "ready": Text("Ready", "쓸 수 있어요"),
    "missing": Text("Not here", "아직 없어요"),
    "broken": Text("Broken", "고장 났어요"),
    "used": Text("Used unless you choose another", "따로 고르지 않으면 이 엔진을 써요"),
    "use": Text("Make a song with it", "이 엔진으로 곡 만들기"),
    "why": Text("Why", "이유"),
    "cure": Text("What it takes", "이렇게 해 보세요"),
    "abilities": Text("For", "하는 일"),
    "languages": Text("Languages", "언어"),
    "any_language": Text("Any", "무엇이든"),
    "more_languages": Text("{count} more", "그 밖에 {count}가지"),
    "longest": Text("Longest song", "가장 긴 곡"),
    "rate": Text("Sound", "음질"),
    "memory": Text("Memory at most", "최대 메모리"),
    "runs_on": Text("Runs on", "실행 장치"),
    "runs_on_cpu": Text("Processor", "프로세서(CPU)"),
    "runs_on_gpu": Text("Graphics card", "그래픽 카드(GPU)"),
    "licence": Text("Licence", "라이선스"),
    "licences": Text("{code} (weights: {weights})", "{code} (가중치: {weights})"),
    "copy_cure": Text("Copy “{what}”", "“{what}” 복사"),
}
LANGUAGES: Final = {
    "ko": Text("Korean", "한국어"),
    "en": Text("English", "영어"),
    "ja": Text("Japanese", "일본어"),
    "zh": Text("Chinese", "중국어"),
}
PARTS: Final = {
    "voice": Text("voice", "목소리"),
    "vocoder": Text("vocoder", "보코더"),
    "soundfont": Text("SoundFont", "사운드폰트"),
    "space": Text("Space", "Space"),
    "model": Text("model", "모델"),
    "acoustic model": Text("acoustic model", "음향 모델"),
}
FAMILIES: Final = ("compose", "write", "analyze", "transcribe", "speak")  #: in this order; others follow
MANY: Final = 8  #: languages without a name here
FOR_TESTS: Final = "debug"  #: is shown only where it does the work
#: What of a cure is typed somewhere: a command, a setting, a package with its extra.
TYPED: Final = re.compile(
    r"`([^`]+)`|\b(make [a-z]+|pansori models get [\w:/@.-]*\w|pip install [\w\[\]-]+|"
    r"[A-Z]{2,}(?:_[A-Z0-9]+)+|[a-z][\w-]*\[[\w-]+\])"
)
#: Pieces of cards, which are in English, in Korean.
KOREAN_PIECES: Final = {
    "small, carried along": "함께 설치된 작은 파일",
    "the system's": "시스템에 있는 파일",
    "(set)": "(설정한 파일)",
    "as the Space states": "Space에 적힌 대로",
    "as that server states": "그 서버에 적힌 대로",
    "as each voice states": "목소리마다 적힌 대로",
}
SMALL_WORDS: Final = frozenset({"a", "an", "its", "no", "the", "there"})


@dataclass(frozen=True)
class EngineShown:
    """An engine in sentences. `language`: of the summary, the reason and the cure, which a foreign engine has in
    English alone."""

    family: str
    name: str
    title: str
    state: str
    summary: str
    reason: str
    cure: str
    typed: tuple[str, ...]
    """Commands and settings that the cure names."""
    language: str
    facts: tuple[tuple[str, str], ...]
    """Names and what they are."""
    is_default: bool
    use: str
    """Where a song is made with it; empty where that cannot be."""


@router.get("/app/engines")
def engines(page: PageDep) -> Response:
    shown = [one for one in _shown(page) if one.name != FOR_TESTS or one.is_default]
    families = [name for name in FAMILIES if any(one.family == name for one in shown)]
    families += sorted({one.family for one in shown} - set(families))
    told = Told(page.language, WORDS)
    groups = [
        (
            told(f"family_{family}") if family in FAMILIES else family,
            told(f"family_{family}_more") if family in FAMILIES else "",
            sorted((one for one in shown if one.family == family), key=_order),
        )
        for family in families
    ]
    return page.render("engines.html", WORDS, groups=groups)


def _order(engine: EngineShown) -> tuple[bool, bool, str]:
    return (not engine.is_default, engine.state != "ready", engine.name)


def _shown(page: Page) -> Iterator[EngineShown]:
    services, told = page.server.services, Told(page.language, WORDS)
    chosen = services.settings
    defaults = {
        "compose": default_engine(chosen),
        "write": chosen.write_engine,
        "analyze": chosen.analyze_engine,
        "transcribe": chosen.transcribe_engine,
        "speak": chosen.speak_engine,
    }
    for family, name, card, status in services.registry.seen():
        korean = page.language == "ko" and bool(card.summary_ko if card else status.reason_ko)
        cure = _sentence(status.cure_ko if korean and status.cure_ko else status.cure)
        yield EngineShown(
            family=family,
            name=name,
            title=told.engine(name),
            state=status.state,
            summary=(card.summary_ko if korean else card.summary) if card else "",
            reason=_sentence(status.reason_ko if korean and status.reason_ko else status.reason),
            cure=cure,
            typed=tuple(dict.fromkeys(match[1] or match[2] for match in TYPED.finditer(cure))),
            language="ko" if korean else "en",
            facts=tuple(_facts(card, page)) if card else (),
            is_default=name == defaults.get(family) or (family, name) == ("write", chosen.reply_engine),
            use=f"/app/make?engine={name}" if family == "compose" and status.state == "ready" else "",
        )


def _sentence(words: str) -> str:
    """As a sentence begins and ends. A name that a status begins with, such as that of a library, stays as it is."""
    words = words.strip()
    first, _, _ = words.partition(" ")
    if first in SMALL_WORDS:
        words = words[0].upper() + words[1:]
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."


def _languages(card: Card, told: Told) -> str:
    """By name those that have one here; where there are a great many, the others by their number."""
    if not card.languages:
        return told("any_language")
    named = [told.text(LANGUAGES[tag]) for tag in LANGUAGES if tag in card.languages]
    others = [tag for tag in card.languages if tag not in LANGUAGES]
    if len(others) > MANY:
        others = [told("more_languages", count=len(others))]
    return ", ".join([*named, *others])


def _facts(card: Card, page: Page) -> Iterator[tuple[str, str]]:
    told = Told(page.language, WORDS)
    if card.abilities:
        yield (
            told("abilities"),
            ", ".join(told.text(ABILITIES[one]) if one in ABILITIES else one for one in card.abilities),
        )
    yield told("languages"), _languages(card, told)
    if card.sample_rate:
        yield told("rate"), f"{card.sample_rate / 1000:g} kHz"
    if card.max_duration:
        yield told("longest"), length(card.max_duration, page.language)
    if card.memory:
        yield told("memory"), size(card.memory)
    yield told("runs_on"), told(f"runs_on_{card.queue}")
    for name, what in card.parts.items():
        yield told.text(PARTS[name]).capitalize() if name in PARTS else name.capitalize(), _piece(what, page)
    both = card.weights_licence is not None
    yield (
        told("licence"),
        (
            told("licences", code=card.code_licence, weights=_piece(card.weights_licence or "", page))
            if both
            else card.code_licence
        ),
    )


def _piece(words: str, page: Page) -> str:
    """Of a card, in the reader's language where it can be."""
    if page.language == "ko":
        for piece, korean in KOREAN_PIECES.items():
            words = words.replace(piece, korean)
    return words

"""Make: describe a song, see how it was understood, have it made."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, get_args

from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from pansori.api.contracts.texttune import GenerationRequest, begin
from pansori.api.deps import GuestOwnerDep, ServerDep, parse_id
from pansori.api.routing import Router
from pansori.domain.errors import EngineUnavailable, Language, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.media import AudioFormat, Quality
from pansori.domain.tasks import (
    GENRE_MAX_CHARACTERS,
    LYRICS_MAX_CHARACTERS,
    PROMPT_MAX_CHARACTERS,
    SAMPLE_RATES,
    SEED_MAX,
    Family,
)
from pansori.domain.units import Seconds
from pansori.lexicon.music import NOTE_NAMES
from pansori.library import TrackView, tracks
from pansori.web.forms import Wrong, wrong_with
from pansori.web.frame import Page, PageDep
from pansori.web.pages.engines import FOR_TESTS
from pansori.web.words import SECTIONS, Told
from pansori.workflows import Services, Voice, default_engine

router = Router(include_in_schema=False)

WORDS = {
    "title": Text("Make a song", "곡 만들기"),
    "prompt": Text("What should it sound like?", "어떤 곡을 만들까요?"),
    "prompt_placeholder": Text(
        "A slow ballad about the sea at night, piano and strings, sung by a woman",
        "밤바다에 관한 느린 발라드, 피아노와 현악기, 여성 보컬",
    ),
    "examples": Text("Try one of these", "예를 들면"),
    "understood": Text("Understood as", "이렇게 이해했어요"),
    "remove": Text("Leave out: {what}", "빼기: {what}"),
    "plan": Text("How it will go", "곡의 흐름"),
    "plan_seconds": Text("{n} s in all", "모두 {n}초"),
    "lyrics": Text("Lyrics", "가사"),
    "lyrics_open": Text("Write the lyrics yourself", "가사 직접 쓰기"),
    "lyrics_hint": Text(
        "A line each; [verse] and [chorus] mark sections. Left empty, they are written where the words above ask for "
        "singing.",
        "한 줄에 한 소절씩 적어요. [verse], [chorus], [후렴]으로 부분을 나눌 수 있어요. 비워 두면, 위에서 노래를 "
        "부탁하셨을 때 대신 써 드려요.",
    ),
    "instrumental": Text("Without singing", "노래 없이 연주만"),
    "written": Text("The lyrics that would be sung", "이런 가사로 불러요"),
    "use_written": Text("Edit these", "고쳐 쓰기"),
    "expanded": Text("In more words", "더 자세한 설명"),
    "expanded_hint": Text(
        "This is what the engine gets. Change it and it stays as you wrote it.",
        "엔진에 전달되는 설명이에요. 고치면 고친 대로 써요.",
    ),
    "expanded_again": Text("Write it anew", "다시 써 주기"),
    "options": Text("Options", "옵션"),
    "duration": Text("Length in seconds", "길이(초)"),
    "duration_hint": Text("At most {most} s here.", "여기서는 최대 {most}초예요."),
    "quality": Text("Quality", "품질"),
    "quality_draft": Text("Draft, fast", "초안(빨라요)"),
    "quality_standard": Text("Standard", "표준"),
    "quality_high": Text("High, takes longer", "고품질(더 걸려요)"),
    "voice": Text("Voice", "목소리"),
    "voice_auto": Text("As the words ask", "설명에 맞춰"),
    "voice_female": Text("A woman", "여성"),
    "voice_male": Text("A man", "남성"),
    "engine": Text("Engine", "엔진"),
    "engine_unknown": Text(
        "The engine {name} cannot be used here now, so {other} is chosen.",
        "{name} 엔진은 지금 쓸 수 없어서 {other|을/를} 골라 두었어요.",
    ),
    "engine_why": Text("What is here, and what is missing", "쓸 수 있는 엔진 보기"),
    "seed": Text("Seed", "시드"),
    "seed_hint": Text("The same seed makes the same song.", "시드가 같으면 똑같은 곡이 나와요."),
    "seed_placeholder": Text("any", "아무거나"),
    "format": Text("File", "파일 형식"),
    "format_auto": Text("Format as made", "원본 형식"),
    "samplerate": Text("Sample rate", "샘플레이트"),
    "rate_auto": Text("The engine's own", "엔진에 맞춤"),
    "song_title": Text("Title", "제목"),
    "title_placeholder": Text("from the words", "설명에 맞춰"),
    "defaults": Text(
        "{seconds} s · {quality} · {format} · engine {engine}", "{seconds}초 · {quality} · {format} · 엔진 {engine}"
    ),
    "submit": Text("Make the song", "곡 만들기"),
    "submit_keys": Text("or Ctrl + Enter", "또는 Ctrl + Enter"),
    "count": Text("{n} of {most} characters", "{most}자 중 {n}자"),
    "as_template": Text("Save as a template", "템플릿으로 저장"),
    "wrong": Text(
        "The song was not begun. What is wrong is marked below.",
        "아직 시작하지 않았어요. 고칠 곳을 표시해 두었어요.",
    ),
    "not_begun": Text(
        "The song was not begun; what you typed is kept. {why}",
        "아직 시작하지 않았어요. 적은 내용은 그대로 있어요. {why}",
    ),
    "template": Text("Begin from a template", "템플릿에서 시작하기"),
    "seconds": Text("{n} s", "{n}초"),
    "syllables": Text("{n} syllables", "{n}음절"),
    "syllables.one": Text("{n} syllable", "{n}음절"),
    "tempo": Text("{n} BPM", "{n} BPM"),
    "female": Text("Woman's voice", "여성 보컬"),
    "male": Text("Man's voice", "남성 보컬"),
    "nobody": Text("No singing", "노래 없음"),
    "ko": Text("Korean", "한국어"),
    "en": Text("English", "영어"),
    "chip_style": Text("Style", "장르"),
    "chip_mood": Text("Mood", "분위기"),
    "chip_tempo": Text("Tempo", "빠르기"),
    "chip_key": Text("Key", "조"),
    "chip_instruments": Text("Instrument", "악기"),
    "chip_voice": Text("Voice", "목소리"),
    "chip_language": Text("Language", "언어"),
    "too_soon": Text(
        "Type a few words, and what was understood appears here.", "몇 마디 적으면 어떻게 이해했는지 여기에 나와요."
    ),
}


@dataclass(frozen=True)
class Example:
    """Fills the form when it is chosen."""

    language: Language
    name: str
    prompt: str
    lyrics: str = ""


EXAMPLES = (
    Example(
        "ko",
        "여름 K-POP",
        "여름 바다로 떠나는 신나는 K-POP 댄스, 여성 보컬",
        "여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께",
    ),
    Example("ko", "비 오는 밤", "비 오는 밤의 느린 피아노 발라드, 여성 보컬로 노래해 줘"),
    Example("ko", "트로트", "고향 가는 길을 노래하는 흥겨운 트로트, 남성 보컬"),
    Example("ko", "공부할 때", "공부할 때 듣는 잔잔한 로파이 연주곡"),
    Example("en", "Summer K-pop", "Bright K-pop dance about leaving for the sea in summer, sung by a woman"),
    Example("en", "Rain at night", "A slow piano ballad about rain at night, sung by a woman"),
    Example(
        "en",
        "Country road",
        "An easy country song about the road home, male voice",
        "The road goes on and on for miles\nAnd I am going home",
    ),
    Example("en", "For studying", "Calm lo-fi instrumental for studying"),
)
FIELDS = (
    "prompt",
    "lyrics",
    "expanded_prompt",
    "title",
    "duration",
    "quality",
    "voice",
    "engine",
    "seed",
    "format",
    "samplerate",
)
FROM = "from"  #: a track of the reader's, whose words fill the form
WRITTEN = "written"  #: set where the expanded prompt was written by the server and not changed
INSTRUMENTAL = "instrumental"  #: the box that is ticked for a song that nobody sings


class Answers(dict[str, str]):
    """Texts by field; empty for one that has none."""

    def __missing__(self, field: str) -> str:
        return ""


@router.get("/app/make")
def form(page: PageDep, request: Request) -> Response:
    """The form, filled with what the address brings: an example's words, a template's, another track's."""
    query = request.query_params
    given = {name: query.get(name, "") for name in FIELDS}
    if FROM not in query:
        return _form(page, given, {}, instrumental=query.get(INSTRUMENTAL) == "1")
    with page.server.services.database.read() as session:
        track = tracks.get(session, parse_id(query[FROM], tracks.NO_SUCH_TRACK), page.viewer.known("read").id)
    return _form(page, {**given, **of_track(track)}, {}, instrumental=not track.lyrics)


@router.get("/generate.html")
def documented(page: PageDep, request: Request) -> Response:
    return form(page, request)


@router.post("/app/make")
async def submit(page: PageDep, request: Request, server: ServerDep, owner: GuestOwnerDep) -> Response:
    """Begin the song and show how it comes along; or show the form again, with what is wrong at its field."""
    posted = await request.form(max_files=0, max_fields=50)
    given = {name: str(posted.get(name, "")) for name in FIELDS}
    instrumental = posted.get(INSTRUMENTAL) == "1"
    try:
        job = await run_in_threadpool(begin, server.services, owner, request_of(given, instrumental=instrumental))
    except (ValidationError, PansoriError) as error:  # whatever it is, what was typed stays
        wrong, status = wrong_with(error, page.language, FIELDS)
        told = {**given, WRITTEN: "1" if posted.get(WRITTEN) == "1" else ""}
        return await run_in_threadpool(_form, page, told, wrong, instrumental=instrumental, status=status)
    return page.go(f"/app/jobs/{job.id}")


def of_track(track: TrackView) -> dict[str, str]:
    """The form as it was filled in for this track, by all that is known."""
    told = {**track.parameters, **track.model_dump(include={"prompt", "expanded_prompt", "lyrics", "engine", "title"})}
    return {name: str(told[name]) for name in FIELDS if name != "seed" and told.get(name) is not None}


def request_of(given: dict[str, str], *, instrumental: bool) -> GenerationRequest:
    """What the form says, as the contract takes it. Raises `ValidationError`, also for what is no number."""
    told: JsonDict = {name: value for name, value in given.items() if value.strip()}
    told["prompt"] = given["prompt"]
    if "lyrics" in told:
        told["lyrics"] = told["lyrics"].replace("\r\n", "\n")
    elif instrumental:
        told["lyrics"] = ""
    if told.get("samplerate", "").isdecimal():  # the one choice among numbers, which are not read out of text
        told["samplerate"] = int(told["samplerate"])
    return GenerationRequest.model_validate(told)


def _form(page: Page, given: dict[str, str], wrong: Wrong, *, instrumental: bool, status: int = 200) -> Response:
    services, told = page.server.services, Told(page.language, WORDS)
    engines, chosen = composers(services), default_engine(services.settings)
    unknown = given.get("engine", "") if given.get("engine", "") not in {"", *engines} else ""
    values: dict[str, Any] = {
        "given": Answers({**given, "engine": ""} if unknown else given),
        "wrong": Answers(wrong),
        "unknown_engine": "" if wrong else unknown,
        "instrumental": instrumental,
        "examples": [one for one in EXAMPLES if one.language == page.language],
        "engines": [(name, told.engine(name)) for name in engines],
        "default_engine": chosen,
        "keys": {f"{note} {mode}": told.key(f"{note} {mode}") for note in NOTE_NAMES for mode in ("major", "minor")},
        "longest": services.settings.max_duration_seconds,
        "qualities": _named(told, "quality_", (one.value for one in Quality)),
        "voices": _named(told, "voice_", get_args(Voice)),
        "formats": [("", told("format_auto")), *((one.value, one.value.upper()) for one in AudioFormat)],
        "rates": [("", told("rate_auto")), *((str(one), f"{one:,} Hz") for one in SAMPLE_RATES)],
        "seed_max": SEED_MAX,
        "limits": {"prompt": PROMPT_MAX_CHARACTERS, "lyrics": LYRICS_MAX_CHARACTERS, "expanded": GENRE_MAX_CHARACTERS},
        "sections": {name: text.in_language(page.language) for name, text in SECTIONS.items()},
        "seconds": _plain(services.settings.max_duration_seconds),
    }
    return page.render("make.html", WORDS, status=status, **values)


def _named(told: Told, words: str, values: Iterable[str]) -> list[tuple[str, str]]:
    """Values and what they are called."""
    return [(value, told(words + value)) for value in values]


def composers(services: Services) -> list[str]:
    """Engines that can compose now; the one for tests only where it does the work."""
    registry, found = services.registry, []
    for name in registry.names(Family.COMPOSE):
        with suppress(EngineUnavailable):
            found.append(registry.get(Family.COMPOSE, name).name)
    return [name for name in found if name != FOR_TESTS or name == default_engine(services.settings)]


def _plain(seconds: Seconds) -> str:
    return f"{seconds:g}"

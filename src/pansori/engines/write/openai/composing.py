"""A song by a language model: what the prompt names is read here, and what it leaves open the model chooses.

Every answer is checked. What cannot be used of it is left to the songsmith, who chooses by himself; lyrics that cannot
be used are asked for once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pansori.domain.errors import EngineFailed, FetchFailed, InvalidRequest, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import GENRE_MAX_CHARACTERS, LYRICS_MAX_CHARACTERS, WriteTask
from pansori.domain.units import BeatsPerMinute
from pansori.engines.write.base import Writing
from pansori.engines.write.openai.chat import Chat, unsupported
from pansori.engines.write.openai.repair import read_object
from pansori.lexicon.hangul import is_block
from pansori.lexicon.music import key_name, korean_key
from pansori.lexicon.wishes import FASTEST, SLOWEST, Wishes, read_wishes

TITLE, SHORT, PROSE = 200, 60, 600  #: characters, at most
LINES: Final = 120  #: of lyrics
INSTRUMENTS: Final = 8
TRIES: Final = 2
FEWEST_LINES: Final = 2  #: of lyrics, tags not counted
SCHEMA: Final[JsonDict] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "description": "The song's title."},
        "description": {"type": "string", "description": "How it sounds, in one or two sentences."},
        "genre": {"type": "string"},
        "mood": {"type": "string"},
        "instruments": {"type": "array", "items": {"type": "string"}},
        "tempo": {"type": "number", "description": "Beats a minute."},
        "key": {"type": "string", "description": "Such as C major or F# minor."},
        "voice": {"type": "string", "enum": ["female", "male"]},
        "lyrics": {"type": "string", "description": "With tags such as [verse] and [chorus] on lines of their own."},
    },
    "required": ["title", "description", "genre", "mood", "instruments", "tempo", "key", "voice", "lyrics"],
    "additionalProperties": False,
}
SCHEMATIC: Final[JsonDict] = {
    "response_format": {"type": "json_schema", "json_schema": {"name": "song", "strict": True, "schema": SCHEMA}}
}
FORMS: Final[tuple[JsonDict, ...]] = (
    SCHEMATIC,
    {"response_format": {"type": "json_object", "schema": SCHEMA}},  # llama.cpp's own, and some others'
    {"response_format": {"type": "json_object"}},
    {},
)
"""Ways to ask for it, the strictest first: not every server has each."""
_TAG: Final = re.compile(r"\s*\[[^\]]{1,40}\]\s*")
_KEY: Final = re.compile(r"\s*([A-Ga-g])\s*(#|♯|b|♭)?\s*(?:-\s*)?(major|minor|maj|min|m)?\s*", re.IGNORECASE)


def compose(chat: Chat, task: WriteTask, plain: Writing, seed: int, look: Callable[[], None]) -> Writing:
    """`plain`: the same, written without a model. Raises a `NetworkError`, `EngineFailed`, `Cancelled`."""
    wants_words = task.purpose == "lyrics" and not task.lyrics.strip()
    messages: list[JsonDict] = [
        {"role": "system", "content": _rules(plain, wants_words=wants_words)},
        {"role": "user", "content": _request(task)},
    ]
    for _ in range(TRIES):
        look()
        said = _asked(chat, messages, seed)
        told = read_object(said)
        lyrics = _lyrics(told, plain.language) if told is not None and wants_words else task.lyrics
        if told is not None and lyrics is not None:
            named = read_wishes(task.prompt)
            voice_open = plain.wants_singing and task.voice == "auto" and named.voice is None
            return _Song(told, named, plain, voice_open).writing(lyrics)
        wrong = (
            "That is not the JSON object that was asked for."
            if told is None
            else f"The lyrics need at least {FEWEST_LINES} lines in {_NAMES[plain.language]}."
        )
        messages += [{"role": "assistant", "content": said}, {"role": "user", "content": f"{wrong} Answer again."}]
    raise EngineFailed(
        Text("The language model's answer cannot be used.", "언어 모델의 답을 쓸 수 없어요."),
        cure=Text(
            "Choose a model that can answer in JSON, or PANSORI_WRITE_ENGINE=songsmith.",
            "JSON으로 답할 수 있는 모델을 고르거나 PANSORI_WRITE_ENGINE=songsmith로 설정하세요.",
        ),
    )


def _asked(chat: Chat, messages: Sequence[JsonDict], seed: int) -> str:
    """In the strictest way that the server has. Some models refuse to be asked for the likeliest words."""
    likeliest: JsonDict = {"seed": seed, "temperature": 0}
    ways: list[JsonDict] = [*({**likeliest, **form} for form in FORMS), SCHEMATIC, {}]
    while True:
        try:
            return chat.complete(messages, **ways.pop(0))
        except FetchFailed as error:
            if not unsupported(error) or not ways:
                raise


_NAMES: Final = {"ko": "Korean", "en": "English"}


def _rules(plain: Writing, *, wants_words: bool) -> str:
    words = (
        f"Write lyrics in {_NAMES[plain.language]}, two verses and a chorus, each part after its tag, a line each."
        if wants_words
        else "Leave lyrics empty."
    )
    return (
        "You plan songs. Keep everything that the user names exactly: style, mood, tempo, key, instruments, voice. "
        f"Choose what is left open. {words} Answer with one JSON object with the fields "
        f"{', '.join(SCHEMA['properties'])}, and with nothing else. Write genre, mood and description in "
        f"{_NAMES[plain.language]}."
    )


def _request(task: WriteTask) -> str:
    parts = [task.prompt]
    if task.lyrics.strip():
        parts.append(f"It is sung to these words:\n{task.lyrics}")
    if task.duration is not None:
        parts.append(f"It lasts {task.duration:g} seconds.")
    if task.voice != "auto":
        parts.append(f"The voice is {task.voice}.")
    return "\n".join(part for part in parts if part)


@dataclass(frozen=True)
class _Song:
    """What a model `told`, beside what the prompt `named`. `plain` stands in for what cannot be used."""

    told: JsonDict
    named: Wishes
    plain: Writing
    voice_open: bool

    def writing(self, lyrics: str) -> Writing:
        plain = self.plain
        tempo = _tempo(self.told.get("tempo")) if self.named.tempo is None else None
        key = _key(self.told.get("key")) if self.named.key is None and self.named.mode is None else None
        chosen: dict[str, Any] = {
            "tempo": tempo or plain.tempo,
            "key": key or plain.key,
            "genre": self._short("genre", open_=self.named.genre is None) or plain.genre,
            "mood": self._short("mood", open_=not self.named.moods) or plain.mood,
            "instruments": self._instruments() or plain.instruments,
        }
        expanded = self._expanded(chosen)
        if expanded is None:  # what it describes is not what was asked for
            chosen, expanded = {}, plain.expanded_prompt
        return plain.model_copy(
            update={
                **chosen,
                "expanded_prompt": expanded,
                "title": _line(self.told.get("title"), TITLE) or plain.title,
                "voice": self._voice(),
                "lyrics": lyrics,
                "structure": _sections(lyrics) or plain.structure,
            }
        )

    def _short(self, name: str, *, open_: bool) -> str:
        return _line(self.told.get(name), SHORT) if open_ else ""

    def _instruments(self) -> tuple[str, ...]:
        told = self.told.get("instruments")
        if self.named.instruments or not isinstance(told, list | str):
            return ()
        words = told.split(",") if isinstance(told, str) else told
        return tuple(line for one in words if (line := _line(one, SHORT)))[:INSTRUMENTS]

    def _voice(self) -> Any:
        told = str(self.told.get("voice", "")).strip().lower()
        return told if self.voice_open and told in ("female", "male") else self.plain.voice

    def _expanded(self, chosen: JsonDict) -> str | None:
        """What is given to who composes, where all that the prompt names is found in it. None: it is not."""
        korean = self.plain.language == "ko"
        key = korean_key(chosen["key"]) if korean else chosen["key"]
        parts = (
            _line(self.told.get("description"), PROSE).rstrip(". "),
            chosen["genre"],
            chosen["mood"],
            *chosen["instruments"],
            *self.named.words,
            f"{chosen['tempo']:g} BPM",
            key,
        )
        text = ", ".join(dict.fromkeys(part for part in parts if part))
        try:
            read = read_wishes(text)
        except InvalidRequest:
            return None
        kept = read.tempo == chosen["tempo"] and read.key is not None and key_name(read.key) == chosen["key"]
        return text if kept and len(text) <= GENRE_MAX_CHARACTERS and _keeps(self.named, read) else None


def _keeps(named: Wishes, read: Wishes) -> bool:
    """Whether all that was named is read."""
    alike = all(getattr(named, what) in (None, getattr(read, what)) for what in ("genre", "voice", "key", "mode"))
    metre = (named.three_four, named.six_eight, named.flow) == (read.three_four, read.six_eight, read.flow)
    programs = {one.program for one in read.instruments}
    played = named.without <= read.without and {one.program for one in named.instruments} <= programs
    return alike and metre and played and set(named.moods) <= set(read.moods)


def _lyrics(told: JsonDict, language: str) -> str | None:
    """Those that it wrote, each part after its tag. None: there are too few, or in another language."""
    wrote = told.get("lyrics")
    if isinstance(wrote, list):
        wrote = "\n".join(map(str, wrote))
    lines = [line.strip() for line in str(wrote or "").replace("\\n", "\n").splitlines()][:LINES]
    text = "\n".join(line for line in lines if line)[:LYRICS_MAX_CHARACTERS]
    sung = [line for line in text.splitlines() if not _TAG.fullmatch(line)]
    if len(sung) < FEWEST_LINES or (language == "ko") != any(map(is_block, "".join(sung))):
        return None
    return text if _TAG.match(text) else f"[verse]\n{text}"


def _sections(lyrics: str) -> tuple[str, ...]:
    return tuple(line.strip().strip("[]") for line in lyrics.splitlines() if _TAG.fullmatch(line))


def _tempo(told: Any) -> BeatsPerMinute | None:
    if isinstance(told, str):
        found = re.search(r"\d+(?:\.\d+)?", told)
        told = float(found[0]) if found else None
    if isinstance(told, bool) or not isinstance(told, int | float) or not SLOWEST <= told <= FASTEST:
        return None
    return BeatsPerMinute(float(round(told, 1)))


def _key(told: Any) -> str | None:
    match = _KEY.fullmatch(told) if isinstance(told, str) else None
    if match is None:
        return None
    minor = (match[3] or "").lower() in ("minor", "min") or match[3] == "m"
    sign = {"♯": "#", "♭": "b"}.get(match[2] or "", match[2] or "")
    read = read_wishes(f"{match[1].upper()}{sign} {'minor' if minor else 'major'}").key
    return None if read is None else key_name(read)


def _line(told: Any, longest: int) -> str:
    """In one line of what can be seen; empty for what is no text."""
    if not isinstance(told, str):
        return ""
    shown = "".join(mark if mark.isprintable() else " " for mark in told[: 4 * longest])
    return " ".join(shown.split())[:longest].strip()

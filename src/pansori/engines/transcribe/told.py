"""What models and other servers tell of a recording, brought into the order that a transcript promises."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HeardSegment, HeardWord

#: Whisper's own rule for what it made up where nobody spoke.
NO_SPEECH, DOUBTFUL = 0.6, -1.0
LONGEST_NAME: Final = 64  #: of a speaker
_TAG: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}")
#: Languages as OpenAI's servers name them.
NAMES: Final = {
    "arabic": "ar", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "finnish": "fi",
    "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "hungarian": "hu",
    "indonesian": "id", "italian": "it", "japanese": "ja", "korean": "ko", "malay": "ms", "norwegian": "no",
    "polish": "pl", "portuguese": "pt", "romanian": "ro", "russian": "ru", "spanish": "es", "swedish": "sv",
    "tagalog": "tl", "thai": "th", "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")


class ToldWord(_Answer):
    word: str
    start: float
    end: float
    probability: float | None = None


class ToldSegment(_Answer):
    text: str
    start: float
    end: float
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    speaker: str | None = None
    words: list[ToldWord] = Field(default_factory=list)


class Told(_Answer):
    """OpenAI's `json`, `verbose_json` or `diarized_json`."""

    text: str
    language: str | None = None
    segments: list[ToldSegment] | None = None
    words: list[ToldWord] | None = None


def parse_told(answer: Any) -> Told | None:
    """None: it is nothing of the kind."""
    try:
        return Told.model_validate(answer)
    except ValidationError:
        return None


def tag_of(language: str | None, default: str) -> str:
    """`korean` or `ko` as `ko`."""
    name = (language or "").strip().lower()
    return NAMES.get(name, name if _TAG.fullmatch(name) else default)


def name_of(tag: str) -> str:
    """`ko` as `korean`; the tag of a language that has no name here."""
    own = tag.partition("-")[0]
    return next((name for name, code in NAMES.items() if code == own), tag)


def segments_of(told: Told, start: Seconds, end: Seconds, *, words: bool) -> Iterator[HeardSegment]:
    """The segments of a piece that lies from `start` to `end`; one for all of it where their times are not told."""
    listed = told.segments or [ToldSegment(text=told.text, start=0.0, end=end - start)]
    spare = list(told.words or ())
    for segment in listed:
        if _made_up(segment):
            continue
        own = segment.words or [word for word in spare if segment.start <= (word.start + word.end) / 2 <= segment.end]
        yield from orderly(segment, own if words else (), start, end)


def orderly(segment: ToldSegment, words: Iterable[ToldWord], start: Seconds, end: Seconds) -> Iterator[HeardSegment]:
    """It, with its times moved by `start` and not beyond `end`; none where it says nothing."""

    def moved(time: float) -> Seconds:
        return Seconds(min(max(time + start, start), end)) if math.isfinite(time) else start

    text = _plain(segment.text)
    if text:
        first, last = moved(segment.start), moved(segment.end)
        kept = tuple(
            HeardWord(
                text=spoken,
                start=(begun := min(max(moved(word.start), first), max(first, last))),
                end=min(max(moved(word.end), begun), max(first, last)),
                confidence=_bounded(word.probability),
            )
            for word in words
            if (spoken := _plain(word.word))
        )
        sure = None if segment.avg_logprob is None else _bounded(math.exp(min(segment.avg_logprob, 0.0)))
        yield HeardSegment(
            text=text,
            start=first,
            end=max(first, last),
            words=tuple(_one_after_another(kept)),
            confidence=sure,
            speaker=" ".join((segment.speaker or "").split())[:LONGEST_NAME],
        )


def _plain(told: str) -> str:
    """On one line, without what no database keeps."""
    return " ".join(told.replace("\0", " ").split())


def joined(parts: Sequence[Sequence[HeardSegment]]) -> Iterator[HeardSegment]:
    """What was said in pieces that were heard each alone. One speaker has another name in another piece: of several
    the names are left out."""
    for segment in chain.from_iterable(parts):
        yield segment if len(parts) == 1 else segment.model_copy(update={"speaker": ""})


def in_order(segments: Iterable[HeardSegment]) -> tuple[HeardSegment, ...]:
    """By their beginnings, each cut where the next one begins."""
    sorted_ = sorted(segments, key=lambda one: one.start)
    ends = [*(one.start for one in sorted_[1:]), Seconds(math.inf)]
    return tuple(_ending(one, min(one.end, end)) for one, end in zip(sorted_, ends, strict=False))


def _ending(segment: HeardSegment, end: Seconds) -> HeardSegment:
    words = tuple(
        word.model_copy(update={"start": min(word.start, end), "end": min(word.end, end)}) for word in segment.words
    )
    return segment.model_copy(update={"end": end, "words": words})


def _one_after_another(words: Iterable[HeardWord]) -> Iterator[HeardWord]:
    last = Seconds(0.0)
    for word in words:
        begun = max(word.start, last)
        last = max(word.end, begun)
        yield word.model_copy(update={"start": begun, "end": last})


def _made_up(segment: ToldSegment) -> bool:
    return (segment.no_speech_prob or 0.0) > NO_SPEECH and (segment.avg_logprob or 0.0) < DOUBTFUL


def _bounded(probability: float | None) -> float | None:
    if probability is None or not math.isfinite(probability):
        return None
    return min(max(probability, 0.0), 1.0)

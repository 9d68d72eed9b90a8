"""Transcripts as people and their programs read them: text, subtitles, and the JSON of OpenAI's audio API."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from pansori.domain.jobs import JsonDict
from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HeardSegment, HeardWord, Transcript
from pansori.engines.transcribe.told import name_of

LINE: Final = 42  #: characters of a subtitle's line that are read at a glance
LONGEST: Final = Seconds(6.0)  #: of a subtitle, where the times of its words are known
_BREAKS: Final = re.compile(r"\s*[\r\n]+\s*")  #: an empty line would end the subtitle


class TranscriptFormat(StrEnum):
    TEXT = "txt"
    SRT = "srt"
    VTT = "vtt"
    JSON = "json"


def plain(transcript: Transcript) -> str:
    """A line a segment."""
    lines = [segment.text for segment in transcript.segments] or [transcript.text]
    return "".join(f"{line}\n" for line in lines if line)


def srt(transcript: Transcript) -> str:
    """SubRip: numbered, with commas in times."""
    cues = [
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{_one_line(text)}\n"
        for number, (start, end, text) in enumerate(_cues(transcript.segments), start=1)
    ]
    return "\n".join(cues)


def vtt(transcript: Transcript) -> str:
    """WebVTT. Nothing in a text is taken for markup (https://www.w3.org/TR/webvtt1/#webvtt-cue-text)."""
    cues = [
        f"{_clock(start, '.')} --> {_clock(end, '.')}\n{_escaped(_one_line(text))}\n"
        for start, end, text in _cues(transcript.segments)
    ]
    return "\n".join(("WEBVTT\n", *cues))


def verbose(
    transcript: Transcript, *, segments: bool = True, words: bool = False, temperature: float = 0.0
) -> JsonDict:
    """As OpenAI's `verbose_json`. Of what only a Whisper knows it has what is true of every text that is certain, for
    there are clients that read it."""
    told: JsonDict = {
        "task": "transcribe",
        "language": name_of(transcript.language),
        "duration": transcript.duration,
        "text": transcript.text,
    }
    if segments:
        told["segments"] = [
            {
                "id": number,
                "seek": round(segment.start * 100),
                "start": segment.start,
                "end": segment.end,
                "text": segment.text,
                "tokens": [],
                "temperature": temperature,
                "avg_logprob": math.log(segment.confidence) if segment.confidence else 0.0,
                "compression_ratio": _compression(segment.text),
                "no_speech_prob": 0.0,
            }
            for number, segment in enumerate(transcript.segments)
        ]
    if words:
        told["words"] = [
            {"word": word.text, "start": word.start, "end": word.end}
            for segment in transcript.segments
            for word in segment.words
        ]
    return told


#: How each format is written.
WRITERS: Final[Mapping[TranscriptFormat, Callable[[Transcript], str]]] = {
    TranscriptFormat.TEXT: plain,
    TranscriptFormat.SRT: srt,
    TranscriptFormat.VTT: vtt,
    TranscriptFormat.JSON: lambda transcript: transcript.model_dump_json(indent=2) + "\n",
}


def _compression(text: str) -> float:
    """As a Whisper measures how much a text repeats itself (`compression_ratio` of openai/whisper's `utils.py`)."""
    content = text.encode()
    return len(content) / len(zlib.compress(content))


def _cues(segments: Sequence[HeardSegment]) -> Iterator[tuple[Seconds, Seconds, str]]:
    """What is shown at once: a segment, or as many of its words as fit."""
    for segment in segments:
        if not segment.words:
            yield segment.start, segment.end, segment.text
            continue
        shown: list[HeardWord] = []
        for word in segment.words:
            if shown and not _fits([*shown, word]):
                yield _cue(shown)
                shown = []
            shown.append(word)
        yield _cue(shown)


def _fits(words: Sequence[HeardWord]) -> bool:
    return len(" ".join(word.text for word in words)) <= 2 * LINE and words[-1].end - words[0].start <= LONGEST


def _cue(words: Sequence[HeardWord]) -> tuple[Seconds, Seconds, str]:
    return words[0].start, words[-1].end, " ".join(word.text for word in words)


def _clock(time: Seconds, mark: str) -> str:
    """Such as 01:02:03,004."""
    thousandths = round(time * 1000)
    seconds, thousandths = divmod(thousandths, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{thousandths:03}"


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", text.strip())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

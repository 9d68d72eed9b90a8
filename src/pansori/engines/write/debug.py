"""The writing engine for trying things out: says the prompt back, and sings it a line for each word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.tasks import GENRE_MAX_CHARACTERS, ReplyTask, WriteTask
from pansori.domain.units import BeatsPerMinute
from pansori.engines.base import Card, EngineOptions, RunContext
from pansori.engines.write.base import REPLIES, SONGS, Replying, Tool, Writer, Writing, reply_language
from pansori.lexicon.hangul import is_block


class DebugWriterOptions(EngineOptions):
    lines: int = Field(default=4, ge=1, le=64, description="How many lines are written at most.")


class DebugWriter(Writer[DebugWriterOptions], Replying):
    """Always in C major at 120 beats a minute; the prompt's words are the lyrics. Says back what it is told."""

    name = "debug"
    Options = DebugWriterOptions

    def card(self) -> Card:
        return Card(
            summary="Says the prompt back in microseconds: for tests and first steps.",
            summary_ko="적은 말을 그대로 돌려줘요. 시험해 보거나 처음 살펴볼 때 써요.",
            code_licence="GPL-3.0-or-later",
            abilities=(SONGS, REPLIES),
        )

    def check(self, task: WriteTask, options: DebugWriterOptions) -> None:
        if not task.prompt and not task.lyrics.strip():
            raise InvalidRequest(Text("The prompt is empty.", "무엇을 만들지 적혀 있지 않아요."), field="prompt")

    def preview(self, task: WriteTask, options: DebugWriterOptions) -> Writing:
        self.check(task, options)
        text = task.prompt or task.lyrics
        singing = task.voice != "auto" or "sing" in text.lower() or "노래" in text or bool(task.lyrics.strip())
        wanted = task.purpose == "lyrics" and not task.lyrics.strip()
        words = "\n".join(("[verse]", *text.split()[: options.lines])) if wanted else task.lyrics
        return Writing(
            expanded_prompt=f"{text[: GENRE_MAX_CHARACTERS - 32]}, 120 BPM, C major",
            genre="debug",
            mood="even",
            tempo=BeatsPerMinute(120.0),
            key="C major",
            structure=("verse",),
            voice=("male" if task.voice == "male" else "female") if singing else None,
            language=_language(task, text),
            wants_singing=singing,
            theme=text[:60],
            lyrics=words,
            title=text[:60],
        )

    def run(self, task: WriteTask, options: DebugWriterOptions, context: RunContext) -> Writing:
        context.progress("write", 0.0)
        context.check_cancelled()
        writing = self.preview(task, options)
        context.progress("write", 1.0)
        return writing

    def reply(
        self, task: ReplyTask, options: Any, context: RunContext, tools: Mapping[str, Tool] | None = None
    ) -> Iterator[str]:
        context.check_cancelled()
        yield "하신 말씀이에요:" if reply_language(task) == "ko" else "You said:"
        for word in task.text.split():
            context.check_cancelled()
            yield f" {word}"


def _language(task: WriteTask, text: str) -> Literal["ko", "en"]:
    if task.language != "auto":
        return task.language
    return "ko" if any(map(is_block, text)) else "en"

"""The assistant as an engine: a sentence becomes a command, that a tool's call, and what it tells an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pansori.domain.errors import Cancelled, InternalError, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Family, Message, ReplyTask
from pansori.engines.base import Card, EngineOptions, Offer, RunContext
from pansori.engines.write.assistant import words
from pansori.engines.write.base import REPLIES, Replying, Tool, reply_language
from pansori.lexicon.commands import Command, understand

OPENERS: Final = tuple(text for said in words.SPEECH.values() for text in (said.en, said.ko))


class AssistantOptions(EngineOptions):
    """There is nothing to choose."""


class Assistant(Offer, Replying):
    """Answers what `lexicon.commands` has sentences for, and says of everything else what it would take."""

    name = "assistant"
    family = Family.WRITE
    Options = AssistantOptions

    def card(self) -> Card:
        return Card(
            summary="Understands spoken commands and carries them out: make a song, play it, analyse a recording. No "
            "model, no network.",
            summary_ko="말로 시키면 알아듣고 해요. 노래를 만들고 틀고, 녹음을 분석해요. 모델도 네트워크도 필요 없어요.",
            languages=("ko", "en"),
            code_licence="GPL-3.0-or-later",
            reports_progress=False,
            abilities=(REPLIES,),
        )

    def reply(
        self, task: ReplyTask, options: Any, context: RunContext, tools: Mapping[str, Tool] | None = None
    ) -> Iterator[str]:
        context.check_cancelled()
        command = understand(task.text)
        answer = words.BEYOND if command is None else _Answer(task, tools or {}, command).text()
        context.check_cancelled()
        yield answer.in_language(reply_language(task))


@dataclass(frozen=True)
class _Answer:
    """To one command."""

    task: ReplyTask
    tools: Mapping[str, Tool]
    command: Command

    def text(self) -> Text:
        return _ANSWERS[self.command.intent](self)

    def _told(self, name: str, say: Callable[[JsonDict], Text], **asked: Any) -> Text:
        """What a tool did, or why it did not."""
        tool = self.tools.get(name)
        if tool is None:
            return words.NOT_HERE
        try:
            return say(tool.call(tool.Parameters(**asked)))
        except (Cancelled, InternalError):
            raise
        except PansoriError as error:
            return words.refused(error)

    def make_song(self) -> Text:
        length = words.length_of(self.command)
        known = {} if length is None else {"duration": length}
        return self._told("make_song", words.begun, prompt=words.prompt_of(self.command), **known)

    def song_status(self) -> Text:
        return self._told("song_status", words.status)

    def cancel_song(self) -> Text:
        return self._told(
            "cancel_song", lambda facts: words.CANCELLED if facts["cancelled"] else words.NOTHING_TO_CANCEL
        )

    def play_last(self) -> Text:
        return self._told("play_last", words.playing)

    def analyse_last(self) -> Text:
        return self._told("analyse_last", words.analysed)

    def speech(self) -> Text:
        """In another manner, and what was said last once more in it."""
        change = self.command.intent
        field = "pace" if change in ("slower", "faster") else "loudness"

        def say(facts: JsonDict) -> Text:
            if not facts["changed"]:
                return words.LIMITS[change]
            said, last = words.SPEECH[change], self._last()
            return Text(f"{said.en} {last}", f"{said.ko} {last}") if last else said

        return self._told("change_speech", say, **{field: change})

    def repeat(self) -> Text:
        last = self._last()
        return Text(last, last) if last else words.NOTHING_SAID

    def help(self) -> Text:
        return words.can_do(tuple(self.tools))

    def time(self) -> Text:
        return words.time_of(datetime.now().astimezone())

    def date(self) -> Text:
        return words.date_of(datetime.now().astimezone())

    def _last(self) -> str:
        """What was answered last, without what only said that it would be said otherwise."""
        said = next((one.text for one in reversed(self.task.history) if _is_answer(one)), "")
        for opener in OPENERS:
            said = said.removeprefix(opener)
        return said.strip()


def _is_answer(message: Message) -> bool:
    return message.role == "assistant" and bool(message.text.strip())


def _always(text: Text) -> Callable[[_Answer], Text]:
    return lambda answer: text


_ANSWERS: Final[Mapping[str, Callable[[_Answer], Text]]] = {
    "make_song": _Answer.make_song,
    "song_status": _Answer.song_status,
    "cancel_song": _Answer.cancel_song,
    "play_last": _Answer.play_last,
    "analyse_last": _Answer.analyse_last,
    "slower": _Answer.speech,
    "faster": _Answer.speech,
    "louder": _Answer.speech,
    "quieter": _Answer.speech,
    "repeat": _Answer.repeat,
    "help": _Answer.help,
    "time": _Answer.time,
    "date": _Answer.date,
    "stop": _always(words.STOPPED),
    "thanks": _always(words.WELCOME),
    "hello": _always(words.HELLO),
    "goodbye": _always(words.GOODBYE),
}

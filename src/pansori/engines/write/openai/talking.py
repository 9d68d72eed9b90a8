"""A reply by a language model, which may have tools called on the way to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from pansori.domain.errors import Cancelled, EngineFailed, FetchFailed, InternalError, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import ReplyTask
from pansori.domain.words import explain
from pansori.engines.write.base import Tool, reply_language
from pansori.engines.write.openai.chat import Answer, Chat, ToolCall, unsupported
from pansori.engines.write.openai.repair import read_object

ROUNDS: Final = 4  #: of tools, before it has to say something
LANGUAGES: Final = {"ko": "Korean, in the polite style that ends in -요", "en": "English"}
INSTRUCTIONS: Final = (
    "You are Pansori, a voice assistant that makes songs and analyses recordings. Your answers are spoken aloud: "
    "answer in one to three short sentences of plain speech, without lists, markup, emoji or addresses."
)


@dataclass
class Talk:
    """One reply. Iterate `said` once; closing it ends the request."""

    chat: Chat
    task: ReplyTask
    tools: Mapping[str, Tool]
    _messages: list[JsonDict] = field(default_factory=list)

    def said(self) -> Iterator[str]:
        """Raises a `NetworkError`; `EngineFailed` where nothing is said in the end."""
        self._messages = self._opening()
        spoke = False
        for round_ in range(ROUNDS + 1):
            answer = Answer()
            for piece in self._streamed(answer, offered=round_ < ROUNDS):
                yield piece
                spoke = spoke or bool(piece.strip())
            if not answer.calls:
                break
            if spoke:
                yield " "  # what was said before a tool was called, and what comes of it, are sentences apart
            self._carry_out(answer)
        if not spoke:
            raise EngineFailed(
                Text("The language model has said nothing.", "언어 모델이 아무 말도 하지 않았어요."),
                cure=Text("Ask again, or choose another model.", "다시 물어보거나 다른 모델을 골라 주세요."),
            )

    def _opening(self) -> list[JsonDict]:
        asked = self.task.language
        language = LANGUAGES[reply_language(self.task)] if asked == "auto" or asked[:2].lower() in LANGUAGES else asked
        system = f"{self.task.instructions or INSTRUCTIONS}\nAnswer in {language}."
        before = [{"role": one.role, "content": one.text} for one in self.task.history if one.text.strip()]
        return [{"role": "system", "content": system}, *before, {"role": "user", "content": self.task.text}]

    def _streamed(self, answer: Answer, *, offered: bool) -> Iterator[str]:
        """With tools where it may call some; without, where the server has none of that."""
        described = [_described(tool) for tool in self.tools.values()] if offered else []
        if not described:
            yield from self.chat.stream(self._messages, answer)
            return
        try:
            yield from self.chat.stream(self._messages, answer, tools=described)
        except FetchFailed as error:
            if not unsupported(error) or answer.text:
                raise
            yield from self.chat.stream(self._messages, answer)

    def _carry_out(self, answer: Answer) -> None:
        """Call what it wants called, and tell it what came of it."""
        calls = list(answer.calls.values())
        for call in calls:
            call.arguments = _plain(call.arguments)
        told = {"role": "assistant", "content": answer.text, "tool_calls": [call.told() for call in calls]}
        self._messages.append(told)
        for call in calls:
            facts = json.dumps(self._called(call), ensure_ascii=False)
            self._messages.append({"role": "tool", "tool_call_id": call.id, "content": facts})

    def _called(self, call: ToolCall) -> JsonDict:
        """Facts, or what was wrong, so that it may call again or say so."""
        tool = self.tools.get(call.name)
        if tool is None:
            return {"error": f"There is no tool “{call.name[:100]}”. There are: {', '.join(self.tools)}."}
        try:
            return tool.call(tool.Parameters.model_validate(json.loads(call.arguments)))
        except ValidationError as error:
            return {"error": f"The arguments cannot be used. {_faults(error)}"}
        except (Cancelled, InternalError):
            raise
        except PansoriError as error:
            return {"error": error.message.en, **({"cure": error.cure.en} if error.cure else {})}


def _plain(arguments: str) -> str:
    """The arguments as JSON, though they be not quite; an empty object where nothing can be made of them, which the
    tool's parameters then judge."""
    return json.dumps(read_object(arguments) or {}, ensure_ascii=False)


def _faults(error: ValidationError) -> str:
    return " ".join(
        f"{'.'.join(map(str, one['loc']))}: {explain(one['type'], one['msg'], one.get('ctx', {})).en}"
        for one in error.errors()
    )


def _described(tool: Tool) -> JsonDict:
    schema: dict[str, Any] = tool.Parameters.model_json_schema()
    schema.pop("description", None)
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": schema},
    }

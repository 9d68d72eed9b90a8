"""A language model as a writing engine: of songs and of replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from pansori.domain.tasks import ReplyTask, WriteTask
from pansori.engines.base import Card, EngineOptions, RunContext, Status
from pansori.engines.elsewhere import Elsewhere, set_or_not
from pansori.engines.write.base import REPLIES, SONGS, Replying, Tool, Writer, Writing
from pansori.engines.write.openai.chat import Chat
from pansori.engines.write.openai.talking import Talk

if TYPE_CHECKING:
    from pansori.engines.write.songsmith import Songsmith

URL, KEY = "PANSORI_OPENAI_URL", "PANSORI_OPENAI_KEY"


class OpenaiWriterOptions(EngineOptions):
    model: str = Field(
        default="", max_length=200, description="Which of the server's models. Default: as the installation is set."
    )


class OpenaiWriter(Writer[OpenaiWriterOptions], Replying):
    """The server's answers are checked: what a prompt names stays, whatever the model makes of it. The same seed gives
    the same where the server keeps to it."""

    name = "openai"
    Options = OpenaiWriterOptions

    def card(self) -> Card:
        return Card(
            summary="Asks a language model on a server that is compatible with OpenAI's, and checks what it says.",
            summary_ko="OpenAI와 호환되는 서버의 언어 모델에 묻고, 답을 확인해서 써요.",
            code_licence="GPL-3.0-or-later",
            weights_licence="as that server states",
            abilities=(SONGS, REPLIES),
            parts={"model": self.settings.openai_write_model} if self.settings.openai_write_model else {},
        )

    def status(self) -> Status:
        return set_or_not(self.settings.openai_url, URL)

    def check(self, task: WriteTask, options: OpenaiWriterOptions) -> None:
        songsmith = self._songsmith()
        songsmith.check(task, songsmith.Options())

    def run(self, task: WriteTask, options: OpenaiWriterOptions, context: RunContext) -> Writing:
        from pansori.engines.write.openai.composing import compose

        self.check(task, options)
        context.progress("write", 0.0)
        context.check_cancelled()
        seed = task.seed if task.seed is not None else context.seed
        songsmith = self._songsmith()
        plain = songsmith.preview(task.model_copy(update={"seed": seed}), songsmith.Options())
        chat = self._chat(options, context.check_cancelled)
        writing = compose(chat, task, plain, seed, context.check_cancelled)
        context.progress("write", 1.0)
        return writing

    def reply(
        self, task: ReplyTask, options: Any, context: RunContext, tools: Mapping[str, Tool] | None = None
    ) -> Iterator[str]:
        context.check_cancelled()
        chat = self._chat(options or OpenaiWriterOptions(), context.check_cancelled)
        yield from Talk(chat, task, tools or {}).said()

    def _songsmith(self) -> Songsmith:
        """Who reads what the prompt names."""
        from pansori.engines.write.songsmith import Songsmith

        return Songsmith(self.settings)

    def _chat(self, options: OpenaiWriterOptions, look: Callable[[], None]) -> Chat:
        settings = self.settings
        server = Elsewhere(settings, settings.openai_url, URL, key=settings.openai_key, key_setting=KEY)
        return Chat(server, options.model or settings.openai_write_model, look=look)

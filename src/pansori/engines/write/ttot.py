"""The documented server that turns what was said into a reply: `POST /generate {user_id, text}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import Field

from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Family, ReplyTask
from pansori.engines.base import Card, EngineOptions, Offer, RunContext, Status
from pansori.engines.elsewhere import Body, Elsewhere, set_or_not
from pansori.engines.write.base import REPLIES, Replying, Tool

URL: Final = "TTOT_URL"
REPLY: Final = "ttot_text"


class TtotWriterOptions(EngineOptions):
    user_id: int | None = Field(default=None, description="Who speaks, by the document's number. Default: not told.")


class TtotWriter(Offer, Replying):
    """Nothing is done by it here: what that server does beside answering is its own affair, and so is what it remembers
    of the conversation."""

    name = "ttot"
    family = Family.WRITE
    Options = TtotWriterOptions

    def card(self) -> Card:
        return Card(
            summary="Asks the documented text-to-text server for a reply.",
            summary_ko="문서에 나온 TTOT 서버에 답을 물어요.",
            code_licence="GPL-3.0-or-later",
            weights_licence="as that server states",
            reports_progress=False,
            abilities=(REPLIES,),
        )

    def status(self) -> Status:
        return set_or_not(self.settings.ttot_url, URL)

    def reply(
        self, task: ReplyTask, options: Any, context: RunContext, tools: Mapping[str, Tool] | None = None
    ) -> Iterator[str]:
        context.check_cancelled()
        server = Elsewhere(self.settings, self.settings.ttot_url, URL)
        user = options.user_id if isinstance(options, TtotWriterOptions) else None
        asked: JsonDict = {"text": task.text, **({} if user is None else {"user_id": user})}
        within = self.settings.voice_timeout
        told = server.told("POST", "generate", Body.json(asked), within=within, look=context.check_cancelled)
        reply = told.get(REPLY)
        if not isinstance(reply, str) or not reply.strip():
            raise server.garbled(f"{REPLY} {reply!r}"[:80], "a reply")
        yield reply

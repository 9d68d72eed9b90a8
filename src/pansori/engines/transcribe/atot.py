"""The documented server that turns speech into text: `POST /run-model` with the recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pydantic import Field

from pansori.domain.tasks import TranscribeTask
from pansori.engines.base import Card, EngineOptions, Status
from pansori.engines.elsewhere import Body, Elsewhere, File, set_or_not
from pansori.engines.transcribe.base import COMMANDS, SPEECH
from pansori.engines.transcribe.elsewhere import ElsewhereTranscriber, Heardly
from pansori.engines.transcribe.languages import AUTO, refuse_translation
from pansori.engines.transcribe.pieces import Piece, wav
from pansori.engines.transcribe.told import Told, segments_of
from pansori.lexicon.hangul import is_block

URL: Final = "ATOT_URL"
TEXT: Final = "atot_text"


class AtotTranscriberOptions(EngineOptions):
    user_id: int | None = Field(default=None, description="Who speaks, by the document's number. Default: not told.")


class AtotTranscriber(ElsewhereTranscriber[AtotTranscriberOptions]):
    """That server tells the words and nothing of their times."""

    name = "atot"
    Options = AtotTranscriberOptions

    def card(self) -> Card:
        return Card(
            summary="Asks the documented audio-to-text server what is said.",
            summary_ko="문서에 나온 ATOT 서버에 무슨 말인지 물어요.",
            abilities=(
                SPEECH,
                COMMANDS,
            ),
            code_licence="GPL-3.0-or-later",
            weights_licence="as that server states",
        )

    def status(self) -> Status:
        return set_or_not(self.settings.atot_url, URL)

    def check(self, task: TranscribeTask, options: AtotTranscriberOptions) -> None:
        refuse_translation(task, self.settings)

    def understand(
        self, sent: Piece, task: TranscribeTask, options: AtotTranscriberOptions, look: Callable[[], None]
    ) -> Heardly:
        server = Elsewhere(self.settings, self.settings.atot_url, URL)
        fields = [] if options.user_id is None else [("user_id", str(options.user_id))]
        if task.language != AUTO:
            fields.append(("language", task.language))
        form = Body.form(fields, [File("file", "received_audio.wav", wav(sent.samples), "audio/wav")])
        told = server.told("POST", "run-model", form, within=self.settings.voice_timeout, look=look)
        text = told.get(TEXT)
        if not isinstance(text, str):
            raise server.garbled(f"{TEXT} {text!r}"[:80], "a text")
        language = "ko" if any(map(is_block, text)) else "en"
        return language, tuple(segments_of(Told(text=text), sent.start, sent.end, words=False))

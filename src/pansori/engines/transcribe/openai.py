"""Any server with OpenAI's audio API: theirs, or one of one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import Field

from pansori.domain.errors import FetchFailed
from pansori.domain.tasks import TranscribeTask
from pansori.domain.units import Seconds
from pansori.engines.base import Card, EngineOptions, Status
from pansori.engines.elsewhere import Body, Elsewhere, File, set_or_not
from pansori.engines.transcribe.base import COMMANDS, SPEECH
from pansori.engines.transcribe.elsewhere import ElsewhereTranscriber, Heardly
from pansori.engines.transcribe.languages import AUTO, choose_language
from pansori.engines.transcribe.pieces import Piece, wav
from pansori.engines.transcribe.told import parse_told, segments_of, tag_of

URL, KEY = "PANSORI_OPENAI_URL", "PANSORI_OPENAI_KEY"
WITHIN: Final = Seconds(300.0)  #: a piece of ten minutes
UNKNOWN: Final = frozenset({400, 422})  #: as servers answer to a format that they do not have
VERBOSE, DIARIZED, PLAIN = "verbose_json", "diarized_json", "json"
DIARIZES: Final = "diarize"  #: in the names of models that tell speakers apart
KNOWN: Final = (
    "en", "ko", "ar", "cs", "da", "de", "el", "es", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ms", "nl", "no",
    "pl", "pt", "ro", "ru", "sv", "th", "tl", "tr", "uk", "vi", "zh",
)  # fmt: skip


class OpenaiTranscriberOptions(EngineOptions):
    model: str = Field(
        default="", max_length=200, description="Which of the server's models. Default: as the installation is set."
    )
    temperature: float | None = Field(default=None, ge=0.0, le=1.0, description="Default: as the server likes.")


class OpenaiTranscriber(ElsewhereTranscriber[OpenaiTranscriberOptions]):
    """Asks for times of words, or for who speaks where the model tells that; does without where there is neither."""

    name = "openai"
    Options = OpenaiTranscriberOptions

    def card(self) -> Card:
        return Card(
            summary="Asks a server that is compatible with OpenAI's audio API what is said.",
            summary_ko="OpenAI 오디오 API와 호환되는 서버에 무슨 말인지 물어요.",
            languages=KNOWN,
            abilities=(
                SPEECH,
                COMMANDS,
            ),
            code_licence="GPL-3.0-or-later",
            weights_licence="as that server states",
            parts={"model": self.settings.openai_transcribe_model},
        )

    def status(self) -> Status:
        return set_or_not(self.settings.openai_url, URL)

    def check(self, task: TranscribeTask, options: OpenaiTranscriberOptions) -> None:
        choose_language(task.language, KNOWN)

    def understand(
        self, sent: Piece, task: TranscribeTask, options: OpenaiTranscriberOptions, look: Callable[[], None]
    ) -> Heardly:
        server = Elsewhere(self.settings, self.settings.openai_url, URL, key=self.settings.openai_key, key_setting=KEY)
        path = "audio/translations" if task.translate else "audio/transcriptions"
        model = options.model or self.settings.openai_transcribe_model
        fullest = DIARIZED if DIARIZES in model and not task.translate else VERBOSE

        def ask(answer: str) -> Any:
            return server.told("POST", path, _form(sent, task, options, model, answer), within=WITHIN, look=look)

        try:
            answer = ask(fullest)
        except FetchFailed as error:
            if error.status not in UNKNOWN:
                raise
            answer = ask(PLAIN)
        told = parse_told(answer)
        if told is None:
            raise server.garbled("JSON", "a transcript")
        return tag_of(told.language, ""), tuple(segments_of(told, sent.start, sent.end, words=task.words))


def _form(sent: Piece, task: TranscribeTask, options: OpenaiTranscriberOptions, model: str, answer: str) -> Body:
    fields = [("model", model), ("response_format", answer)]
    if answer == VERBOSE and not task.translate:
        fields += [("timestamp_granularities[]", one) for one in ("segment", *(("word",) if task.words else ()))]
    if task.language != AUTO and not task.translate:
        fields.append(("language", choose_language(task.language, KNOWN)))
    if DIARIZES in model:
        fields.append(("chunking_strategy", "auto"))  # without it they take no more than half a minute
    elif task.hints:
        fields.append(("prompt", task.hints))
    if options.temperature is not None:
        fields.append(("temperature", f"{options.temperature:g}"))
    return Body.form(fields, [File("file", "speech.wav", wav(sent.samples), "audio/wav")])

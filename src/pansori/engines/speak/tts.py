"""Speech from the documented text-to-speech server (`POST /tts`)."""

from __future__ import annotations

from collections.abc import Iterator

from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import SpeakTask
from pansori.engines.base import Card, EngineOptions, RunContext, Status
from pansori.engines.elsewhere import Body, Elsewhere, set_or_not
from pansori.engines.speak.base import Speaker, SpokenPart, Voice
from pansori.engines.speak.openai import AT_ONCE, grouped
from pansori.engines.speak.script import script_of

URL = "TTS_URL"


class TtsSpeaker(Speaker[EngineOptions]):
    """Which voices and languages there are, that server knows. By the document it is sent a reply as a whole."""

    name = "tts"

    def card(self) -> Card:
        return Card(
            summary="Lets the documented text-to-speech server speak.",
            summary_ko="문서에 나온 TTS 서버가 말하게 해요.",
            code_licence="GPL-3.0-or-later",
            weights_licence="as that server states",
        )

    def status(self) -> Status:
        return set_or_not(self.settings.tts_url, URL)

    def voices(self) -> tuple[Voice, ...]:
        return ()

    def check(self, task: SpeakTask, options: EngineOptions) -> None:
        script_of(task)

    def stream(self, task: SpeakTask, options: EngineOptions, context: RunContext) -> Iterator[SpokenPart]:
        from pansori.engines.speak.answers import decoded
        from pansori.engines.speak.plain import Sound, Wanted, speak_plainly

        server = Elsewhere(self.settings, self.settings.tts_url, URL)

        def say(wanted: Wanted) -> Sound:
            asked: JsonDict = {
                "text": wanted.text,
                **({"voice": wanted.voice} if wanted.voice else {}),
                **({"language": wanted.language} if task.language != "auto" else {}),
            }
            body, within = Body.json(asked), self.settings.voice_timeout
            with server.ask("POST", "tts", body, within=within, look=context.check_cancelled) as answer:
                samples, rate = decoded(server, answer.read(), answer.media_type, wanted.text)
            return Sound(samples, rate)

        context.check_cancelled()
        yield from speak_plainly(task, grouped(script_of(task), AT_ONCE, alone=0), say, has_rate=False)

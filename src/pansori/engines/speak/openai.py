"""Speech from a server that is compatible with OpenAI's (`POST /v1/audio/speech`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from pydantic import Field

from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import SpeakTask
from pansori.domain.units import Seconds
from pansori.engines.base import Card, EngineOptions, RunContext, Status
from pansori.engines.elsewhere import Body, Elsewhere, set_or_not
from pansori.engines.speak.base import Speaker, SpokenPart, Voice
from pansori.engines.speak.script import Line, Script, script_of

URL, KEY = "PANSORI_OPENAI_URL", "PANSORI_OPENAI_KEY"
#: As OpenAI's own models have them; other servers have others.
VOICES: Final = ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse")
SLOWEST, FASTEST = 0.25, 4.0  #: what the protocol has room for
AT_ONCE: Final = 600  #: characters that are asked for together, but for the first sentence
SHORT: Final = 100  #: characters for which `voice_timeout` is; longer texts have as many times more


class OpenaiSpeakerOptions(EngineOptions):
    model: str = Field(
        default="", max_length=200, description="Which of the server's models. Default: as the installation is set."
    )
    instructions: str = Field(
        default="", max_length=2_000, description="How to speak, for models that can be told, in words."
    )
    format: Literal["wav", "flac", "mp3", "opus", "pcm"] = Field(
        default="wav", description="What the sound travels in. pcm: 16-bit samples at 24 kHz."
    )


class OpenaiSpeaker(Speaker[OpenaiSpeakerOptions]):
    """Each server has its own voices: one that it does not have is refused by it. Whether the same text sounds the same
    twice is up to its model, and so is which languages there are."""

    name = "openai"
    Options = OpenaiSpeakerOptions

    def card(self) -> Card:
        return Card(
            summary="Lets a server that is compatible with OpenAI's speak.",
            summary_ko="OpenAI와 호환되는 서버가 말하게 해요.",
            code_licence="GPL-3.0-or-later",
            weights_licence="as that server states",
            parts={"model": self.settings.openai_speak_model} if self.settings.openai_speak_model else {},
        )

    def status(self) -> Status:
        return set_or_not(self.settings.openai_url, URL)

    def voices(self) -> tuple[Voice, ...]:
        return tuple(Voice(name=name) for name in VOICES)

    def check(self, task: SpeakTask, options: OpenaiSpeakerOptions) -> None:
        script_of(task)

    def stream(self, task: SpeakTask, options: OpenaiSpeakerOptions, context: RunContext) -> Iterator[SpokenPart]:
        from pansori.engines.speak.answers import decoded
        from pansori.engines.speak.plain import Sound, Wanted, speak_plainly

        settings = self.settings
        server = Elsewhere(settings, settings.openai_url, URL, key=settings.openai_key, key_setting=KEY)
        model = options.model or settings.openai_speak_model

        def say(wanted: Wanted) -> Sound:
            asked: JsonDict = {
                "model": model,
                "input": wanted.text,
                "voice": wanted.voice or VOICES[0],
                "response_format": options.format,
                "speed": min(max(wanted.rate, SLOWEST), FASTEST),
                **({"instructions": options.instructions} if options.instructions else {}),
            }
            body, look = Body.json(asked), context.check_cancelled
            within = Seconds(settings.voice_timeout * max(1.0, len(wanted.text) / SHORT))
            with server.ask("POST", "audio/speech", body, within=within, look=look) as answer:
                media_type = "audio/pcm" if options.format == "pcm" else answer.media_type
                samples, rate = decoded(server, answer.read(), media_type, wanted.text)
            return Sound(samples, rate)

        context.check_cancelled()
        yield from speak_plainly(task, grouped(script_of(task), AT_ONCE), say)


def grouped(script: Script, characters: int, *, alone: int = 1) -> Script:
    """With sentences behind the first `alone` ones joined, as far as they are together not longer than so many
    characters: a server that is asked less often says them as they belong together."""
    lines: list[Line] = []
    for number, line in enumerate(script.lines):
        if number > alone and len(lines[-1].text) + len(line.text) <= characters:
            before = lines[-1]
            lines[-1] = replace(before, text=before.text + line.text, pieces=(*before.pieces, *line.pieces))
        else:
            lines.append(line)
    return replace(script, lines=tuple(lines))

"""Which of an engine's languages a task means."""

from __future__ import annotations

from collections.abc import Sequence

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.tasks import TranscribeTask
from pansori.engines.transcribe.free_speech import take_a_whisper
from pansori.settings import Settings

SHOWN = 40  #: languages that a refusal names at most
AUTO = "auto"


def choose_language(wanted: str, known: Sequence[str]) -> str:
    """The one of `known` that the tag `wanted` means: itself, or without its last parts (ko-KR: ko). `auto` stays.
    Raises `InvalidRequest` naming those that there are."""
    tag = wanted.lower()
    if tag == AUTO:
        return AUTO
    parts = tag.split("-")
    found = next((one for end in range(len(parts), 0, -1) if (one := "-".join(parts[:end])) in known), None)
    if found is not None:
        return found
    listed = ", ".join(known[:SHOWN]) + (" …" if len(known) > SHOWN else "")
    raise InvalidRequest(
        Text(f"Language “{wanted}” is not understood.", f"“{wanted}” 언어는 알아듣지 못해요."),
        field="language",
        cure=Text(f"Choose one of: {listed}.", f"다음 중에서 고르세요: {listed}."),
    )


def refuse_translation(task: TranscribeTask, settings: Settings) -> None:
    """For engines that write down what they hear as it is said. Raises `InvalidRequest`."""
    if task.translate:
        raise InvalidRequest(
            Text("This engine does not translate.", "이 엔진은 번역하지 않아요."),
            field="translate",
            cure=take_a_whisper(settings),
        )

"""Help tells the limits that tasks have."""

from __future__ import annotations

import pytest
import typer

from pansori.cli.app import app
from pansori.domain.tasks import SAID_MAX_CHARACTERS, SPEECH_MAX_CHARACTERS, SpeakTask, TranscribeTask
from pansori.espeak import HIGHEST, LOWEST
from pansori.workflows.voice.live import Start

SPOKEN = SpeakTask.model_json_schema()["properties"]
TRANSCRIBED = TranscribeTask.model_json_schema()["properties"]
STARTED = Start.model_json_schema()["properties"]


def bounds(field: dict[str, float]) -> str:
    return f"{field['minimum']:g} to {field['maximum']:g}"


@pytest.mark.parametrize(
    ("command", "option", "told"),
    [
        ("say", "text", f"{SPEECH_MAX_CHARACTERS:,} characters"),
        ("say", "rate", bounds(SPOKEN["rate"])),
        ("say", "pitch", bounds(SPOKEN["pitch"])),
        ("say", "pitch", f"{LOWEST:g} to {HIGHEST:g}"),
        ("ask", "text", f"{SAID_MAX_CHARACTERS:,} characters"),
        ("listen", "silence", bounds(STARTED["silence"])),
        ("transcribe", "hints", f"{TRANSCRIBED['hints']['maxLength']:,} characters"),
    ],
)
def test_limits_are_told(command: str, option: str, told: str) -> None:
    found = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]  # it is a group
    [parameter] = [one for one in found.params if one.name == option]
    assert told in parameter.help

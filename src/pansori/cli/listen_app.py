"""The command `listen`: its options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def listen(
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="Hear a recording, any sound or film, not the microphone."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Keep the answers there (wav, mp3, flac, opus, m4a) and say nothing aloud.",
        ),
    ] = None,
    language: Annotated[
        str, typer.Option("--language", metavar="TAG", help="Spoken, as ko or en. auto: told by the sound.")
    ] = "auto",
    voice: Annotated[
        str,
        typer.Option("--voice", metavar="NAME", help="One of `pansori say --voices`. Default: the engine's own."),
    ] = "",
    silence: Annotated[
        float,
        typer.Option("--silence", metavar="SECONDS", help="Pause after which you have finished speaking, 0.2 to 5."),
    ] = 0.6,
    headphones: Annotated[
        bool,
        typer.Option("--headphones", help="Listen while it speaks too, so that you can interrupt it: it is not heard."),
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="End after one answer.")] = False,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print every event as a line of JSON, for programs.")
    ] = False,
) -> int:
    """Talk with the assistant: it hears, answers aloud, and shows where the time went.

    \b
    pansori listen                                   with microphone and loudspeaker
    pansori listen --headphones --language ko
    pansori listen --file question.wav --output answer.wav

    Ctrl-C ends it. What was said and answered is kept: the page Talk shows it. What it begins, such as a song,
    `pansori serve` or `pansori worker` carries out. Who hears, answers and speaks: PANSORI_TRANSCRIBE_ENGINE,
    PANSORI_REPLY_ENGINE, PANSORI_SPEAK_ENGINE. The same from programs: docs/voice.md.
    """
    from pansori.cli.listening import ListenOrder, listen_to

    order = ListenOrder(
        file=file, output=output, language=language, voice=voice, silence=silence, headphones=headphones, once=once,
        json=json_output,
    )  # fmt: skip
    return listen_to(order)

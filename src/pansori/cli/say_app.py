"""The command `say`: its options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from pansori.domain.media import AudioFormat


def say(
    text: Annotated[str, typer.Argument(metavar="TEXT|@FILE|-", help="What is said.")],
    voice: Annotated[
        str, typer.Option("--voice", metavar="NAME", help="One of the engine's voices, as f2 or m3. Default: its own.")
    ] = "",
    language: Annotated[
        str, typer.Option("--language", metavar="TAG", help="As ko or en-US. Default: told by the text.")
    ] = "auto",
    rate: Annotated[float, typer.Option("--rate", metavar="NUMBER", help="How fast: 2 takes half the time.")] = 1.0,
    pitch: Annotated[float, typer.Option("--pitch", metavar="SEMITONES", help="Above the voice's own.")] = 0.0,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE|FOLDER/", help="Where it goes. Default: this folder, named after the text."
        ),
    ] = None,
    audio_format: Annotated[
        AudioFormat | None, typer.Option("--format", "-f", help="Default: what the output's name ends in, or mp3.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", metavar="NAME", help="Who speaks; see `pansori engines`.")
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")
    ] = False,
) -> int:
    """Say a text into a file, in this process, without a server.

    \b
    pansori say "안녕하세요, 반가워요." --output hello.wav
    pansori say "Good morning." --voice f2 --rate 0.8 --pitch 2
    pansori say @letter.txt --language en-GB --json      with the time of every word and phoneme
    """
    from pansori.cli.speech import SayOrder, say_text

    order = SayOrder(
        text=text, voice=voice, language=language, rate=rate, pitch=pitch, engine=engine, format=audio_format,
        output=output, json=json_output,
    )  # fmt: skip
    return say_text(order)

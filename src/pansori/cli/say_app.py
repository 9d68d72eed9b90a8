"""The command `say`: its options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from pansori.domain.media import AudioFormat


def say(
    text: Annotated[
        str,
        typer.Argument(metavar="TEXT|@FILE|-", help="What is said, up to 10,000 characters.", show_default=False),
    ] = "",
    voice: Annotated[
        str, typer.Option("--voice", metavar="NAME", help="One of --voices, as f2 or m3. Default: the engine's own.")
    ] = "",
    language: Annotated[
        str,
        typer.Option(
            "--language", metavar="TAG", help="As ko or en-US. auto: Korean where there is Hangul, or English."
        ),
    ] = "auto",
    rate: Annotated[
        float, typer.Option("--rate", metavar="NUMBER", help="How fast, 0.25 to 4: 2 takes half the time.")
    ] = 1.0,
    pitch: Annotated[
        float,
        typer.Option(
            "--pitch",
            metavar="SEMITONES",
            help="Above the voice's own, -12 to 12; espeak has -8.8 to 9.9, others none.",
        ),
    ] = 0.0,
    ssml: Annotated[bool, typer.Option("--ssml", help="The text is SSML: pauses, emphasis, other voices …")] = False,
    as_written: Annotated[
        bool, typer.Option("--as-written", help="Leave numbers, dates and units to the engine, as they are written.")
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|FOLDER/|-",
            help="Where it goes; -: to standard output. Default: this folder, named after the text.",
        ),
    ] = None,
    play: Annotated[bool, typer.Option("--play", help="Say it aloud on this machine, and write no file.")] = False,
    audio_format: Annotated[
        AudioFormat | None,
        typer.Option("--format", "-f", help="Default: what the output's name ends in, or mp3; wav where it is -."),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine", metavar="NAME", help="Who speaks; see `pansori engines speak`. Default: PANSORI_SPEAK_ENGINE."
        ),
    ] = None,
    voices: Annotated[bool, typer.Option("--voices", help="List the engine's voices, and say nothing.")] = False,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")
    ] = False,
) -> int:
    """Say a text into a file, in this process, without a server.

    \b
    pansori say "안녕하세요, 반가워요." --output hello.wav
    pansori say "Good morning." --voice f2 --rate 0.8 --pitch 2
    pansori say @letter.txt --language en-GB --json      with the time of every word and phoneme
    pansori say "3시에 만나요." --play                   aloud, on this machine
    pansori say "3시에 만나요." --output - | aplay
    pansori say --voices --engine piper
    """
    from pansori.cli.speech import SayOrder, list_voices, say_text

    if voices:
        return list_voices(engine, json_output)
    order = SayOrder(
        text=text, voice=voice, language=language, rate=rate, pitch=pitch, ssml=ssml, as_written=as_written,
        engine=engine, format=audio_format, output=output, play=play, json=json_output,
    )  # fmt: skip
    return say_text(order)

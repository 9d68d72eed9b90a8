"""The command `transcribe`: its options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def transcribe(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Recordings: any sound, or film with sound, up to PANSORI_MAX_RECORDING (4 hours)."
        ),
    ],
    language: Annotated[
        str, typer.Option("--language", "-l", metavar="TAG", help="As ko or en-US. auto: told by the sound.")
    ] = "auto",
    commands: Annotated[
        bool, typer.Option("--commands", help="Listen for what the assistant understands, and nothing else.")
    ] = False,
    translate: Annotated[bool, typer.Option("--translate", help="Write it in English, whatever is spoken.")] = False,
    hints: Annotated[
        str,
        typer.Option("--hints", metavar="TEXT", help="Names and words that come up in them, up to 1,000 characters."),
    ] = "",
    srt: Annotated[bool, typer.Option("--srt", help="Save subtitles as SubRip.")] = False,
    vtt: Annotated[bool, typer.Option("--vtt", help="Save subtitles as WebVTT.")] = False,
    txt: Annotated[bool, typer.Option("--txt", help="Save the text.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Where that is saved. Default: this folder."),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            metavar="NAME",
            help="Who listens; see `pansori engines transcribe`. Default: PANSORI_TRANSCRIBE_ENGINE.",
        ),
    ] = None,
    options: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An option of the engine; may be repeated.")
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")
    ] = False,
) -> int:
    """Write down what is said in recordings, in this process, without a server.

    \b
    pansori transcribe order.wav --commands
    pansori transcribe interview.m4a --engine faster_whisper --srt --txt
    pansori transcribe *.mp3 --language ko --engine openai --json      with the time of every word

    A file that cannot be read does not stop the rest. For free speech, take a Whisper, which is used from then on:

    \b
    pip install 'pansori[faster-whisper]'
    pansori models get whisper-small
    """
    from pansori.cli.transcribing import TranscribeOrder, transcribe_files
    from pansori.reports import TranscriptFormat

    wanted = {TranscriptFormat.SRT: srt, TranscriptFormat.VTT: vtt, TranscriptFormat.TEXT: txt}
    order = TranscribeOrder(
        files=files, language=language, commands=commands, translate=translate, hints=hints, output=output,
        formats=tuple(one for one, chosen in wanted.items() if chosen), engine=engine, options=tuple(options or ()),
        json=json_output,
    )  # fmt: skip
    return transcribe_files(order)

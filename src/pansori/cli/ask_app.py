"""The command `ask`: its options and help."""

from __future__ import annotations

from typing import Annotated

import typer


def ask(
    text: Annotated[str, typer.Argument(metavar="TEXT|@FILE|-", help="What is said, up to 4,000 characters.")],
    language: Annotated[
        str, typer.Option("--language", metavar="TAG", help="To answer in, as ko or en. auto: as the text.")
    ] = "auto",
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine", metavar="NAME", help="Who answers; see `pansori engines write`. Default: PANSORI_REPLY_ENGINE."
        ),
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")
    ] = False,
) -> int:
    """Say something to the assistant, which answers and does what it is told.

    \b
    pansori ask "비 오는 날에 대한 슬픈 노래 만들어 줘"
    pansori ask "how is my song doing?"
    pansori ask "Tell me a story." --engine openai

    What it begins, `pansori serve` or `pansori worker` carries out.
    """
    from pansori.cli.asking import Question, ask_reply

    return ask_reply(Question(text=text, language=language, engine=engine, json=json_output))

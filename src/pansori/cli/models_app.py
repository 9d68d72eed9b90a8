"""`pansori models`: names, options and help of its commands."""

from __future__ import annotations

from typing import Annotated

import typer

models_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Weights of models, which heavy engines need: which there are, which are here; fetch and delete them.

    \b
    pansori models list
    pansori models get whisper-small
    pansori models get hf:rhasspy/piper-voices:de/de_DE/thorsten/high

    They come from Hugging Face, or from PANSORI_HUB_URL, and are kept in PANSORI_MODELS_DIR. What is there is used at
    once by its engine: a Whisper hears wherever nobody has chosen who does (PANSORI_TRANSCRIBE_ENGINE). What an engine
    needs beside them, such as pip install 'pansori[faster-whisper]', is said as well.
    """,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="As in `pansori models list`; or hf:owner/name, hf:owner/name:folder.")
]


@models_app.command("list")
def list_models(json_output: Json = False) -> int:
    """Every model of the catalogue, and what else is here: size, licence, for which engine."""
    from pansori.cli.models import list_models

    return list_models(as_json=json_output)


@models_app.command()
def get(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            help="As in `pansori models list`; or hf:owner/name, hf:owner/name@revision, hf:owner/name:folder.",
        ),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Also where the licence forbids commercial use, or is unknown.")
    ] = False,
    json_output: Json = False,
) -> int:
    """Fetch models, and check them.

    \b
    pansori models get whisper-small                     to hear free speech in a hundred languages
    pansori models get kokoro-v1.0                       to speak more naturally
    pansori models get hf:owner/name:folder --yes        any repository, or a folder of one

    May be stopped and run again: it goes on where it was. HF_TOKEN is for models whose terms have to be accepted first.
    Proxies are those of HTTPS_PROXY. Without a connection: fetch them on another machine, and copy the folder that
    `pansori models path` prints there into the one that `pansori models list` names here.
    """
    from pansori.cli.models import get_models

    return get_models(names, yes=yes, as_json=json_output)


@models_app.command()
def remove(name: Name, json_output: Json = False) -> int:
    """Delete a model, or what of it was fetched."""
    from pansori.cli.models import remove_model

    return remove_model(name, as_json=json_output)


@models_app.command()
def path(name: Name) -> int:
    """Print the folder that a model lies in. Ends with 3 where it is not here."""
    from pansori.cli.models import print_path

    return print_path(name)

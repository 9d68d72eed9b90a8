"""`pansori assets`: names, options and help of its commands."""

from __future__ import annotations

from typing import Annotated

import typer

assets_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""The stored files: whether all are there, moved to another store, rid of what nobody needs.

    \b
    pansori assets check
    pansori assets move --to s3://songs/pansori
    pansori assets collect --dry-run
    """,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")]


@assets_app.command()
def check(
    quick: Annotated[bool, typer.Option("--quick", help="Compare sizes only; read no file.")] = False,
    json_output: Json = False,
) -> int:
    """Compare files and database: what is missing, damaged or unknown. Ends with 1 where a file is missing or
    damaged."""
    from pansori.cli.assets import check_assets

    return check_assets(quick=quick, as_json=json_output)


@assets_app.command()
def move(
    to: Annotated[
        str,
        typer.Option("--to", metavar="PLACE", help="local, s3://bucket or s3://bucket/prefix, with the AWS_ settings."),
    ],
) -> int:
    """Copy every file to another store, each compared afterwards.

    Nothing is deleted and no setting changes: at the end it says what to set. May be stopped and run again, and while
    a server runs; then run it once more when the server is stopped.
    """
    from pansori.cli.assets import move_assets

    return move_assets(to)


@assets_app.command()
def collect(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and delete nothing.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also where most of what is there is unknown to this database.")
    ] = False,
    json_output: Json = False,
) -> int:
    """Delete files that the database knows nothing of."""
    from pansori.cli.assets import collect_assets

    return collect_assets(dry_run=dry_run, force=force, as_json=json_output)

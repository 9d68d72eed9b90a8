"""`pansori accounts`: names, options and help of its commands."""

from __future__ import annotations

from typing import Annotated

import typer

accounts_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Accounts of this installation, whether a server is running or not.

    \b
    pansori accounts create mina@mail.example
    pansori accounts create mina@mail.example --local    what was made without logins becomes hers
    pansori accounts list

    Passwords are asked for, or read from standard input. Servers know accounts with PANSORI_MODE=accounts.
    """,
)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The account's address.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, for programs.")]


@accounts_app.command("list")
def list_accounts(json_output: Json = False) -> int:
    """List accounts, without guests."""
    from pansori.cli.accounts import show_list

    return show_list(json_output)


@accounts_app.command()
def create(
    email: Email,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What they are called.")] = "",
    local: Annotated[
        bool, typer.Option("--local", help="Use the account that open mode has, with all it owns.")
    ] = False,
) -> int:
    """Make an account that may log in at once. No mail is sent."""
    from pansori.cli.accounts import create_account

    return create_account(email, name, local=local)


@accounts_app.command("reset-password")
def reset_password(email: Email) -> int:
    """Set another password. All logins and API keys of the account end."""
    from pansori.cli.accounts import reset_password

    return reset_password(email)


@accounts_app.command()
def delete(
    email: Email, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether that is meant.")] = False
) -> int:
    """Delete an account and everything it owns."""
    from pansori.cli.accounts import delete_account

    return delete_account(email, sure=yes)

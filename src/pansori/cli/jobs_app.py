"""`pansori jobs`: names, options and help of its commands."""

from __future__ import annotations

from typing import Annotated

import typer

from pansori.domain.jobs import JobState

jobs_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Jobs of this installation, whether a server is running or not.

    \b
    pansori jobs list --state failed
    pansori jobs follow 3f2a
    pansori jobs cancel 3f2a

    The first characters of an id are enough where no other job begins with them.
    """,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The job's id, or how it begins.")]
STATES = "|".join(JobState)
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output, for programs.")]


@jobs_app.command("list")
def list_jobs(
    state: Annotated[
        list[JobState] | None, typer.Option("--state", metavar=STATES, help="Only these; may be repeated.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", metavar="NAME", help="Only this kind, as `song`.")] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="NUMBER", min=1, max=1000, help="How many at most.")
    ] = 20,
    json_output: Json = False,
) -> int:
    """List jobs, the newest first."""
    from pansori.cli.jobs import show_list

    return show_list(states=state or [], kind=kind, limit=limit, as_json=json_output)


@jobs_app.command()
def show(job: Id, json_output: Json = False) -> int:
    """Show one job: what was asked for, its steps, its files."""
    from pansori.cli.jobs import show_job

    return show_job(job, json_output)


@jobs_app.command()
def follow(job: Id, json_output: Json = False) -> int:
    """Watch a job until it ends; with --json, print each event as a line. Ends with the job's own exit code."""
    from pansori.cli.jobs import follow_job

    return follow_job(job, json_output)


@jobs_app.command()
def cancel(job: Id, json_output: Json = False) -> int:
    """Ask a job to stop. One that waits ends at once, one that runs a moment later."""
    from pansori.cli.jobs import cancel_job

    return cancel_job(job, json_output)


@jobs_app.command()
def retry(job: Id, json_output: Json = False) -> int:
    """Queue a failed or cancelled job again; the steps that it finished are not done anew."""
    from pansori.cli.jobs import retry_job

    return retry_job(job, json_output)

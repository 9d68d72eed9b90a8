"""Exit codes, and how an error is told: one line, with its cure."""

from __future__ import annotations

import sys

from pansori.cli.language import typable
from pansori.domain.errors import (
    Busy,
    Cancelled,
    ConfigurationError,
    Conflict,
    EngineUnavailable,
    InvalidRequest,
    NotFound,
    PansoriError,
    Text,
    UnsafeAddress,
    as_text,
    error_types,
)
from pansori.domain.jobs import ErrorInfo

OK, FAILED, USAGE, NOT_FOUND, CONFLICT, ENGINE_UNAVAILABLE, CONFIGURATION, CANCELLED = 0, 1, 2, 3, 4, 5, 6, 130

MEANINGS: dict[int, str] = {
    OK: "done",
    FAILED: "the job failed, or `doctor` found something missing",
    USAGE: "the command or a value in it cannot be used",
    NOT_FOUND: "there is no such job or file",
    CONFLICT: "the job is in a state that does not allow this, or all places are taken",
    ENGINE_UNAVAILABLE: "the engine is not installed, not configured or broken",
    CONFIGURATION: "a setting or the database does not fit this program",
    CANCELLED: "cancelled, by Ctrl-C or by somebody else",
}
CODES: dict[type[PansoriError], int] = {
    PansoriError: FAILED,
    InvalidRequest: USAGE,
    UnsafeAddress: USAGE,
    NotFound: NOT_FOUND,
    Conflict: CONFLICT,
    Busy: CONFLICT,
    EngineUnavailable: ENGINE_UNAVAILABLE,
    ConfigurationError: CONFIGURATION,
    Cancelled: CANCELLED,
}


def exit_code(error: type[PansoriError]) -> int:
    """The code of the nearest kind of error in the table."""
    return next(CODES[kind] for kind in error.__mro__ if kind in CODES)


def exit_code_of(error: ErrorInfo) -> int:
    """The same for an error that was kept with a job."""
    kinds = {kind.code: kind for kind in error_types()}
    return exit_code(kinds.get(error.code, PansoriError))


def tell(error: PansoriError) -> int:
    """Write the error to standard error; returns its exit code."""
    tell_line(error.message, error.cure, error.field)
    return exit_code(type(error))


def tell_kept(error: ErrorInfo) -> int:
    """The same for an error that was kept with a job."""
    tell_line(error.told, error.cured, error.field)
    return exit_code_of(error)


def tell_line(message: str | Text, cure: str | Text | None = None, field: str | None = None) -> None:
    """`field` is named where it is an option of an engine, whose messages do not name it."""
    parts = [typable(as_text(part)) for part in (message, cure) if part]
    option = f"{field.removeprefix('options.')}: " if field and field.startswith("options.") else ""
    print(f"pansori: {option}" + " — ".join(" ".join(part.split()) for part in parts), file=sys.stderr, flush=True)

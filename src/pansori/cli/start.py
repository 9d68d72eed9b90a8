"""From the shell to a command and back: what every way of ending looks like."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType

from pansori.cli.exits import CANCELLED, CONFIGURATION, USAGE, tell, tell_line
from pansori.cli.language import PROGRAM, command_as_typed
from pansori.domain.errors import PansoriError, Text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code, which `pansori.cli.exits.MEANINGS` explains."""
    import typer

    from pansori.cli.app import app

    usage_error: type[Exception] = typer.BadParameter.__mro__[1]  # of its usage errors typer shows only this child
    before = signal.getsignal(signal.SIGTERM)
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        result = app(args=arguments, prog_name="pansori", standalone_mode=False)
    except PansoriError as error:
        return tell(error)
    except (KeyboardInterrupt, typer.Abort):
        tell_line(Text("cancelled", "취소했어요"))
        return CANCELLED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone, as `head` does; the rest is nobody's loss
        return CANCELLED
    except OSError as error:
        tell_line(f"{error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
        return CONFIGURATION
    except _database_errors() as error:
        return tell(_unusable(error))
    except usage_error as error:
        if _is_help(error):
            print(error, file=sys.stderr)
            return USAGE
        tell_line(_usage_message(error), _usage_cure(error))
        return USAGE
    finally:
        signal.signal(signal.SIGTERM, before)
    return result if isinstance(result, int) else 0


def _database_errors() -> type[Exception]:
    """Looked up when something was raised, for loading it takes longer than most commands."""
    from sqlalchemy.exc import SQLAlchemyError

    return SQLAlchemyError


def _unusable(error: Exception) -> PansoriError:
    from sqlalchemy.exc import DBAPIError

    from pansori.db import unusable

    if not isinstance(error, DBAPIError):
        raise error  # a fault of ours
    return unusable(error)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends a command as Ctrl-C does, so that what it began is cancelled."""
    raise KeyboardInterrupt


def _is_help(error: BaseException) -> bool:
    """A group of commands was typed without any: the error is the group's help."""
    context = getattr(error, "ctx", None)
    return context is not None and str(error) == context.get_help()


def _usage_message(error: BaseException) -> str:
    formatted = getattr(error, "format_message", None)
    told = str(formatted()) if formatted else str(error)
    return told.replace("Value error, ", "")  # what a model puts before its reason


def _usage_cure(error: BaseException) -> Text:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else PROGRAM
    command = " ".join((command_as_typed(), *path.split(" ")[1:]))
    return Text(f"see {command} --help", f"{command} --help 를 보세요")

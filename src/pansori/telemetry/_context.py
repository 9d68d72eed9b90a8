"""What is being done at this moment: facts that every line of the log then carries.

They belong to the task or thread that has set them, and to what it awaits or hands to AnyIO's threads. A bare thread
begins without any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

Fact = str | int

_facts: ContextVar[dict[str, Fact] | None] = ContextVar("facts", default=None)


@contextmanager
def about(**facts: Fact | None) -> Iterator[None]:
    """Facts for as long as the block runs, beside those that are known already. None: leave that one out."""
    given = {name: value for name, value in facts.items() if value is not None}
    before = _facts.get()
    _facts.set({**(before or {}), **given})
    try:
        yield
    finally:
        _facts.set(before)  # and no token: a generator may end in another context than it began in


def note(**facts: Fact) -> None:
    """Facts that have come to light; they hold for the rest of the innermost `about`, in all of its threads."""
    innermost = _facts.get()
    if innermost is not None:
        innermost.update(facts)


def known() -> Mapping[str, Fact]:
    """What is known of what is done now: `request_id`, `job_id`, `step`, `attempt`, `account`."""
    return MappingProxyType(_facts.get() or {})

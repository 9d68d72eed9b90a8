"""Parts of a page that are kept true: one stream of server-sent events for all of them.

Browsers open six connections to a server, for all of their windows together, so a page has one stream: it carries
what the page shows and the pill in its frame. Each message holds the parts that have changed, each for the element of
its id (`<hx-partial>` of htmx).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from pansori.api.deps import Server
from pansori.api.sse import KEEP_ALIVE, EventStream, Waiter, event
from pansori.db import AWAY
from pansori.domain.errors import NotFound
from pansori.domain.units import Seconds
from pansori.web.frame import Page

AT_MOST_EVERY = Seconds(1.0)  #: what is announced faster than that nobody can follow
FINISHED = "finished"  #: the event that ends a stream for good


@dataclass(frozen=True)
class Look:
    """What parts of a page look like now."""

    parts: Mapping[str, str] = field(default_factory=dict)
    """HTML by the id of the element that it belongs into."""
    number: int | None = None
    """Of the newest event that it knows of: what `Last-Event-ID` will say."""
    end: str | None = None
    """Nothing will change any more; this goes with the last event."""


def stream(page: Page, look: Callable[[], Look] = Look) -> EventStream:
    """What `look` gives, and the frame of the page, kept true."""

    def all_of_it() -> Look:
        seen = look()
        pill = page.again().fragment("_pill_inside.html", {})
        return Look({"pill": pill, **seen.parts}, seen.number, seen.end)

    return EventStream(kept_true(page.server, all_of_it))


async def kept_true(server: Server, look: Callable[[], Look]) -> AsyncIterator[bytes]:
    """What `look`, which is called in a thread, gives: at once, and whenever it has changed, at most once a second. A
    database that is away has nothing to tell of now."""
    waiter, shown, sent_at = Waiter(server), dict[str, str](), 0.0
    while True:
        seen = await run_in_threadpool(_try, look)
        changed = {part: html for part, html in seen.parts.items() if html != shown.get(part)}
        if changed:
            yield event(partials(changed), number=seen.number)
            shown.update(changed)
            sent_at = time.monotonic()
            waiter.sent()
        if seen.end is not None:
            yield event(seen.end, name=FINISHED, number=seen.number)
            return
        if not await waiter.sleep():
            return
        await asyncio.sleep(max(0.0, sent_at + AT_MOST_EVERY - time.monotonic()))
        if waiter.keep_alive_due():
            yield KEEP_ALIVE
            waiter.sent()


def partials(parts: Mapping[str, str]) -> str:
    """The message that puts each of these in its place."""
    return "\n".join(
        f'<hx-partial hx-target="#{name}" hx-swap="innerMorph">{html}</hx-partial>' for name, html in parts.items()
    )


def _try(look: Callable[[], Look]) -> Look:
    try:
        return look()
    except AWAY:
        return Look()
    except NotFound:
        return Look(end="")  # it was deleted meanwhile

"""What routes are handed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request

from pansori.accounts import local_account
from pansori.api.language import language_of
from pansori.domain.errors import Language, NotFound, Text
from pansori.domain.units import Seconds
from pansori.workflows import Services

T = TypeVar("T")
KEEP_ALIVE = Seconds(15.0)


@dataclass
class Server:
    """The state of one API process."""

    services: Services
    message: str = "Pansori"
    """What `/` says that this is."""
    closing: bool = False
    """The process is about to end: streams end, and whoever waits is told to come back."""
    keep_alive: Seconds = KEEP_ALIVE
    """A stream that has nothing to say sends a comment so often, for proxies end connections that seem dead."""
    _owner: UUID | None = field(default=None, repr=False)
    _shared: dict[tuple[object, str], Any] = field(default_factory=dict, repr=False)

    def owner(self) -> UUID:
        """The one account of `open` mode. Tokens and cookies that nobody here knows are ignored."""
        if self._owner is None:
            with self.services.database.write() as session:
                self._owner = local_account(session)
        return self._owner

    def shared(self, make: Callable[[Server, str], T], origin: str) -> T:
        """The one object of this kind, made when it is first needed. Only from the event loop's thread."""
        if (make, origin) not in self._shared:
            self._shared[make, origin] = make(self, origin)
        found: T = self._shared[make, origin]
        return found

    def close(self) -> None:
        """Let every stream end. Called before the server waits for its connections."""
        self.closing = True
        self.services.kernel.feed.close()


async def _server(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


async def _services(request: Request) -> Services:
    return (await _server(request)).services


async def _language(request: Request) -> Language:
    return language_of(request)


def _owner(request: Request) -> UUID:
    server: Server = request.app.state.server
    return server.owner()


ServerDep = Annotated[Server, Depends(_server)]
ServicesDep = Annotated[Services, Depends(_services)]
LanguageDep = Annotated[Language, Depends(_language)]
OwnerDep = Annotated[UUID, Depends(_owner)]


def parse_id(text: str, missing: Text) -> UUID:
    """Ids are opaque to clients, so one that cannot be is simply not found."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(missing) from None

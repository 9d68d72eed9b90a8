"""What routes are handed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Annotated, Any, ParamSpec, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Depends, Request, Response
from prometheus_client import CollectorRegistry
from starlette.concurrency import run_in_threadpool

from pansori import telemetry
from pansori.accounts import NOBODY, PASSWORDS_AT_ONCE, Accounts, AccountView, Client, Scope, Viewer
from pansori.api import cookies
from pansori.api.guard import SAFE_METHODS
from pansori.api.language import language_of
from pansori.api.meters import Meters
from pansori.api.places import Places
from pansori.api.problems import Failure
from pansori.api.ranked import Ranked
from pansori.api.sights import Sights
from pansori.domain.errors import Busy, Language, NotFound, Text, Unauthenticated
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Seconds
from pansori.workflows import Services, voice

T = TypeVar("T")
P = ParamSpec("P")
KEEP_ALIVE = Seconds(15.0)
PATIENCE = Seconds(60.0)
TO_START = Seconds(10.0)
IDLE = Seconds(300.0)
IN_LINE = 200  #: requests that may wait for a password to be hashed
CONVERSIONS_IN_LINE = 50  #: downloads in another format that may wait for their turn; one is converted at a time
TALKING_AT_ONCE, TALKED_AT_MOST = 32, 432  #: turns that are heard, answered or spoken while somebody waits
OPENING_AT_ONCE = 16  #: conversations that are about to begin
LISTENING_AT_ONCE = max(4, 2 * (os.cpu_count() or 1))  #: pieces of sound of conversations that are being heard
HEARING_AT_ONCE, HEARD_AT_MOST = 8, 64  #: recordings that are written down while somebody waits; with those in line
SPEAKING_AT_ONCE, SPOKEN_AT_MOST = 16, 256  #: texts that are spoken while somebody listens; with those that are sent
RECEIVING_AT_ONCE = 16  #: pieces of files that are being stored
TALKED = Text("Too many people talk now.", "지금 말하는 사람이 너무 많아요.")
HEARD = Text("Too many recordings are written down now.", "지금 받아쓰는 녹음이 너무 많아요.")
SPOKEN = Text("Too many texts are read out now.", "지금 읽고 있는 글이 너무 많아요.")
OTHERS_IN_LINE = 10  #: while fewer wait, others than the owner may join them, so that a shared link leaves room


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
    patience: Seconds = PATIENCE
    """With a client that sends a file and falls silent; it is taken to have left then."""
    to_start: Seconds = TO_START
    """With a client that has connected to talk and has not said how."""
    idle: Seconds = IDLE
    """With one that sends neither sound nor words, or takes nothing of what is spoken for it; it ends then."""
    show: Callable[[Request, Failure], Response] | None = None
    """How failures are told to one who would rather read a page. None: as to everybody else."""
    shape_at: Callable[[str], Callable[[Request, Failure], Response] | None] = lambda _: None
    """How failures are told at a path that a contract with a shape of its own answers. None: as problems."""
    origins: frozenset[str] = frozenset()
    """Origins whose pages may read and change things here."""
    introduce: Callable[[UUID, int | None], JsonDict] | None = None
    """What `/` says of a user of an account; None: of its own. None: the account's number alone."""
    sights: Sights = field(default_factory=Sights, repr=False)
    meters: Meters = field(default_factory=Meters, repr=False)
    installation: CollectorRegistry | None = field(default=None, repr=False)
    """What the database knows, as `/metrics` tells it. None: nobody has asked yet."""
    _shared: WeakValueDictionary[tuple[object, object], Any] = field(default_factory=WeakValueDictionary, repr=False)
    _hashing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(PASSWORDS_AT_ONCE), repr=False)
    _receiving: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(RECEIVING_AT_ONCE), repr=False)
    _converting: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1), repr=False)
    _opening: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(OPENING_AT_ONCE), repr=False)
    listening: Ranked = field(default_factory=lambda: Ranked(LISTENING_AT_ONCE), repr=False)
    """For conversations as they go on: engines that are slow to understand keep no other request waiting. Who spoke
    first is understood first."""
    talking: Places = field(default_factory=lambda: Places(TALKING_AT_ONCE, TALKED_AT_MOST, TALKED), repr=False)
    """For turns that somebody waits for: those of an account whose servers are slow keep no other account waiting."""
    hearing: Places = field(default_factory=lambda: Places(HEARING_AT_ONCE, HEARD_AT_MOST, HEARD), repr=False)
    """For recordings that are written down at once: an hour of one keeps no conversation waiting."""
    speaking: Places = field(default_factory=lambda: Places(SPEAKING_AT_ONCE, SPOKEN_AT_MOST, SPOKEN), repr=False)
    """For texts that are sent while they are spoken."""

    @property
    def accounts(self) -> Accounts:
        return self.services.accounts

    @property
    def is_open(self) -> bool:
        """Whoever reaches the server is its one local account."""
        return self.services.settings.mode == "open"

    def owner(self) -> UUID:
        """The one account of `open` mode."""
        return self.accounts.local().known("read").id

    def shared(self, make: Callable[[Server, Any], T], key: object) -> T:
        """The one object of this kind and key, as long as somebody holds it. Only from the event loop's thread."""
        found: T | None = self._shared.get((make, key))
        if found is None:
            found = self._shared[make, key] = make(self, key)
        return found

    async def hash(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call what hashes passwords, on threads of its own, of which there are few: requests of other kinds never
        wait for one. Raises `Busy` where too many wait already."""
        if self._hashing.statistics().tasks_waiting >= IN_LINE:
            raise Busy(Text("Too many people log in now.", "지금 로그인하는 사람이 너무 많아요."), retry_after=10.0)
        return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._hashing)

    async def receive(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call what stores a piece of a file that comes, on threads of its own: a store that is slow to take files
        keeps no other request waiting."""
        return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._receiving)

    async def convert(self, line: int, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call what encodes sound while somebody waits: one at a time, so that songs being made and other requests
        have cores left. Raises `Busy` where `line` wait already."""
        if self._converting.statistics().tasks_waiting >= line:
            raise Busy(Text("Too many files are converted now.", "지금 변환하는 파일이 너무 많아요."), retry_after=10.0)
        return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._converting)

    async def open(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call what begins a conversation, on threads of its own, for engines may take a while to load."""
        return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._opening)

    async def talk(self, owner: UUID, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call what hears, answers or speaks while somebody waits, on threads of its own. Raises `Busy` where too many
        wait already."""
        with self.talking.place(owner) as place:
            return await place.work(function, *args, **kwargs)

    @cached_property
    def sessions(self) -> voice.live.Sessions:
        """The conversations that go on."""
        made = voice.live.Sessions(self.services, self.services.settings.voice_sessions)
        self.meters.conversations.set_function(lambda: made.count)
        return made

    def close(self) -> None:
        """Let every stream end. Called before the server waits for its connections."""
        self.closing = True
        self.sessions.close()
        self.services.kernel.feed.close()


async def _server(request: Request) -> Server:
    server: Server = request.app.state.server
    return server


async def _services(request: Request) -> Services:
    return (await _server(request)).services


async def _language(request: Request) -> Language:
    return language_of(request)


# -- who asks ------------


async def _viewer(request: Request) -> Viewer:
    """Raises `Unauthenticated` in `accounts` mode for a token, key or cookie that is not valid."""
    return await seen(request, forgiving=False)


async def _visitor(request: Request) -> Viewer:
    return await seen(request, forgiving=True)


async def seen(request: Request, *, forgiving: bool = False) -> Viewer:
    """Who asks. Raises `Unauthenticated` as `ViewerDep` does."""
    viewer = await _looked_at(request, forgiving=forgiving)
    if viewer.account is not None:
        telemetry.note(account=viewer.account.alias)
    return viewer


async def _looked_at(request: Request, *, forgiving: bool) -> Viewer:
    server: Server = request.app.state.server
    bearer, cookie = bearer_of(request), cookies.session_cookie(request)
    if bearer is None and cookie is None:
        known = server.accounts.local_if_known() if server.is_open else NOBODY
        if known is not None:
            return known
    return await run_in_threadpool(_recognise, request, server, bearer, cookie, forgiving or server.is_open)


def _recognise(request: Request, server: Server, bearer: str | None, cookie: str | None, forgiving: bool) -> Viewer:
    """`forgiving`: what is not valid counts as not sent."""
    for token, kept in ((bearer, False), (cookie, True)):
        if token is None:
            continue
        try:
            known = server.accounts.recognise(token, renewing=kept, beside=None if kept else cookie)
        except Unauthenticated:
            if kept:
                cookies.forget(request)
            if not forgiving:
                raise
            continue
        if known.token is not None:
            cookies.remember(request, known.token, server.services.settings)
        request.state.is_still_in = partial(server.accounts.is_still_in, known.viewer)  # for streams
        return known.viewer
    return server.accounts.local() if server.is_open else NOBODY


def bearer_of(request: Request) -> str | None:
    """The token or API key of the header `Authorization` (RFC 6750 §2.1)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def client_of(request: Request) -> Client:
    """What is noted of whoever logs in."""
    address = request.client.host if request.client else ""
    return Client(address, request.headers.get("user-agent", ""), language_of(request))


def scope_of(request: Request) -> Scope:
    """What an API key has to allow for this request."""
    return "read" if request.method in SAFE_METHODS else "write"


async def _owner(request: Request, viewer: ViewerDep) -> UUID:
    return viewer.known(scope_of(request)).id


async def _guest_viewer(request: Request, viewer: ViewerDep) -> Viewer:
    server: Server = request.app.state.server
    if viewer.account is not None:
        return viewer
    login = await run_in_threadpool(server.accounts.logins.as_guest, client_of(request))
    cookies.remember(request, login.token, server.services.settings)
    return login.viewer


async def _guest_owner(request: Request, viewer: GuestViewerDep) -> UUID:
    return viewer.known(scope_of(request)).id


async def _account(viewer: ViewerDep) -> AccountView:
    return viewer.known("account")


ServerDep = Annotated[Server, Depends(_server)]
ServicesDep = Annotated[Services, Depends(_services)]
LanguageDep = Annotated[Language, Depends(_language)]
ViewerDep = Annotated[Viewer, Depends(_viewer)]
"""Who asks, who may be nobody. In `accounts` mode 401 for a login that is not valid."""
VisitorDep = Annotated[Viewer, Depends(_visitor)]
"""The same for what everybody may see: a login that is not valid counts as none."""
GuestViewerDep = Annotated[Viewer, Depends(_guest_viewer)]
"""Who asks. In `accounts` mode nobody becomes a guest, whose cookie goes with the answer."""
OwnerDep = Annotated[UUID, Depends(_owner)]
"""The account of whoever asks. In `accounts` mode 401 for nobody; 403 for an API key without the scope."""
GuestOwnerDep = Annotated[UUID, Depends(_guest_owner)]
"""The same, and nobody becomes a guest: for TextTune's routes and the pages alone."""
AccountDep = Annotated[AccountView, Depends(_account)]
"""The account of whoever may manage it."""


def parse_id(text: str, missing: Text) -> UUID:
    """Ids are opaque to clients, so one that cannot be is simply not found."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(missing) from None

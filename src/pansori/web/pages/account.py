"""One's account: who one is, what one's files take, API keys, logins, export and the end of it all."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pansori.accounts import SCOPES, AccountView, KeyView, Scope, SessionView
from pansori.api import cookies
from pansori.api.deps import AccountDep, ServerDep, client_of, parse_id
from pansori.api.routing import Router
from pansori.domain.errors import InvalidRequest, PansoriError, Text
from pansori.domain.units import Seconds
from pansori.library import tracks
from pansori.media import Usage, usage
from pansori.web.forms import Given, Wrong, read_form, wrong_with
from pansori.web.frame import Page, PageDep
from pansori.web.measures import When, number, size, when
from pansori.web.pages.account_words import WORDS
from pansori.workflows import close_account

router = Router(include_in_schema=False)

DAY: Final = 86_400
LIFETIMES: Final = ("", "30", "90", "365")  #: days; empty: until it is revoked
DONE: Final = ("name", "email", "password", "key_revoked", "session_ended")
#: Section of the page → the fields of its form.
SECTIONS: Final = {
    "name": ("name",),
    "email": ("email", "password"),
    "password": ("password", "new_password"),
    "keys": ("name", "read", "write", "account", "days"),
    "delete": ("typed", "password"),
}
NO_LOGIN = Text("There is no such login.", "그런 로그인은 없어요.")
NO_KEY = Text("There is no such key.", "그런 키는 없어요.")
BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)
CLIENT_LENGTH: Final = 60


@dataclass(frozen=True)
class Key:
    view: KeyView
    made: When
    used: When | None
    expires: When | None


@dataclass(frozen=True)
class Session:
    view: SessionView
    client: str
    seen: When


@dataclass(frozen=True)
class Room:
    """What the account's files take, in words. `percent` None: nobody has set a limit."""

    used: str
    limit: str
    percent: int | None
    files: str
    songs: int


@router.get("/app/account")
def account(page: PageDep) -> Response:
    if page.viewer.account is None:
        return page.go("/app/sign-in?next=/app/account")
    return _page(page, page.viewer.known("account"))


@router.get("/app/account/keys")
def keys(page: PageDep) -> Response:
    """Where one comes who loads the page anew that has shown a key: it is not shown again."""
    return page.go("/app/account#api-keys")


# -- who one is ------------


@router.post("/app/account/name")
async def rename(page: PageDep, request: Request, server: ServerDep, account: AccountDep) -> Response:
    async def deed(given: Given) -> Response:
        await run_in_threadpool(server.accounts.rename, account, given["name"])
        return _done(page, "name")

    return await _answer(page, request, account, "name", deed)


@router.post("/app/account/email")
async def change_email(page: PageDep, request: Request, server: ServerDep, account: AccountDep) -> Response:
    async def deed(given: Given) -> Response:
        change = server.accounts.sign_up.change_address
        await server.hash(change, account, given["email"], given["password"], client_of(request))
        return _done(page, "email")

    return await _answer(page, request, account, "email", deed)


@router.post("/app/account/password")
async def change_password(page: PageDep, request: Request, server: ServerDep, account: AccountDep) -> Response:
    async def deed(given: Given) -> Response:
        change = server.accounts.recovery.change
        both = (given["password"], given["new_password"])
        await server.hash(change, account, page.viewer.session_id, *both, client_of(request))
        return _done(page, "password")

    return await _answer(page, request, account, "password", deed)


@router.post("/app/account/delete")
async def delete(page: PageDep, request: Request, server: ServerDep, account: AccountDep) -> Response:
    """Close the account, once what it is called was typed and the password given."""

    async def deed(given: Given) -> Response:
        if given["typed"].strip().casefold() != typed_to_delete(account).casefold():
            raise InvalidRequest(WORDS["typed_wrong"], field="typed")
        if account.has_password:
            await server.hash(server.accounts.confirm, account, given["password"])
        await run_in_threadpool(close_account, server.services, account.id)
        cookies.forget(request)
        return page.go("/")

    return await _answer(page, request, account, "delete", deed)


# -- keys and logins ------------


@router.post("/app/account/keys")
async def make_key(page: PageDep, request: Request, server: ServerDep, account: AccountDep) -> Response:
    """Make a key and show it, this once."""

    async def deed(given: Given) -> Response:
        scopes: list[Scope] = [scope for scope in SCOPES if given[scope] == "1"]
        for scope in scopes:
            page.viewer.known(scope)  # whoever asks with a key gives no more than it has
        days = given["days"] if given["days"] in LIFETIMES else ""
        ttl = Seconds(float(int(days) * DAY)) if days else None
        key, _ = await run_in_threadpool(server.accounts.keys.make, account, given["name"], scopes, ttl)
        return await run_in_threadpool(_page, page, account, new_key=key)

    return await _answer(page, request, account, "keys", deed, open_too=True)


@router.post("/app/account/keys/{key_id}/revoke")
def revoke_key(key_id: str, page: PageDep, server: ServerDep, account: AccountDep) -> Response:
    server.accounts.keys.revoke(account.id, parse_id(key_id, NO_KEY))
    return _done(page, "key_revoked", "api-keys")


@router.post("/app/account/sessions/{session_id}/revoke")
def end_session(session_id: str, page: PageDep, server: ServerDep, account: AccountDep) -> Response:
    server.accounts.sessions.revoke(account.id, parse_id(session_id, NO_LOGIN))
    return _done(page, "session_ended", "sessions")


# -- pieces ------------


async def _answer(
    page: Page,
    request: Request,
    account: AccountView,
    section: str,
    deed: Callable[[Given], Awaitable[Response]],
    *,
    open_too: bool = False,
) -> Response:
    """What the deed answers; or the page again, with what is wrong at its field. `open_too`: also where there are no
    logins."""
    if page.server.is_open and not open_too:
        return page.go("/app/account")
    given = await read_form(request, SECTIONS[section])
    try:
        return await deed(given)
    except PansoriError as error:
        wrong, status = wrong_with(error, page.language, (*SECTIONS[section], "scopes"))
        return await run_in_threadpool(_page, page, account, section=section, given=given, wrong=wrong, status=status)


def _page(
    page: Page,
    account: AccountView,
    *,
    section: str = "",
    given: Given | None = None,
    wrong: Wrong | None = None,
    new_key: str = "",
    status: int = 200,
) -> Response:
    server, done = page.server, page.request.query_params.get("done", "")
    with server.services.database.read() as session:
        now = server.services.database.now(session)
        taken = usage(session, account.id, server.services.settings)
        songs = tracks.find(session, account.id, limit=1).total
        keys = [] if account.is_guest else server.accounts.keys.listing(session, account.id)
        logins = [] if server.is_open else server.accounts.sessions.listing(session, account.id, page.viewer.session_id)

    def seen(moment: datetime | None) -> When | None:
        return when(moment, now, page.language) if moment is not None else None

    return page.render(
        "account.html",
        WORDS,
        status=status,
        account=account,
        since=when(account.created_at, now, page.language),
        room=_room(taken, songs),
        keys=[
            Key(one, when(one.created_at, now, page.language), seen(one.used_at), seen(one.expires_at)) for one in keys
        ],
        sessions=[Session(one, client_name(one.client), when(one.seen_at, now, page.language)) for one in logins],
        scopes=SCOPES,
        lifetimes=LIFETIMES,
        typed=typed_to_delete(account),
        section=section,
        given=given or {},
        wrong=wrong or {},
        new_key=new_key,
        done=done if done in DONE else "",
    )


def _done(page: Page, what: str, place: str = "") -> Response:
    return page.go(f"/app/account?done={what}" + (f"#{place}" if place else ""))


def _room(taken: Usage, songs: int) -> Room:
    percent = None if not taken.limit else min(100, round(100 * taken.used / taken.limit))
    limit = size(taken.limit) if taken.limit else ""
    return Room(size(taken.used), limit, percent, number(taken.files), songs)


def typed_to_delete(account: AccountView) -> str:
    """What one has to type so that nobody deletes an account by chance."""
    return account.email or account.name or "delete"


def client_name(header: str) -> str:
    """`User-Agent` as people would say it: `Firefox · macOS`; one that is no browser's begins it."""
    browser = next((name for mark, name in BROWSERS if mark in header), "")
    system = next((name for mark, name in SYSTEMS if mark in header), "")
    if browser:
        return f"{browser} · {system}" if system else browser
    return re.split(r"\s", header.strip())[0][:CLIENT_LENGTH]

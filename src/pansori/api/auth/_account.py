"""`/v1/account`: one's own account, its logins and its API keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from pansori.accounts import Scope
from pansori.api import cookies
from pansori.api.auth._entry import PASSWORD, with_accounts
from pansori.api.auth._shown import (
    Account,
    Key,
    Keys,
    NewKey,
    Sessions,
    account_of,
    key_of,
    session_of,
)
from pansori.api.auth._shown import Request as Body
from pansori.api.delivery import content_disposition
from pansori.api.deps import AccountDep, ServerDep, ViewerDep, client_of, parse_id
from pansori.api.routing import Router
from pansori.domain.errors import Conflict, InvalidRequest, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Seconds
from pansori.workflows import close_account, export_account

router = Router(prefix="/v1/account", tags=["account"])

LONGEST = 10 * 366 * 86_400  #: seconds that a key may be valid
NO_LOGIN = Text("There is no such login.", "그런 로그인은 없어요.")
NO_KEY = Text("There is no such key.", "그런 키는 없어요.")
ARCHIVE: JsonDict = {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}


class Change(Body):
    """What is left out stays."""

    name: str | None = Field(default=None, max_length=1000)
    email: str | None = Field(default=None, max_length=1000, description="Counts once a link mailed to it is followed.")
    password: str | None = Field(default=None, max_length=10_000, description="The present one, to change the address.")


class Deletion(Body):
    password: str | None = Field(default=None, max_length=10_000, description="Of an account that has one.")


class NewPassword(Body):
    password: str = Field(max_length=10_000, description="The present one.")
    new_password: str = PASSWORD


class KeyRequest(Body):
    name: str = Field(max_length=1000, examples=["studio"])
    scopes: list[Scope] = Field(default=["read", "write"], description="What it may do.")
    expires_in: Annotated[Seconds, Field(gt=0, le=LONGEST)] | None = Field(
        default=None, description="Seconds until it is not valid any more. Without it: until it is revoked."
    )


# -- the account ------------


@router.get("", response_model=Account)
async def account(account: AccountDep) -> Account:
    """One's own account."""
    return account_of(account)


@router.patch("", response_model=Account)
async def change(body: Change, request: Request, server: ServerDep, account: AccountDep) -> Account:
    """Change the name at once, or the address once a link mailed to the new one is followed."""
    if body.email is not None:
        move = with_accounts(server).accounts.sign_up.change_address
        await server.hash(move, account, body.email, _needed(body.password), client_of(request))
    if body.name is not None:
        account = await run_in_threadpool(server.accounts.rename, account, body.name)
    return account_of(account)


@router.delete("", status_code=204, response_class=Response)
async def delete(request: Request, server: ServerDep, account: AccountDep, body: Deletion | None = None) -> Response:
    """Delete the account and everything it owns: jobs are cancelled, files removed. The password is asked for once
    more, where there is one."""
    with_accounts(server)
    if account.has_password:
        await server.hash(server.accounts.confirm, account, _needed(body.password if body else None))
    await run_in_threadpool(close_account, server.services, account.id)
    cookies.forget(request)
    return Response(status_code=204)


@router.get("/export", response_class=Response, responses={200: ARCHIVE})
def export(server: ServerDep, account: AccountDep) -> Response:
    """Everything that is kept of one, as a ZIP archive: rows as JSON, and the files themselves."""
    name = f"pansori-{account.alias}.zip"
    headers = {"Content-Disposition": content_disposition(name, "attachment"), "Cache-Control": "no-store"}
    return StreamingResponse(export_account(server.services, account), 200, headers, "application/zip")


@router.post("/password", status_code=204, response_class=Response)
async def change_password(
    body: NewPassword, request: Request, server: ServerDep, account: AccountDep, viewer: ViewerDep
) -> Response:
    """Choose another password. Every other login ends."""
    change = with_accounts(server).accounts.recovery.change
    await server.hash(change, account, viewer.session_id, body.password, body.new_password, client_of(request))
    return Response(status_code=204)


def _needed(password: str | None) -> str:
    if password is None:
        raise InvalidRequest(Text("The present password is needed.", "지금 비밀번호가 필요해요."), field="password")
    return password


# -- logins ------------


@router.get("/sessions", response_model=Sessions)
def sessions(server: ServerDep, account: AccountDep, viewer: ViewerDep) -> Sessions:
    """Logins that are still good, the one used last first."""
    with server.services.database.read() as session:
        found = server.accounts.sessions.listing(session, account.id, viewer.session_id)
    return Sessions(sessions=[session_of(one) for one in found])


@router.delete("/sessions/{session_id}", status_code=204, response_class=Response)
def end_session(session_id: str, server: ServerDep, account: AccountDep) -> Response:
    """End a login, at once and on every server."""
    server.accounts.sessions.revoke(account.id, parse_id(session_id, NO_LOGIN))
    return Response(status_code=204)


# -- API keys ------------


@router.get("/keys", response_model=Keys)
def keys(server: ServerDep, account: AccountDep) -> Keys:
    """API keys that were not revoked, the newest first."""
    with server.services.database.read() as session:
        return Keys(keys=[key_of(one) for one in server.accounts.keys.listing(session, account.id)])


@router.post("/keys", status_code=201, response_model=NewKey)
def make_key(body: KeyRequest, server: ServerDep, account: AccountDep, viewer: ViewerDep) -> NewKey:
    """A new API key. It is shown this once."""
    _within(viewer.scopes, body.scopes)
    key, view = server.accounts.keys.make(account, body.name, body.scopes, body.expires_in)
    return NewKey(**key_of(view).model_dump(), key=key)


def _within(own: frozenset[Scope], asked: list[Scope]) -> None:
    """Raises `Conflict` where a key is to have more than the one that asks for it."""
    if not set(asked) <= own:
        raise Conflict(
            Text("A key cannot make one that may do more.", "키로 더 많은 권한의 키를 만들 수는 없어요."),
            field="scopes",
        )


@router.get("/keys/{key_id}", response_model=Key)
def key(key_id: str, server: ServerDep, account: AccountDep) -> Key:
    """One API key."""
    with server.services.database.read() as session:
        return key_of(server.accounts.keys.get(session, account.id, parse_id(key_id, NO_KEY)))


@router.delete("/keys/{key_id}", status_code=204, response_class=Response)
def revoke_key(key_id: str, server: ServerDep, account: AccountDep) -> Response:
    """Revoke an API key, at once and on every server."""
    server.accounts.keys.revoke(account.id, parse_id(key_id, NO_KEY))
    return Response(status_code=204)

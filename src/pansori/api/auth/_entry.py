"""`/v1/auth`: signing up, leaving, and links that were mailed. None of it tells whether an address has an account."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from pansori.api import cookies
from pansori.api.auth._shown import Accepted, LoggedIn, Verified, logged_in, user_of
from pansori.api.auth._shown import Request as Body
from pansori.api.deps import Server, ServerDep, VisitorDep, bearer_of, client_of
from pansori.api.routing import Router
from pansori.domain.errors import Conflict, Text, Unauthenticated

router = Router(prefix="/v1/auth", tags=["auth"])

EMAIL = Field(max_length=1000, examples=["mina@mail.example"])
PASSWORD = Field(max_length=10_000, description="8 to 1024 characters.")
TOKEN = Field(max_length=1000, description="What the mailed link holds.")


class SignUpRequest(Body):
    email: str = EMAIL
    password: str = PASSWORD
    name: str = Field(default="", max_length=1000)


class AddressRequest(Body):
    email: str = EMAIL


class LinkRequest(Body):
    token: str = TOKEN


class ResetRequest(LinkRequest):
    password: str = PASSWORD


def with_accounts(server: Server) -> Server:
    """Raises `Conflict` where there are none: in `open` mode."""
    if server.is_open:
        raise Conflict(
            Text("This server has no logins: whoever reaches it may use it.", "로그인 없이 쓰는 서버예요."),
            cure=Text(
                "Its operator can set PANSORI_MODE=accounts.", "운영자가 PANSORI_MODE=accounts로 바꿀 수 있어요."
            ),
        )
    return server


@router.post("/signup", status_code=202, response_model=Accepted)
async def sign_up(body: SignUpRequest, request: Request, server: ServerDep, visitor: VisitorDep) -> Accepted:
    """Sign up: a link is mailed, and the account is there once it was followed. A guest keeps all that they made."""
    begin = with_accounts(server).accounts.sign_up.begin
    await server.hash(begin, body.email, body.password, body.name, client_of(request), visitor.account)
    return Accepted()


@router.post("/resend", status_code=202, response_model=Accepted)
async def resend(body: AddressRequest, request: Request, server: ServerDep) -> Accepted:
    """Mail the link of a sign-up again."""
    await run_in_threadpool(with_accounts(server).accounts.sign_up.resend, body.email, client_of(request))
    return Accepted()


@router.post("/verify", response_model=Verified)
async def verify(body: LinkRequest, request: Request, server: ServerDep, visitor: VisitorDep) -> Verified:
    """Follow a mailed link: finish a sign-up, or use another address from now on."""
    finish = with_accounts(server).accounts.sign_up.verify
    verified = await run_in_threadpool(finish, body.token, client_of(request), visitor)
    if verified.login is None:
        return Verified(token=None, user=user_of(verified.account))
    cookies.remember(request, verified.login.token, server.services.settings)
    return Verified(token=verified.login.token, user=user_of(verified.account))


@router.post("/forgot", status_code=202, response_model=Accepted)
async def forgot(body: AddressRequest, request: Request, server: ServerDep) -> Accepted:
    """Mail a link to choose a new password by."""
    await run_in_threadpool(with_accounts(server).accounts.recovery.forgot, body.email, client_of(request))
    return Accepted()


@router.post("/reset", status_code=204, response_class=Response)
async def reset(body: ResetRequest, request: Request, server: ServerDep) -> Response:
    """Choose a new password by a mailed link. Every login and API key of the account ends."""
    await server.hash(with_accounts(server).accounts.recovery.reset, body.token, body.password, client_of(request))
    return Response(status_code=204)


@router.post("/refresh", response_model=LoggedIn)
async def refresh(request: Request, server: ServerDep) -> LoggedIn:
    """A new token for the login of the one that is sent, which may have expired. Cookies are renewed by themselves."""
    kept = cookies.session_cookie(request)
    token = bearer_of(request) or kept
    if token is None:
        raise Unauthenticated(Text("There is no token to renew.", "갱신할 토큰이 없어요."))
    login = await run_in_threadpool(server.accounts.sessions.refresh, token, kept)
    if kept is not None:
        cookies.remember(request, login.token, server.services.settings)
    return logged_in(login)


@router.post("/logout", status_code=204, response_class=Response)
async def log_out(request: Request, server: ServerDep, visitor: VisitorDep) -> Response:
    """End the login that asks. Whoever has none is out already."""
    if visitor.account is not None and visitor.session_id is not None:
        await run_in_threadpool(server.accounts.sessions.end, visitor.account.id, visitor.session_id)
    cookies.forget(request)
    return Response(status_code=204)

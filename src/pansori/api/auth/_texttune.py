"""Logging in and who one is, as TextTune documents them."""

from __future__ import annotations

from fastapi import Request
from pydantic import Field

from pansori.accounts import Login, Viewer
from pansori.api import cookies
from pansori.api.auth._shown import LoggedIn, User, logged_in, user_of
from pansori.api.auth._shown import Request as Body
from pansori.api.deps import GuestViewerDep, Server, ServerDep, VisitorDep, client_of
from pansori.api.problems import detail, route_with
from pansori.api.routing import Router

router = Router(prefix="/v1", tags=["texttune"], route_class=route_with(detail))


class LoginRequest(Body):
    email: str = Field(max_length=1000, examples=["mina@mail.example"])
    password: str | None = Field(
        default=None, max_length=10_000, description="Without it one becomes a guest who says to have that address."
    )


@router.post("/auth/login", response_model=LoggedIn)
async def login(body: LoginRequest, request: Request, server: ServerDep, visitor: VisitorDep) -> LoggedIn:
    """Log in. The token is also set as a session cookie.

    With a password: into that account. Without: as a guest who says to have that address, which opens nobody's account.
    A server in `open` mode has one account, and logs everybody into it.
    """
    login = await server.hash(_log_in, server, visitor, body, request)
    cookies.remember(request, login.token, server.services.settings)
    return logged_in(login)


def _log_in(server: Server, visitor: Viewer, body: LoginRequest, request: Request) -> Login:
    logins, client = server.accounts.logins, client_of(request)
    if server.is_open:
        return server.accounts.log_in_local(body.email, client)
    if body.password:
        return logins.by_password(body.email, body.password, client, visitor.account)
    return logins.by_claim(visitor, body.email, client)


@router.get("/me", response_model=User)
async def me(viewer: GuestViewerDep) -> User:
    """Who one is: a guest's session is made where there is none."""
    return user_of(viewer.known("read"))

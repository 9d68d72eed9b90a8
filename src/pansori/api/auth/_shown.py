"""What is told of accounts, logins and keys."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from pansori.accounts import AccountView, KeyView, Login, Scope, SessionView
from pansori.api.shown import Shown


class User(Shown):
    """Who one is."""

    id: UUID
    kind: Literal["guest", "local", "google"]
    email: str | None = Field(description="A guest's is what they said it is.")
    name: str


class LoggedIn(Shown):
    token: str = Field(description="For `Authorization: Bearer …`; the same is in the cookie `pansori_session`.")
    user: User


class Account(User):
    """One's own account."""

    alias: int = Field(description="A whole number that stands for it where ids are numbers.")
    has_password: bool
    created_at: datetime


class Verified(Shown):
    token: str | None = Field(description="A new login, where the link was followed by whoever had signed up.")
    user: User


class Session(Shown):
    """A login of one client."""

    id: UUID
    client: str = Field(description="What it calls itself.")
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool = Field(description="The one that asks.")


class Sessions(Shown):
    sessions: list[Session]


class Key(Shown):
    """An API key without what makes it one."""

    id: UUID
    name: str
    prefix: str = Field(description="How it begins.")
    scopes: list[Scope]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None


class Keys(Shown):
    keys: list[Key]


class NewKey(Key):
    key: str = Field(description="The key itself, which is not shown again.")


class Accepted(Shown):
    """What was asked for is under way; whether there is such an account is not told."""

    status: Literal["accepted"] = "accepted"


def user_of(account: AccountView) -> User:
    return User(id=account.id, kind=account.kind, email=account.email, name=account.name)


def account_of(account: AccountView) -> Account:
    return Account(
        **user_of(account).model_dump(),
        alias=account.alias,
        has_password=account.has_password,
        created_at=account.created_at,
    )


def logged_in(login: Login) -> LoggedIn:
    return LoggedIn(token=login.token, user=user_of(login.account))


def session_of(view: SessionView) -> Session:
    return Session.model_validate(view, from_attributes=True)


def key_of(view: KeyView) -> Key:
    return Key.model_validate(view, from_attributes=True)


class Request(BaseModel):
    """Fields that are not known are refused."""

    model_config = {"extra": "forbid"}

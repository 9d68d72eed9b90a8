"""Who asks, and what they may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

from pansori.db.tables import Account
from pansori.domain.errors import Forbidden, Text, Unauthenticated

Scope = Literal["read", "write", "account"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)  #: look; change; manage the account itself
ALL_SCOPES: Final = frozenset(SCOPES)
Kind = Literal["guest", "local", "google"]


@dataclass(frozen=True)
class AccountView:
    """An account as its owner sees it."""

    id: UUID
    alias: int
    kind: Kind
    email: str | None
    """Its own, or what a guest merely said: that proves nothing."""
    name: str
    has_password: bool
    created_at: datetime

    @property
    def is_guest(self) -> bool:
        return self.kind == "guest"


@dataclass(frozen=True)
class Viewer:
    """Whoever sent a request. `account` None: nobody who could be told from anybody else."""

    account: AccountView | None
    scopes: frozenset[Scope] = frozenset()
    session_id: UUID | None = None
    """The login by which they are known."""
    key_id: UUID | None = None
    """The API key by which they are known."""

    def known(self, scope: Scope) -> AccountView:
        """Their account, where they may do what `scope` says. Raises `Unauthenticated`, `Forbidden`."""
        if self.account is None:
            raise nobody()
        if scope not in self.scopes:
            raise Forbidden(
                Text(
                    f"This API key may not do that: it lacks the scope “{scope}”.",
                    f"이 API 키로는 할 수 없어요. “{scope}” 권한이 없어요.",
                ),
                cure=Text("Make a key that has it.", "그 권한이 있는 키를 만드세요."),
            )
        return self.account


NOBODY: Final = Viewer(None)


def nobody() -> Unauthenticated:
    return Unauthenticated(
        Text("Nobody has logged in.", "로그인이 필요해요."),
        cure=Text("Log in, or send an API key.", "로그인하거나 API 키를 보내세요."),
    )


def not_valid() -> Unauthenticated:
    return Unauthenticated(
        Text(
            "This login or API key is not valid, or not any more.", "로그인이나 API 키가 올바르지 않거나 만료되었어요."
        ),
        cure=Text("Log in again, or send another API key.", "다시 로그인하거나 다른 API 키를 보내 주세요."),
    )


def view_of(row: Account) -> AccountView:
    """`row` may also be a row of all columns of the table."""
    kind: Kind = row.kind  # type: ignore[assignment]  # nothing else is written
    return AccountView(
        id=row.id,
        alias=row.alias,
        kind=kind,
        email=row.email or row.claimed_email,
        name=row.name,
        has_password=row.password is not None,
        created_at=row.created_at,
    )

"""Accounts, and everything by which one shows who one is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pansori.db.tables.base import Base, BigId


class Account(Base):
    """Who owns jobs, assets and entries: one row each, with a login name and a whole-number alias."""

    __tablename__ = "accounts"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    login: Mapped[str] = mapped_column(String(320), unique=True)
    alias: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(16))  #: `guest`, `local`, `google`, or `closed`: being removed
    email: Mapped[str | None] = mapped_column(String(320), unique=True)
    """In lower case, once it is this account's own. A guest that merely said one keeps it in `claimed_email`."""
    claimed_email: Mapped[str | None] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200), default="")
    password: Mapped[str | None] = mapped_column(String(255))
    """Argon2id in its encoded form. None: no login by password."""
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class LoginSession(Base):
    """One login of one client, until it is revoked or expires."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_account", "account"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    rotation: Mapped[int] = mapped_column(default=0)  #: how often its token was replaced; older tokens are void
    rotated_at: Mapped[datetime]
    client: Mapped[str] = mapped_column(String(255), default="")  #: what it called itself (User-Agent)
    address: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiKey(Base):
    """A key for programs. Only its hash is kept."""

    __tablename__ = "api_keys"
    __table_args__ = (Index("ix_api_keys_account", "account"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(16))  #: its first characters, by which its owner knows it
    hash: Mapped[str] = mapped_column(String(64), unique=True)  #: SHA-256; keys are random, so nothing slower is needed
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class MailedToken(Base):
    """What a mailed link proves: that its reader has the address. Valid once.

    An address becomes an account's own only by this, so a sign-up waits here with its password and name until then.
    """

    __tablename__ = "mailed_tokens"
    __table_args__ = (Index("ix_mailed_tokens_account", "account"), Index("ix_mailed_tokens_email", "email"))
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)  #: SHA-256
    account: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    """Whose it is. None: a sign-up of one who was no guest; the account is made when the link is followed."""
    purpose: Mapped[str] = mapped_column(String(16))  #: `verify`, `email` or `reset`
    email: Mapped[str] = mapped_column(String(320))
    password: Mapped[str | None] = mapped_column(String(255))  #: of a sign-up, as in `accounts`
    name: Mapped[str] = mapped_column(String(200), default="")  #: of a sign-up
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginAttempt(Base):
    """A failed login, or a mail asked for, kept as long as it counts against its account's name and its address; or a
    signed letter that came, kept as long as its signature is taken."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index("ix_login_attempts_subject_at", "subject", "at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    subject: Mapped[str] = mapped_column(String(400))  #: what is counted and of whom, as `login:mina@mail.example`
    at: Mapped[datetime]


class Secret(Base):
    """A secret that this installation made for itself, shared by all its servers."""

    __tablename__ = "secrets"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class Counter(Base):
    """A number that only grows, so that what it gave out is never given out again."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int]

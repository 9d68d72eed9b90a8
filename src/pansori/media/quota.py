"""How much of the store one account may fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pansori.db import owned
from pansori.db.tables import Account, Asset
from pansori.domain.errors import QuotaExceeded, Text
from pansori.domain.units import Bytes
from pansori.settings import Settings

GUEST: Final = "guest"  #: kind of account
MIB: Final = 1024 * 1024


class Usage(BaseModel):
    """What an account's files take. `limit` None: nobody has set one."""

    model_config = ConfigDict(frozen=True)

    used: Bytes
    files: int
    limit: Bytes | None


@dataclass(frozen=True)
class Quotas:
    """Bytes by kind of account; 0: as many as there is room for."""

    account: int = 0
    guest: int = 0

    @staticmethod
    def of(settings: Settings) -> Quotas:
        return Quotas(settings.account_quota, settings.guest_quota or settings.account_quota)

    @property
    def any(self) -> bool:
        return bool(self.account or self.guest)

    def usage(self, session: Session, owner: UUID) -> Usage:
        """Files that are being written count, and so do those that are about to be deleted."""
        sums: Any = select(func.coalesce(func.sum(Asset.size), 0), func.count()).select_from(Asset)
        used, files = session.execute(owned(sums, owner)).one()
        kind = session.execute(select(Account.kind).where(Account.id == owner)).scalar_one_or_none()
        return Usage(used=Bytes(int(used)), files=files, limit=self._limit(kind))

    def check(self, session: Session, owner: UUID, more: int = 1) -> None:
        """Raises `QuotaExceeded` unless `more` bytes fit. Until the transaction ends, nobody else is told that they
        do."""
        if not self.any:
            return
        session.execute(select(Account.id).where(Account.id == owner).with_for_update(key_share=True))
        usage = self.usage(session, owner)
        if usage.limit is not None and usage.used + more > usage.limit:
            raise exceeded(usage)

    def _limit(self, kind: str | None) -> Bytes | None:
        limit = self.guest if kind == GUEST else self.account
        return Bytes(limit) if limit else None


def usage(session: Session, owner: UUID, settings: Settings) -> Usage:
    """What the account's files take, and what they may."""
    return Quotas.of(settings).usage(session, owner)


def usage_of_all(session: Session) -> Usage:
    """What all files of the installation take, for those who run it."""
    used, files = session.execute(select(func.coalesce(func.sum(Asset.size), 0), func.count())).one()
    return Usage(used=Bytes(int(used)), files=files, limit=None)


def exceeded(usage: Usage) -> QuotaExceeded:
    used, limit = f"{usage.used / MIB:,.0f}", f"{(usage.limit or 0) / MIB:,.0f}"
    return QuotaExceeded(
        Text(
            f"Your files take {used} MiB of the {limit} MiB that you have.",
            f"{limit} MiB 가운데 {used} MiB를 쓰고 있어서 자리가 모자라요.",
        ),
        cure=Text("Delete songs that you no longer need.", "더는 필요 없는 노래를 지워 주세요."),
    )

"""Everything that is kept of an account, as one ZIP archive that is written while it is read."""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori.accounts import AccountView
from pansori.db import owned, owned_tables
from pansori.db.tables import Asset
from pansori.domain.errors import PansoriError
from pansori.media import AssetInfo
from pansori.workflows.services import Services

log = logging.getLogger(__name__)

OURS = frozenset({"owner", "key", "search", "request_hash"})  #: columns that say nothing to whom the rows belong to


def export_account(services: Services, account: AccountView) -> Iterator[bytes]:
    """The archive in pieces: `account.json`, a file for each table with rows of theirs, and `files/` as they are."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:  # sound does not get smaller
        for name, pieces in _entries(services, account):
            with archive.open(name, "w", force_zip64=True) as entry:
                for piece in pieces:
                    entry.write(piece)
                    yield sink.taken()
    yield sink.taken()


def _entries(services: Services, account: AccountView) -> Iterator[tuple[str, Iterable[bytes]]]:
    """No session is open while one of them is on its way: whoever reads slowly would keep it."""
    with services.database.read() as session:
        told = _json(_account(services, session, account))
    yield "account.json", [told]
    for table in owned_tables():
        columns = [column for column in table.c if column.name not in OURS]
        with services.database.read() as session:
            rows = session.execute(owned(select(*columns), account.id)).mappings().all()
        yield f"{table.name}.json", [_json([dict(row) for row in rows])]
    with services.database.read() as session:
        ids = session.scalars(owned(select(Asset.id).where(Asset.state == "ready"), account.id)).all()
        files = [services.assets.info(session, asset_id, owner=account.id) for asset_id in ids]
    for info in files:
        yield from _file(services, info)


def _file(services: Services, info: AssetInfo) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Nothing where it was deleted meanwhile."""
    pieces = services.assets.read(info)
    try:
        first = next(iter(pieces), b"")
    except PansoriError as error:
        log.warning("an export is without the file %s: %s", info.id, error)
        return
    yield f"files/{info.id.hex[:8]} {info.name}", _after(first, pieces)


def _after(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _account(services: Services, session: Session, account: AccountView) -> dict[str, Any]:
    return {
        **asdict(account),
        "sessions": [asdict(one) for one in services.accounts.sessions.listing(session, account.id)],
        "keys": [asdict(one) for one in services.accounts.keys.listing(session, account.id)],
    }


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2, default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


class _Sink:
    """A file that can be written and not wound back, of which what was written is taken away now and then."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What is left is still taken."""

    def taken(self) -> bytes:
        written, self._written = self._written, []
        return b"".join(written)

"""Whether the store holds what the rows say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select

from pansori.db.tables import Asset
from pansori.domain.errors import NotFound
from pansori.domain.units import Bytes
from pansori.media.assets import AT_ONCE, READY, Assets

SAMPLE = 8  #: the oldest and the newest files that a quick look takes

Trouble = Literal["missing", "size", "content"]


@dataclass(frozen=True)
class StoredAsset:
    """A ready asset, as far as its file is concerned."""

    id: UUID
    key: str
    name: str
    size: Bytes
    sha256: str


def ready_assets(assets: Assets, after: UUID | None = None) -> Iterator[StoredAsset]:
    """All of them, by id, from after that one. Those that come or go meanwhile may or may not be seen."""
    columns = (Asset.id, Asset.key, Asset.name, Asset.size, Asset.sha256)
    while True:
        page = select(*columns).where(Asset.state == READY).order_by(Asset.id).limit(AT_ONCE)
        if after is not None:
            page = page.where(Asset.id > after)
        with assets.database.read() as session:
            rows = session.execute(page).all()
        yield from (StoredAsset(row.id, row.key, row.name, Bytes(row.size), row.sha256) for row in rows)
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].id


def count_ready(assets: Assets) -> tuple[int, Bytes]:
    """How many there are, and their bytes."""
    with assets.database.read() as session:
        counted = select(func.count(), func.coalesce(func.sum(Asset.size), 0)).where(Asset.state == READY)
        files, size = session.execute(counted).one()
    return int(files), Bytes(int(size))


def examine(assets: Assets, asset: StoredAsset, *, content: bool) -> Trouble | None:
    """What is wrong with an asset's file. `content`: read it, and compare its hash. None too where the asset was
    deleted meanwhile. Raises `StorageError`."""
    try:
        size = assets.store.size(asset.key)
        if size != asset.size:
            return "size"
        return "content" if content and _hash(assets, asset.key) != asset.sha256 else None
    except NotFound:
        return "missing" if _is_ready(assets, asset.id) else None


def sample_missing(assets: Assets) -> tuple[int, int]:
    """A quick look at the oldest and newest files: how many were looked at, and how many of them the store lacks.
    Raises `StorageError`."""
    with assets.database.read() as session:
        found = [
            key
            for order in (Asset.created_at.asc(), Asset.created_at.desc())
            for key in session.scalars(select(Asset.key).where(Asset.state == READY).order_by(order).limit(SAMPLE))
        ]
    keys = set(found)
    return len(keys), sum(not assets.store.exists(key) for key in keys)


def _hash(assets: Assets, key: str) -> str:
    digest = hashlib.sha256()
    for chunk in assets.store.read(key):
        digest.update(chunk)
    return digest.hexdigest()


def _is_ready(assets: Assets, asset_id: UUID) -> bool:
    with assets.database.read() as session:
        return session.scalar(select(Asset.state).where(Asset.id == asset_id)) == READY

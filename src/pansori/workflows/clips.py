"""Clips that are to be imitated: looked into before a token has one."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import update

from pansori.db.tables import Asset
from pansori.domain.errors import InvalidRequest, NotFound, PansoriError, UnreadableMedia
from pansori.domain.units import Seconds
from pansori.library.voices import TokenView, tokens
from pansori.media import AssetInfo, Limits, probe
from pansori.workflows.services import Services

LONGEST_CLIP: Final = Seconds(120.0)  #: as two clips are compared up to


def take_reference(services: Services, token_id: str, owner: UUID, clip: AssetInfo) -> TokenView:
    """Let the token have a file that was just sent for it; it goes again where it cannot be used. Raises `NotFound`,
    `InvalidRequest` for what is no sound, `MediaTooLarge`."""
    try:
        return _set(services, token_id, owner, clip, field="file", own=True)
    except PansoriError:
        with services.database.write() as session:
            services.assets.retire(session, [clip.id])
        services.assets.collect()
        raise


def name_reference(services: Services, token_id: str, owner: UUID, asset_id: UUID) -> TokenView:
    """Let the token have a file that the owner has already. Raises as `take_reference` does."""
    with services.database.read() as session:
        tokens.get(session, token_id, owner)
        try:
            clip = services.assets.info(session, asset_id, owner=owner)
        except NotFound as error:
            raise InvalidRequest(error.message, field="asset_id") from error
    return _set(services, token_id, owner, clip, field="asset_id", own=False)


def drop_reference(services: Services, token_id: str, owner: UUID) -> TokenView:
    """Raises `NotFound`, also where the token has no clip."""
    with services.database.write() as session:
        left = tokens.drop_reference(session, services.assets, token_id, owner)
    services.assets.collect()
    return left


def _set(services: Services, token_id: str, owner: UUID, clip: AssetInfo, *, field: str, own: bool) -> TokenView:
    duration = _duration(services, clip, field)
    with services.database.write() as session:
        session.execute(update(Asset).where(Asset.id == clip.id, Asset.duration.is_(None)).values(duration=duration))
        token = tokens.set_reference(session, services.assets, token_id, owner, clip.id, own=own)
    services.assets.collect()
    return token


def _duration(services: Services, clip: AssetInfo, field: str) -> Seconds:
    """Of the sound in it. Raises `InvalidRequest` naming the field where there is none."""
    limits = Limits(size=services.settings.max_upload, duration=LONGEST_CLIP)
    with services.kernel.folder() as folder:
        try:
            return probe(services.assets.materialize(clip, folder), limits).duration
        except UnreadableMedia as error:
            raise InvalidRequest(error.message, field=field, cure=error.cure) from error

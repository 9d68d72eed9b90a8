"""The sounds of turns: what was sent and what was answered, as files of their owner's, and where clients find them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from pansori.domain.errors import NotFound, Text
from pansori.domain.units import Seconds
from pansori.engines.base import Recording
from pansori.library import turns
from pansori.media import AssetInfo, Limits, decode, extension, read_plain
from pansori.settings import Settings
from pansori.workflows.analysis.measuring import as_recording
from pansori.workflows.services import Services

LONGEST_TURN: Final = Seconds(600.0)  #: of what somebody says at a time
UPLOADS: Final = "/static/uploads"
ANSWER: Final = "received_audio"  #: what the document calls the answers' files; each has a number of its own
NAMED: Final = re.compile(rf"(?:{ANSWER}_)?(?P<id>[0-9a-f]{{32}})\.\w{{1,8}}")
COPIED: Final = r"[\w.-]{1,200}"  #: what another server may call its own
NO_SUCH_FILE: Final = Text("There is no such file.", "그런 파일은 없어요.")


def path_of(info: AssetInfo, *, answer: bool = False) -> str:
    """Where clients find a sound, from a server's root."""
    return f"{UPLOADS}/{f'{ANSWER}_' if answer else ''}{info.id.hex}.{extension(info.media_type)}"


def find(services: Services, session: Session, name: str, owner: UUID) -> AssetInfo:
    """The owner's file that is found by the last part of such a path. Raises `NotFound`."""
    named = NAMED.fullmatch(name)
    asset_id = UUID(named["id"]) if named else None
    try:
        if asset_id is not None:
            info = services.assets.info(session, asset_id, owner=owner)
            if name in (Path(path_of(info, answer=said)).name for said in (False, True)):
                return info
    except NotFound:
        pass  # another server may have called its own so
    copied = turns.copied(session, owner, f"{UPLOADS}/{name}") if re.fullmatch(COPIED, name) else None
    if copied is None:
        raise NotFound(NO_SUCH_FILE)
    return services.assets.info(session, copied, owner=owner)


def read(
    path: Path, kind: str, sha256: str, settings: Settings, folder: Path, *, longest: Seconds = LONGEST_TURN
) -> Recording:
    """A stored sound as engines take it. Raises as `decode` does, also for one that is longer than `longest`."""
    limits = Limits.of(settings).model_copy(update={"duration": min(longest, settings.max_recording)})
    decoded = read_plain(path, limits) or decode(path, limits, folder=folder)
    return as_recording(decoded, decoded.probe, kind, sha256)


def forget(services: Services, info: AssetInfo) -> None:
    """Delete what was refused."""
    with services.database.write() as session:
        services.assets.retire(session, [info.id])
    services.assets.collect()

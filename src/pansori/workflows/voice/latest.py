"""What a server of the document has heard last of a user: `GET /run-model`."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from pansori.domain.errors import FetchFailed, NotFound, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Bytes
from pansori.engines.elsewhere import Elsewhere
from pansori.library.turns import TurnView, change, take_told
from pansori.workflows.services import Services
from pansori.workflows.voice import sounds
from pansori.workflows.voice.keeping import timed
from pansori.workflows.voice.turn import HEAR, LONGEST_TEXT

log = logging.getLogger(__name__)

RUN_MODEL: Final = "run-model"
SOUND: Final = re.compile(rf"{sounds.UPLOADS}/{sounds.COPIED}")  #: of that server's own; nothing leads elsewhere
LARGEST_SOUND: Final = Bytes(256 * 1024 * 1024)
NOT_FOUND: Final = 404
NOTHING_THERE: Final = Text(
    "Nothing has been heard yet: send a recording or words to POST /run-model of the server that ATOT_URL names.",
    "아직 들은 말이 없어요. ATOT_URL에 적힌 서버의 POST /run-model로 녹음이나 글을 보내 주세요.",
)


def ask_latest(services: Services, owner: UUID, number: int) -> TurnView:
    """Take up what the ATOT server heard of that user last. Raises `NotFound` where it has heard nothing, a
    `NetworkError`, `EngineUnavailable` for an address that is none."""
    with timed() as timing:
        heard, where = _told(services, number)
    with services.database.write() as session:
        return take_told(session, owner, number, where or None, heard, {HEAR: timing.told()})


def copy_sound(services: Services, owner: UUID, turn: TurnView) -> TurnView:
    """With the sound of what was heard, copied from that server where it is not here yet and is to be had: the words
    are kept in any case."""
    if turn.input_id is not None or turn.input_path is None:
        return turn
    asset = _sound(services, _server(services), owner, turn.input_path)
    if asset is None:
        return turn
    with services.database.write() as session:
        if asset.is_new:
            services.assets.commit(session, [asset.id], owner)
        change(session, owner, turn.id, input_id=asset.id)
    return replace(turn, input_id=asset.id)


def _server(services: Services) -> Elsewhere:
    return Elsewhere(services.settings, services.settings.atot_url, "ATOT_URL")


def _told(services: Services, number: int) -> tuple[str, str]:
    """The words, and the path of their sound; it is empty where words were sent."""
    server = _server(services)
    try:
        told = server.told("GET", f"{RUN_MODEL}?user_id={number}", within=services.settings.voice_timeout)
    except FetchFailed as error:
        if error.status == NOT_FOUND:
            raise NotFound(NOTHING_THERE) from error
        raise
    heard, where = _text(told), _path(told)
    if heard is None or where is None:
        raise server.garbled("JSON", "input_wav, atot_text")
    return heard, where


@dataclass(frozen=True)
class _Sound:
    """`is_new`: it was copied, and is pending."""

    id: UUID
    is_new: bool


def _text(told: JsonDict) -> str | None:
    """None: there is none that could be one."""
    heard = told.get("atot_text")
    return heard.replace("\0", "") if isinstance(heard, str) and len(heard) <= LONGEST_TEXT else None


def _path(told: JsonDict) -> str | None:
    """Empty: words were sent, and no sound. None: it is no path."""
    where = told.get("input_wav") or ""
    return where if isinstance(where, str) and len(where) <= 500 and where.isprintable() else None


def _sound(services: Services, server: Elsewhere, owner: UUID, where: str) -> _Sound | None:
    """The sound as a file here: the installation's own, one that was copied before, or a copy. None where it is not to
    be had: the words are kept in any case."""
    with services.database.read() as session:
        try:
            return _Sound(sounds.find(services, session, Path(where).name, owner).id, is_new=False)
        except NotFound:
            pass
    if not SOUND.fullmatch(where):
        return None
    try:
        with services.kernel.folder() as folder:
            copy = folder / "recording"
            within = services.settings.voice_timeout
            with server.ask("GET", where[1:], within=within, size=LARGEST_SOUND) as response, copy.open("wb") as file:
                file.writelines(response.chunks)
            return _Sound(services.assets.write(owner, Path(where).name, copy), is_new=True)
    except PansoriError as error:
        log.warning("the recording %s was not copied: %s", where, error)
        return None

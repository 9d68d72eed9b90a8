"""Tracks for whoever may read them: their owner, or who holds a signed link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from pansori.api.deps import Server, ServerDep, VisitorDep, parse_id
from pansori.api.signing import PURPOSE, Signer, is_signed
from pansori.library import TrackView, tracks


@dataclass(frozen=True)
class ReadTrack:
    """A track on its way to somebody. `query`: the signature that its further addresses need for the same reader;
    empty for its owner."""

    view: TrackView
    query: str = ""


def signer(server: Server) -> Signer:
    return Signer(server.accounts.key(PURPOSE))


def thing(track_id: object) -> str:
    """A track, as links to it are signed."""
    return f"track {track_id}"


def read_track(track_id: str, request: Request, server: ServerDep, visitor: VisitorDep) -> ReadTrack:
    """Raises `NotFound`; `Forbidden` and `LinkExpired` for a signed link that does not hold; `Unauthenticated` for
    who has neither a link nor a login."""
    key, database = parse_id(track_id, tracks.NO_SUCH_TRACK), server.services.database
    signature, owner = "", None
    if is_signed(request):
        with database.read() as session:
            now = database.now(session)
        expires = signer(server).check(thing(key), request.query_params, now)
        signature = signer(server).query(thing(key), expires)
    else:
        owner = visitor.known("read").id
    with database.read() as session:
        return ReadTrack(tracks.get(session, key, owner), signature)


ReadTrackDep = Annotated[ReadTrack, Depends(read_track)]

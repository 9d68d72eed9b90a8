"""Which Space the engine `space` would ask, and whether one at an address of the operator's own answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from pansori.cli.doctor.finding import Finding, missing, of_error, ok
from pansori.domain.errors import Text, UnsafeAddress
from pansori.net import parse_url
from pansori.settings import Settings

PATIENCE = 2.0  #: seconds for a connection
CURE = Text(
    "Start it, or correct HF_SPACE_ID. Empty: no Space.", "Space를 켜거나 HF_SPACE_ID를 고치세요. 비우면 쓰지 않아요."
)


def space(settings: Settings) -> Iterator[Finding]:
    """One by name is looked up when a song is made: nothing is asked of Hugging Face here."""
    chosen = settings.space
    if not chosen:
        yield ok("space", "none (HF_SPACE_ID)", "없음 (HF_SPACE_ID)")
    elif "://" not in chosen:
        yield ok("space", f"{chosen}, by {settings.hf_endpoint}", f"{chosen} ({settings.hf_endpoint})")
    else:
        yield at_address("space", chosen, CURE)


def at_address(name: str, address: str, cure: Text) -> Finding:
    """Whether a server at an address of the operator's takes a connection."""
    try:
        url = parse_url(address, any_port=True)
    except UnsafeAddress as error:
        return of_error(name, error, cure)
    try:
        socket.create_connection((url.host, url.port), PATIENCE).close()
    except OSError as error:
        told = error.strerror or str(error)
        return missing(
            name, Text(f"{address} cannot be reached: {told}", f"{address}에 연결할 수 없어요: {told}"), cure
        )
    return ok(name, address)

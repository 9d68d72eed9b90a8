"""Bringing a Space's sound home: fetched by the guarded client, or unpacked from the answer itself."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from pansori.domain.errors import MediaError, ResponseTooLarge, SpaceFailed, Text
from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.engines.base import RunContext
from pansori.engines.compose.space import faults
from pansori.engines.compose.space.model import App
from pansori.engines.compose.space.outputs import Found, Link, RawSamples
from pansori.engines.compose.space.protocol import Session
from pansori.net import Bounds

CHANNELS = 8  #: at most, of sound as numbers
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")
FULL_SCALES = (32_768.0, 2_147_483_648.0)  #: of 16 and 32 bit


def bring_home(
    found: Found, session: Session, app: App, context: RunContext, *, name: str, size: Bytes, within: Seconds
) -> Seconds:
    """Save the sound as `song` and tell how long it lasts. `size`: of the file, at most; `within`: for fetching it.

    Raises `SpaceFailed` for what is not sound, saying what came, and a `NetworkError`.
    """
    if isinstance(found, RawSamples):
        return _save_samples(found, context)
    path = context.scratch / "song"
    if found.url.startswith("data:") and not found.path:
        kind = _unpack(found.url, path, size)
    else:
        kind = _download(found, session, app, path, Bounds(total=within, size=size))
    _refuse_pages(kind, path)
    try:
        return context.save_media("song", path, name=name)
    except MediaError as error:
        told = faults.not_sound(kind, b"")
        raise SpaceFailed(
            Text(f"{told.message.en} {error.message.en}", f"{told.message.ko} {error.message.ko}"), cure=told.cure
        ) from error


def _download(link: Link, session: Session, app: App, path: Path, bounds: Bounds) -> str:
    """Returns the type that the server names."""
    reference = _reference(link, app)
    url = session.base.join(reference)
    with session.client.open(
        "GET", url, secrets=session.headers_for(url), bounds=bounds, look=session.look
    ) as response:
        faults.check(response)
        if response.media_type == "text/html":
            raise faults.page(response.media_type, _head(response.chunks))
        with path.open("wb") as file:
            for chunk in response.chunks:
                session.look()
                file.write(chunk)
        return response.media_type


def _reference(link: Link, app: App) -> str:
    """As a browser on the Space's page would follow it. An app that is mounted below a path leaves that out."""
    if link.path:
        return f"{app.prefix}/file={quote(link.path)}".removeprefix("/")
    local = link.url.removeprefix("/")
    if local.startswith("file="):
        return f"{app.prefix}/{local}".removeprefix("/")
    return local if app.prefix and local.startswith(f"{app.prefix}/") else link.url


def _head(chunks: Iterator[bytes]) -> bytes:
    kept = b""
    for chunk in chunks:
        kept += chunk
        if len(kept) >= faults.PAGE:
            break
    return kept


def _unpack(url: str, path: Path, size: Bytes) -> str:
    """A `data:` URL (RFC 2397) into a file. Returns its type."""
    head, comma, data = url[5:].partition(",")
    kind, *parameters = head.split(";")
    if not comma:
        raise _damaged()
    if len(data) > size * 4 // 3 + 4:
        raise ResponseTooLarge(Text("It is larger than accepted.", "허용된 크기보다 커요."))
    try:
        packed = unquote_to_bytes(data)
        content = base64.b64decode(packed, validate=False) if "base64" in parameters else packed
    except (binascii.Error, ValueError) as error:
        raise _damaged() from error
    path.write_bytes(content)
    return kind.strip().lower()


def _refuse_pages(kind: str, path: Path) -> None:
    """What is plainly not sound is named for what it is, before any decoder is asked."""
    with path.open("rb") as file:
        head = file.read(faults.PAGE)
    if not head:
        raise SpaceFailed(Text("The Space sent an empty file.", "Space가 빈 파일을 보냈어요."))
    if head.lstrip().lower().startswith(MARKUP):
        raise faults.page("text/html", head)
    if head.lstrip()[:1] in (b"{", b"[") and kind in ("application/json", "text/plain", ""):
        raise faults.not_sound(kind or "application/json", head)


def _save_samples(found: RawSamples, context: RunContext) -> Seconds:
    import numpy as np

    try:
        rows = np.asarray(found.rows, dtype=np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise _damaged() from error
    samples = rows[np.newaxis, :] if rows.ndim == 1 else rows.T
    if samples.ndim != 2 or not 1 <= samples.shape[0] <= CHANNELS or not np.all(np.isfinite(samples)):
        raise _damaged()
    peak = float(np.max(np.abs(samples)))
    if peak > 1.0:  # numbers of a whole-numbered format: the smallest that holds them
        samples = samples / next((full for full in FULL_SCALES if peak <= full), peak)
    context.save_audio("song", samples.astype(np.float32), SampleRateHz(found.rate))
    return Seconds(samples.shape[1] / found.rate)


def _damaged() -> SpaceFailed:
    return SpaceFailed(Text("The Space sent damaged sound.", "Space가 손상된 소리를 보냈어요."))

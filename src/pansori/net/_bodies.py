"""Bodies of answers, bounded as they came and as they are once unpacked."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator

from pansori.domain.errors import FetchFailed, ResponseTooLarge, Text
from pansori.domain.units import Bytes, Seconds
from pansori.net._watch import timed_out

PIECE = 65_536  #: bytes unpacked at once, at most
WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


def bounded(chunks: Iterable[bytes], limit: Bytes) -> Iterator[bytes]:
    """The same chunks. Raises `ResponseTooLarge` as soon as they are more than `limit` bytes together."""
    count = 0
    for chunk in chunks:
        count += len(chunk)
        if count > limit:
            raise too_large(limit)
        yield chunk


def paced(chunks: Iterable[bytes], least: int, stretch: Seconds, host: str) -> Iterator[bytes]:
    """The same chunks. Raises `FetchTimedOut` where fewer than `least` bytes a second come over a stretch of time: who
    sends a byte now and then is never silent, and would hold us until the very end."""
    begun, count = time.monotonic(), 0
    for chunk in chunks:
        count += len(chunk)
        passed = time.monotonic() - begun
        if passed >= stretch:
            if count < least * passed:
                raise timed_out(host)
            begun, count = begun + passed, 0
        yield chunk


def unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """What `Content-Encoding` says was packed, in pieces of at most `PIECE` bytes however small it was packed.

    Raises `FetchFailed` for encodings that were not asked for, and for damaged or broken off ones.
    """
    if encoding in ("", "identity"):
        return iter(chunks)
    if encoding not in WINDOWS:
        raise FetchFailed(
            Text(
                f"The answer is packed in a way that is not known here ({encoding[:50]}).",
                f"알 수 없는 방식({encoding[:50]})으로 압축된 응답이에요.",
            )
        )
    return _inflated(chunks, encoding)


def _inflated(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    inflater = zlib.decompressobj(WINDOWS[encoding])
    begun = False
    try:
        for chunk in chunks:
            if not begun and encoding == "deflate" and chunk and chunk[0] & 0x0F != zlib.DEFLATED:
                inflater = zlib.decompressobj(-zlib.MAX_WBITS)  # many servers leave zlib's header out
            begun = begun or bool(chunk)
            while chunk and not inflater.eof:
                piece = inflater.decompress(chunk, PIECE)
                chunk = inflater.unconsumed_tail
                if piece:
                    yield piece
        while piece := inflater.decompress(inflater.unconsumed_tail, PIECE):
            yield piece
    except zlib.error as error:
        raise _damaged() from error
    if begun and not inflater.eof:
        raise _damaged()


def _damaged() -> FetchFailed:
    return FetchFailed(Text("The answer is damaged or broken off.", "응답이 손상되었거나 중간에 끊겼어요."))


def too_large(limit: Bytes) -> ResponseTooLarge:
    shown = f"{limit / 1_048_576:.0f} MiB" if limit >= 1_048_576 else f"{limit} bytes"
    return ResponseTooLarge(
        Text(f"The answer is larger than the {shown} that are accepted.", f"응답이 허용된 크기({shown})보다 커요.")
    )

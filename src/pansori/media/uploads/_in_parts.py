"""Parts that clients send by themselves, in any order: how large they are, and that all have come."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from pansori.db.tables import Upload
from pansori.domain.errors import Conflict, InvalidRequest, Text
from pansori.domain.units import Bytes
from pansori.media.assets import Assets
from pansori.media.stores.base import Part
from pansori.media.uploads._rows import UploadView, find

MEBIBYTE: Final = 1024 * 1024
PART_MIN: Final = Bytes(16 * MEBIBYTE)  #: of the parts that clients send by themselves
MOST_PARTS: Final = 1000  #: of one file; each has its URL


class PartReceiving:
    """A part on its way through this server. Nothing counts before `finish`."""

    def __init__(self, assets: Assets, upload: Upload, key: str, number: int, size: int) -> None:
        self._assets, self._upload, self._key = assets, upload, key
        self.number, self.size = number, size
        self._at = (number - 1) * upload.part_size
        self._digest = hashlib.md5(usedforsecurity=False)
        self._buffer = bytearray()
        self._came = 0

    def write(self, data: bytes | bytearray) -> None:
        """Raises `InvalidRequest` for more bytes than the part has, `StorageError`."""
        if self._came + len(data) > self.size:
            raise self._wrong_size()
        self._digest.update(data)
        if self._assets.store.takes_any_part:
            self._assets.store.put_part(self._key, self._upload.store_id, self.number, self._at + self._came, data)
        else:
            self._buffer += data
        self._came += len(data)

    def finish(self) -> str:
        """Note it, and return its tag. Raises `InvalidRequest` where bytes are missing."""
        if self._came != self.size:
            raise self._wrong_size()
        store, tag = self._assets.store, self._digest.hexdigest()
        if not store.takes_any_part:
            tag = store.put_part(self._key, self._upload.store_id, self.number, self._at, self._buffer)
        store.flush(self._key, self._upload.store_id)
        with self._assets.database.write() as session:
            upload, _ = find(session, self._upload.id, None, locked=True)
            others = [one for one in upload.parts if one[0] != self.number]
            upload.parts = [*others, [self.number, tag, self.size]]
            upload.received = sum(size for _, _, size in upload.parts)
        return tag

    def _wrong_size(self) -> InvalidRequest:
        return InvalidRequest(
            Text(f"This part has {self.size:,} bytes.", f"이 조각은 {self.size:,}바이트여야 해요."), field="part"
        )


def count_parts(upload: UploadView | Upload) -> int:
    return max(1, -(-(upload.size or 0) // upload.part_size))


def size_of_part(upload: UploadView | Upload, number: int) -> int:
    """Raises `InvalidRequest` where there is no such part."""
    last = count_parts(upload)
    if not 1 <= number <= last:
        raise InvalidRequest(
            Text(f"There are the parts 1 to {last}.", f"조각은 1번부터 {last}번까지예요."), field="number"
        )
    return upload.part_size if number < last else (upload.size or 0) - (last - 1) * upload.part_size


def part_size_for(size: int) -> int:
    """A whole number of mebibytes."""
    return max(PART_MIN, -(-size // (MOST_PARTS * MEBIBYTE)) * MEBIBYTE)


def check_complete(upload: Upload, parts: Sequence[Part], given: Mapping[int, str] | None) -> None:
    there = {part.number: part.tag for part in parts}
    if missing := [number for number in range(1, count_parts(upload) + 1) if number not in there]:
        told = ", ".join(map(str, missing[:10])) + (", …" if len(missing) > 10 else "")
        raise Conflict(Text(f"These parts have not come: {told}.", f"아직 오지 않은 조각: {told}."), field="parts")
    if given is not None:
        wrong = [number for number, tag in there.items() if given.get(number, "").strip('"') != tag]
        if wrong or len(given) != len(there):
            number = wrong[0] if wrong else max(given)
            raise InvalidRequest(
                Text(f"Part {number} has another ETag.", f"{number}번 조각의 ETag가 달라요."), field="parts"
            )


def lied(number: int) -> InvalidRequest:
    return InvalidRequest(
        Text(
            f"Part {number} has another size than it should have by what was said; the upload is over.",
            f"{number}번 조각의 크기가 처음에 알린 것과 달라서 업로드를 취소했어요.",
        ),
        field="size",
    )

"""Uploads in parts, step by step: the client that we use has no words for them.

Source: Amazon S3 API Reference, CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload,
ListParts and ListMultipartUploads.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from xml.etree import ElementTree

from pansori.domain.units import Bytes, Seconds
from pansori.media.stores._keys import Keyring
from pansori.media.stores._s3_errors import failed, refusal
from pansori.media.stores._sigv4 import presign
from pansori.media.stores.base import Data, Part

SILENCE = Seconds(30.0)  #: so long may a server say nothing
PATIENCE = Seconds(20.0)  #: a request that may pass the next time is tried again for so long
LONGEST_PAUSE = Seconds(2.0)  #: between two tries
VALID = Seconds(60.0)  #: so long are our own signed requests
PASSING = frozenset({429, 500, 502, 503, 504})  #: refusals that may be none the next time
JOINING = Seconds(600.0)  #: a large file takes a server so long, during which Amazon's sends white space


@dataclass(frozen=True)
class Upload:
    key: str
    id: str
    begun: datetime  #: aware


@dataclass(frozen=True)
class _Answer:
    body: bytes
    tag: str

    @property
    def xml(self) -> ElementTree.Element:
        """Raises `StorageError` where it is none."""
        try:
            return ElementTree.fromstring(self.body)  # noqa: S314 - our own store's, and expat bounds what entities grow to
        except ElementTree.ParseError as error:
            raise failed("its answer is not one of S3") from error


class Uploads:
    """Those of one bucket, at `url`, whose keys begin with `prefix`. Keys come and go without it. Everything raises
    `StorageError`; `patience`: how long to try again while the server does not answer."""

    def __init__(self, keys: Keyring, url: str, prefix: str, *, patience: Seconds = PATIENCE) -> None:
        self._keys = keys
        self._url = url
        self._prefix = prefix
        self._patience = patience

    def __iter__(self) -> Iterator[Upload]:
        """Each that was begun and neither completed nor aborted."""
        marker: dict[str, str] = {}
        while True:
            page = self._ask("GET", "", {"uploads": "", "prefix": self._prefix, **marker}).xml
            for found in page.iterfind("{*}Upload"):
                key = _child(found, "Key").removeprefix(self._prefix)
                yield Upload(key, _child(found, "UploadId"), datetime.fromisoformat(_child(found, "Initiated")))
            if _child(page, "IsTruncated") != "true":
                return
            marker = {
                "key-marker": _child(page, "NextKeyMarker"),
                "upload-id-marker": _child(page, "NextUploadIdMarker"),
            }

    def begin(self, key: str, media_type: str) -> str:
        begun = self._ask("POST", self._path(key), {"uploads": ""}, data=b"", media_type=media_type)
        if not (upload := _child(begun.xml, "UploadId")):
            raise failed("it gave an upload in parts no id")
        return upload

    def put(self, key: str, upload: str, number: int, data: Data) -> str:
        """Returns the part's tag."""
        return self._ask("PUT", self._path(key), _part(upload, number), data=data).tag

    def join(self, key: str, upload: str, parts: Sequence[Part]) -> None:
        told = "".join(
            f"<Part><PartNumber>{part.number}</PartNumber><ETag>&quot;{part.tag}&quot;</ETag></Part>" for part in parts
        )
        body = f"<CompleteMultipartUpload>{told}</CompleteMultipartUpload>".encode()
        answer = self._ask(
            "POST", self._path(key), {"uploadId": upload}, data=body, media_type="text/xml", silence=JOINING
        )
        if answer.xml.tag.endswith("Error"):  # after the status was sent
            raise refusal(answer.body.decode(errors="replace"))

    def abort(self, key: str, upload: str) -> None:
        """No error where it is over already."""
        self._ask("DELETE", self._path(key), {"uploadId": upload}, allowed=HTTPStatus.NOT_FOUND)

    def parts(self, key: str, upload: str) -> list[Part]:
        """Those that are there, by number; none where the upload is over."""
        found: list[Part] = []
        marker: dict[str, str] = {}
        while True:
            asked = {"uploadId": upload, **marker}
            answer = self._ask("GET", self._path(key), asked, allowed=HTTPStatus.NOT_FOUND)
            if not answer.body:
                return found
            page = answer.xml
            found += [
                Part(int(_child(one, "PartNumber")), _child(one, "ETag").strip('"'), Bytes(int(_child(one, "Size"))))
                for one in page.iterfind("{*}Part")
            ]
            if _child(page, "IsTruncated") != "true":
                return found
            marker = {"part-number-marker": _child(page, "NextPartNumberMarker")}

    def part_url(self, key: str, upload: str, number: int, expires: Seconds) -> str:
        """To which whoever has it PUTs the part. Nothing is asked of the server."""
        url = self._url + self._path(key)
        return presign(self._keys.credentials, "PUT", url, expires=expires, parameters=_part(upload, number))

    def _path(self, key: str) -> str:
        return f"/{self._prefix}{key}"

    # -- requests ------------

    def _ask(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str],
        *,
        data: Data | None = None,
        media_type: str = "application/octet-stream",
        allowed: HTTPStatus = HTTPStatus.OK,
        silence: Seconds = SILENCE,
    ) -> _Answer:
        """The answer to a signed request. One with the status `allowed` counts as an empty one."""
        until, pause = time.monotonic() + self._patience, 0.1
        while True:
            signed = presign(self._keys.credentials, method, self._url + path, expires=VALID, parameters=parameters)
            request = urllib.request.Request(signed, data, method=method)  # noqa: S310 - http or https, as settings see to
            if data is not None:
                request.add_header("Content-Type", media_type)
            try:
                with urllib.request.urlopen(request, timeout=silence) as answer:  # noqa: S310
                    return _Answer(answer.read(), (answer.headers.get("ETag") or "").strip('"'))
            except urllib.error.HTTPError as error:
                with error:
                    if error.code == allowed:
                        return _Answer(b"", "")
                    told = refusal(f"status code: {error.code} {error.read(4096).decode(errors='replace')}")
                if error.code not in PASSING or time.monotonic() + pause > until:
                    raise told from error
            except OSError as error:
                if time.monotonic() + pause > until:
                    raise failed(str(error)) from error
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _part(upload: str, number: int) -> dict[str, str]:
    return {"partNumber": str(number), "uploadId": upload}


def _child(element: Any, name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""

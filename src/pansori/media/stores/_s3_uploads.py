"""Uploads in parts that nobody has finished: the client that we use cannot list them."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from xml.etree import ElementTree

from pansori.domain.units import Seconds
from pansori.media.stores._keys import Keyring
from pansori.media.stores._s3_errors import failed, refusal
from pansori.media.stores._sigv4 import presign

PATIENCE = Seconds(30.0)  #: with a server that says nothing
VALID = Seconds(60.0)  #: so long are our own signed requests


@dataclass(frozen=True)
class Upload:
    key: str
    id: str
    begun: datetime  #: aware


class Uploads:
    """Those of one bucket, at `url`, whose keys begin with `prefix`. Raises `StorageError`."""

    def __init__(self, keys: Keyring, url: str, prefix: str) -> None:
        self._keys = keys
        self._url = url
        self._prefix = prefix

    def __iter__(self) -> Iterator[Upload]:
        """Each that was begun and neither completed nor aborted; keys come without the prefix."""
        marker: dict[str, str] = {}
        while True:
            page = ElementTree.fromstring(  # noqa: S314 - our own store's answer, and expat bounds what entities grow to
                self._ask("GET", "", {"uploads": "", "prefix": self._prefix, **marker})
            )
            for found in page.iterfind("{*}Upload"):
                key = _child(found, "Key").removeprefix(self._prefix)
                yield Upload(key, _child(found, "UploadId"), datetime.fromisoformat(_child(found, "Initiated")))
            if _child(page, "IsTruncated") != "true":
                return
            marker = {
                "key-marker": _child(page, "NextKeyMarker"),
                "upload-id-marker": _child(page, "NextUploadIdMarker"),
            }

    def abort(self, upload: Upload) -> None:
        """No error where it is over already."""
        self._ask("DELETE", f"/{self._prefix}{upload.key}", {"uploadId": upload.id}, HTTPStatus.NOT_FOUND)

    def _ask(self, method: str, path: str, parameters: Mapping[str, str], allowed: HTTPStatus = HTTPStatus.OK) -> bytes:
        """The body of the answer to a signed request without one."""
        signed = presign(self._keys.credentials, method, self._url + path, expires=VALID, parameters=parameters)
        request = urllib.request.Request(signed, method=method)  # noqa: S310 - http or https, which the settings see to
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                body: bytes = answer.read()
                return body
        except urllib.error.HTTPError as error:
            with error:
                if error.code == allowed:
                    return b""
                said = error.read(4096).decode(errors="replace")
                raise refusal(f"status code: {error.code} {said}") from error
        except OSError as error:
            raise failed(str(error)) from error


def _child(element: Any, name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""

"""What tus says in headers: sizes, places, names, checksums."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
from datetime import UTC
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response

from pansori.api.language import language_of
from pansori.api.problems import Failure, problem
from pansori.domain.errors import InvalidRequest, Text
from pansori.media import UploadView

VERSION: Final = "1.0.0"
PIECE: Final = "application/offset+octet-stream"
ALGORITHMS: Final = ("sha1", "sha256", "sha512", "md5")
LONGEST_METADATA: Final = 8 * 1024  #: characters
LONGEST_NUMBER: Final = 18  #: digits


class Refused(Exception):
    """A refusal with a status of the protocol's own."""

    def __init__(self, status: int, code: str, message: Text, **headers: str) -> None:
        super().__init__(message.en)
        self.status, self.code, self.message, self.headers = status, code, message, headers

    def answer(self, request: Request) -> Response:
        told = Failure(400, self.code, self.message.in_language(language_of(request)), headers=self.headers)
        if self.status in HTTPStatus._value2member_map_:
            return problem(dataclasses.replace(told, status=self.status))
        answer = problem(told)
        answer.status_code = self.status
        return answer


def state(upload: UploadView) -> dict[str, str]:
    told = {
        "Upload-Offset": str(upload.received),
        "Upload-Expires": format_datetime(upload.expires_at.astimezone(UTC), usegmt=True),
    }
    if upload.asset is not None:
        told["Content-Location"] = f"/v1/assets/{upload.asset.id}"
    return told


def check_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        message = Text(f"Only tus {VERSION} is spoken here.", f"여기서는 tus {VERSION}만 쓸 수 있어요.")
        raise Refused(412, "unsupported_version", message, **{"Tus-Version": VERSION})


def length(request: Request) -> int | None:
    if "upload-length" in request.headers:
        return number(request, "Upload-Length")
    if request.headers.get("upload-defer-length") == "1":
        return None
    needed = Text("It is needed, or Upload-Defer-Length: 1.", "이 값이나 Upload-Defer-Length: 1이 필요해요.")
    raise _unfit("Upload-Length", needed)


def number(request: Request, name: str) -> int:
    said = request.headers.get(name, "")
    if not (said.isascii() and said.isdigit()) or len(said) > LONGEST_NUMBER:
        raise _unfit(name, Text("It has to be a number of bytes.", "바이트 수여야 해요."))
    return int(said)


def has_piece(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == PIECE


def metadata(said: str) -> dict[str, str]:
    """Names and values of `Upload-Metadata`."""
    found: dict[str, str] = {}
    if len(said) > LONGEST_METADATA:
        raise _unfit("Upload-Metadata", Text("It is too long.", "너무 길어요."))
    for pair in filter(None, (one.strip() for one in said.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value.strip(), validate=True).decode(errors="replace")
        except (binascii.Error, ValueError):
            raise _unfit("Upload-Metadata", Text("Its values have to be base64.", "값은 base64여야 해요.")) from None
    return found


def checksum(request: Request) -> tuple[Any, bytes] | None:
    """What sums the body up, and what it has to come to."""
    said = request.headers.get("upload-checksum")
    if said is None:
        return None
    algorithm, _, value = said.partition(" ")
    try:
        expected = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        expected = b""
    if algorithm not in ALGORITHMS or not expected:
        known = ", ".join(ALGORITHMS)
        fit = Text(
            f"An algorithm, a space, and the digest in base64. There are: {known}.",
            f"알고리즘, 빈칸, base64로 쓴 값이 와야 해요. 쓸 수 있는 알고리즘: {known}.",
        )
        raise _unfit("Upload-Checksum", fit)
    return hashlib.new(algorithm, usedforsecurity=False), expected


def _unfit(name: str, why: Text) -> InvalidRequest:
    return InvalidRequest(Text(f"{name}: {why.en}", f"{name}: {why.ko}"), field=name)

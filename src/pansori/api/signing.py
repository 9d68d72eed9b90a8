"""Addresses that whoever has them may read, until they expire: the signature stands in for a login.

What is signed is the thing and the moment, so that one signature is good for every address of the thing: its sound,
its facts, its page. HMAC with SHA-256 under a key of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import Request

from pansori.domain.errors import Forbidden, LinkExpired, Text
from pansori.settings import Settings

PURPOSE = "signed links"  #: what the key is derived for
EXPIRES, SIGNATURE = "expires", "signature"  #: in the address


class Signer:
    """`key`: 32 bytes that all servers of the installation share."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def query(self, thing: str, expires: datetime) -> str:
        """What an address of `thing` needs to be read without a login until then, in whole seconds."""
        moment = int(expires.timestamp())
        return urlencode({EXPIRES: moment, SIGNATURE: self._signature(thing, str(moment))})

    def check(self, thing: str, query: Mapping[str, str], now: datetime) -> datetime:
        """When the link expires. Raises `Forbidden` for one that was not made here, `LinkExpired` for one whose time
        is over."""
        moment, given = query.get(EXPIRES, ""), query.get(SIGNATURE, "")
        if not hmac.compare_digest(given.encode(errors="surrogatepass"), self._signature(thing, moment).encode()):
            raise Forbidden(
                Text("The link is not one of ours, or not all of it.", "올바른 링크가 아니거나 일부가 잘렸어요."),
                cure=Text("Ask whoever sent it for a new one.", "보내 준 분에게 새 링크를 부탁하세요."),
            )
        expires = datetime.fromtimestamp(int(moment), UTC)  # signed, so it is a number of ours
        if expires <= now:
            raise LinkExpired(
                Text("The link has expired.", "링크의 기한이 지났어요."),
                cure=Text("Ask whoever sent it for a new one.", "보내 준 분에게 새 링크를 부탁하세요."),
            )
        return expires

    def _signature(self, thing: str, moment: str) -> str:
        digest = hmac.digest(self._key, f"{thing}\n{moment}".encode(errors="surrogatepass"), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def is_signed(request: Request) -> bool:
    return SIGNATURE in request.query_params


def public_address(settings: Settings, request: Request, path: str) -> str:
    """`path` as others are to call it."""
    return (settings.public_url or str(request.base_url)).rstrip("/") + path

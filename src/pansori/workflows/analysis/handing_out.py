"""What an analysis server that is asked for help is handed: where the recording is read, and where it calls back.

Both addresses are good for whoever has them, and for nothing else: a signature stands in for a login.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from pansori.domain.errors import ConfigurationError, Forbidden, LinkExpired, Text
from pansori.domain.units import Seconds
from pansori.media import AssetInfo, Assets
from pansori.settings import Settings

WEBHOOK: Final = "/tokens/webhook/analysis-complete"
RECORDINGS: Final = "/v1/recordings"
PURPOSE: Final = "handed out for analyses"  #: what the key is derived for
READ_TTL: Final = Seconds(3600.0)  #: how long a recording may be read, or as long as one waits for the server
READ_MOST: Final = Seconds(7 * 86_400.0)  #: S3 signs nothing for longer
EVERYWHERE: Final = ("0.0.0.0", "::", "")  # noqa: S104 - where a server listens on loopback as well


class Handout:
    """`key_of`: gives the 32 bytes for a purpose that all processes of the installation share."""

    def __init__(self, settings: Settings, assets: Assets, key_of: Callable[[str], bytes]) -> None:
        self._settings = settings
        self._assets = assets
        self._key_of = key_of

    def recording(self, asset_id: UUID, owner: UUID) -> tuple[AssetInfo, str]:
        """A file of that owner, and a URL at which anybody may read it for an hour, or for as long as the server that
        is asked may take: the store's own where it has one. Raises `NotFound`; `ConfigurationError` where nobody could
        read it."""
        with self._assets.database.read() as session:
            info = self._assets.info(session, asset_id, owner=owner)
            now = self._assets.database.now(session)
        ttl = Seconds(min(max(READ_TTL, self._settings.remote_timeout), READ_MOST))
        link = self._assets.store.signed_url(info.key, ttl, media_type=info.media_type)
        if link is not None:
            return info, link
        expires = str(int((now + timedelta(seconds=ttl)).timestamp()))
        query = urlencode({"expires": expires, "signature": self._signature("read", str(info.id), expires)})
        return info, f"{self._base()}{RECORDINGS}/{info.id}?{query}"

    def check_reading(self, asset_id: str, query: Mapping[str, str], now: datetime) -> None:
        """Raises `Forbidden` for an address that was not handed out, `LinkExpired` for one whose time is over."""
        expires = query.get("expires", "")
        if not self._is_ours(query.get("signature", ""), "read", asset_id, expires):
            raise _not_ours()
        if datetime.fromtimestamp(int(expires), UTC) <= now:  # signed, so it is a number of ours
            raise LinkExpired(Text("The link has expired.", "링크의 기한이 지났어요."))

    def webhook(self, job_id: UUID, step: str) -> str:
        """Where the result of a job's step is to be sent. Raises `ConfigurationError` where nobody could send it."""
        address = self._settings.webhook_url or self._base() + WEBHOOK
        query = urlencode({"job_id": str(job_id), "token": self._signature("webhook", str(job_id), step)})
        return f"{address}{'&' if urlsplit(address).query else '?'}{query}"

    def check_webhook(self, job_id: UUID, step: str, token: str) -> None:
        """Raises `Forbidden` unless it is the token of the address that was handed out for this step."""
        if not self._is_ours(token, "webhook", str(job_id), step):
            raise _not_ours()

    def _base(self) -> str:
        """This server as others are to call it."""
        settings = self._settings
        if settings.public_url:
            return settings.public_url.rstrip("/")
        if settings.webhook_url:
            told = urlsplit(settings.webhook_url)
            return f"{told.scheme}://{told.netloc}"
        if settings.port == 0:
            raise ConfigurationError(
                Text("The analysis server cannot be told where to call back.", "분석 서버에 알려 줄 주소가 없어요."),
                field="WEBHOOK_URL",
                cure=Text("Set WEBHOOK_URL or PANSORI_PUBLIC_URL.", "WEBHOOK_URL이나 PANSORI_PUBLIC_URL을 설정하세요."),
            )
        host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
        return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"

    def _is_ours(self, given: str, *said: str) -> bool:
        return hmac.compare_digest(given.encode(errors="surrogatepass"), self._signature(*said).encode())

    def _signature(self, *said: str) -> str:
        told = "\n".join(said).encode(errors="surrogatepass")
        digest = hmac.digest(self._key_of(PURPOSE), told, hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _not_ours() -> Forbidden:
    return Forbidden(
        Text("The address is not one that was handed out here.", "이 서버가 내준 주소가 아니거나 일부가 잘렸어요.")
    )

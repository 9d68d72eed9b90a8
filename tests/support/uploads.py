"""A server in this process, clients that leave in the middle, and what is left in the store."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import delete, select

from pansori.api import create_app
from pansori.bootstrap import assemble
from pansori.db.tables import Asset, Upload
from pansori.domain.units import Seconds
from pansori.settings import Settings
from pansori.workflows import Services
from support.tables import furnish

MEBIBYTE = 1024 * 1024
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}


@dataclass
class House:
    """One installation's server. `client` asks it."""

    services: Services
    app: Any
    client: httpx.AsyncClient

    def keys(self) -> list[str]:
        """Of everything that the store holds."""
        return sorted(self.services.store.keys())

    def rows(self) -> list[Asset]:
        with self.services.database.read() as session:
            return list(session.scalars(select(Asset)))

    def uploads(self) -> list[Upload]:
        with self.services.database.read() as session:
            return list(session.scalars(select(Upload)))

    async def begin(self, size: int | None, name: str = "소리.wav", **headers: str) -> str:
        """Create an upload by tus, and return its path."""
        said = {"Upload-Length": str(size)} if size is not None else {"Upload-Defer-Length": "1"}
        metadata = {"Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}
        answer = await self.client.post("/v1/uploads/tus", headers={**TUS, **said, **metadata, **headers})
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    async def patch(self, path: str, offset: int, data: bytes, **headers: str) -> httpx.Response:
        told = {**PIECE, "Upload-Offset": str(offset), **headers}
        return await self.client.patch(path, content=data, headers=told)

    async def offset(self, path: str) -> int:
        answer = await self.client.head(path, headers=TUS)
        assert answer.status_code == 200
        return int(answer.headers["Upload-Offset"])

    async def leave(self, method: str, path: str, headers: dict[str, str], chunks: Iterable[bytes]) -> None:
        """Send a request whose client leaves after these chunks."""
        messages: list[dict[str, Any]] = [
            {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
        ]

        async def receive() -> dict[str, Any]:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(_message: Any) -> None:
            """Nobody reads it."""

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [
                (name.lower().encode(), value.encode()) for name, value in {"Host": "localhost", **headers}.items()
            ],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }
        await self.app(scope, receive, send)


@dataclass
class UploadServer:
    """A server of an installation, in this process, for several tests."""

    services: Services
    app: Any

    @asynccontextmanager
    async def open(self) -> AsyncIterator[House]:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client:
            yield House(self.services, self.app, client)

    def clear(self) -> None:
        """Forget all files, for the next test."""
        with self.services.database.write() as session:
            session.execute(delete(Upload))
            session.execute(delete(Asset))
        for key in list(self.services.store.keys()):
            self.services.store.delete(key)
        self.services.store.sweep_unfinished(Seconds(-60.0))


@contextmanager
def serving_uploads(settings: Settings) -> Iterator[UploadServer]:
    services = assemble(settings)
    furnish(services.database)
    try:
        yield UploadServer(services, create_app(services))
    finally:
        services.close()

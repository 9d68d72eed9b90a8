"""The peer of `latency`, `idle` and `streams`: the same web server, with routes that do nothing else.

`python -m bench.bare_http PORT`: `GET /` answers, `GET /events` is a stream, `POST /tell` tells all streams its body.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route


class Speaker:
    """What was told last, and whoever waits for the next."""

    def __init__(self) -> None:
        self._next: asyncio.Future[bytes] | None = None

    def tell(self, said: bytes) -> None:
        if self._next is not None:
            self._next.set_result(said)
        self._next = None

    async def stream(self) -> AsyncIterator[bytes]:
        yield b": hello\n\n"
        while True:
            if self._next is None:
                self._next = asyncio.get_running_loop().create_future()
            yield b"data: " + await asyncio.shield(self._next) + b"\n\n"


speaker = Speaker()


async def answer(_request: Request) -> Response:
    return PlainTextResponse("here")


async def events(_request: Request) -> Response:
    return StreamingResponse(speaker.stream(), media_type="text/event-stream")


async def tell(request: Request) -> Response:
    speaker.tell(await request.body())
    return PlainTextResponse("told")


app = Starlette(routes=[Route("/", answer), Route("/events", events), Route("/tell", tell, methods=["POST"])])

if __name__ == "__main__":
    config = uvicorn.Config(app, port=int(sys.argv[1]), log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run()

"""Bodies of any size, handed on in bounded memory: one block is stored while the next one comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from pansori.api.deps import Server
from pansori.domain.errors import PansoriError
from pansori.domain.units import Bytes, Seconds

BLOCK: Final = Bytes(1024 * 1024)
TICK: Final = Seconds(2.0)
DRAINED: Final = Bytes(8 * 1024 * 1024)  #: of a refused body: most clients look at the answer when they have sent all
DRAINING: Final = Seconds(2.0)

Take = Callable[[bytes], object]
Tick = Callable[[Seconds], object]


async def pump(server: Server, request: Request, take: Take, *, tick: Tick | None = None) -> None:
    """Hand the request's body to `take`, on a thread, in order, in blocks of about 1 MiB. When this ends, whatever way,
    no call of it is under way, and all that came was handed to it, unless it raised.

    `tick` is told now and then, between two blocks, for how long nothing has come; where it raises, so does this. Else
    raises what `take` raises, `ClientDisconnect` for a client that left, and 408 for one that fell silent.
    """
    pump = _Pump(server, request, take, tick)
    try:
        async with asyncio.timeout(server.patience) as deadline:
            await pump.run(deadline)
    except TimeoutError:
        await pump.finish()
        raise pump.refusal or HTTPException(408) from None
    except ClientDisconnect:
        await pump.finish()
        raise
    finally:
        await pump.settle()


class _Pump:
    def __init__(self, server: Server, request: Request, take: Take, tick: Tick | None) -> None:
        self._server, self._request, self._take, self._tick = server, request, take, tick
        self._busy: asyncio.Task[object] | None = None
        self._chunks: list[bytes] = []
        self._size = 0
        self._heard = asyncio.get_running_loop().time()
        self.refusal: PansoriError | None = None

    async def run(self, deadline: asyncio.Timeout) -> None:
        loop = asyncio.get_running_loop()
        watching = asyncio.create_task(self._watch(deadline)) if self._tick is not None else None
        try:
            async for chunk in self._request.stream():
                self._chunks.append(chunk)
                self._size += len(chunk)
                if self._size >= BLOCK:
                    await self._hand_on()
                self._heard = loop.time()
                deadline.reschedule(self._heard + self._server.patience)
        finally:
            if watching is not None:
                watching.cancel()
                await asyncio.wait([watching])
        deadline.reschedule(None)
        await self.finish()

    async def finish(self) -> None:
        """Hand on what came last."""
        if self._busy is None or not self._busy.done() or self._busy.exception() is None:
            await self._hand_on()
            await self._wait()

    async def settle(self) -> None:
        if self._busy is not None and not self._busy.done():
            await asyncio.wait([self._busy])

    async def _hand_on(self) -> None:
        await self._wait()
        if self._size:
            block = b"".join(self._chunks)
            self._chunks, self._size = [], 0
            self._busy = asyncio.create_task(self._server.receive(self._take, block))

    async def _wait(self) -> None:
        if self._busy is not None:
            await self._busy
            self._busy = None

    async def _watch(self, deadline: asyncio.Timeout) -> None:
        """Ask `tick` whether to go on."""
        assert self._tick is not None
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK)
            if self._busy is not None and not self._busy.done():
                continue  # which is a sign of life itself
            try:
                await self._server.receive(self._tick, Seconds(loop.time() - self._heard))
            except PansoriError as error:
                self.refusal = error
                deadline.reschedule(loop.time())
                return


async def drain(request: Request) -> None:
    """Read what is left of a body that was refused, as far as that is soon done."""
    read = 0
    with suppress(ClientDisconnect, TimeoutError, RuntimeError, HTTPException):
        async with asyncio.timeout(DRAINING):
            async for chunk in request.stream():
                read += len(chunk)
                if read > DRAINED:
                    return

"""`/v1/voice`: a conversation by voice over a WebSocket. See docs/voice.md for what the two sides tell each other."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any, Final, cast
from uuid import UUID

from fastapi import Request, WebSocket, WebSocketDisconnect
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from pansori.api.deps import Server, seen
from pansori.api.language import language_of
from pansori.api.problems import failure, tell
from pansori.api.routing import Router
from pansori.db import AWAY
from pansori.domain.errors import InvalidRequest, PansoriError, Text
from pansori.domain.units import Bytes, Seconds
from pansori.domain.words import explain
from pansori.workflows import voice

log = logging.getLogger(__name__)
live = voice.live

LARGEST_FRAME: Final = Bytes(256 * 1024)  #: seconds of sound at any rate; larger ones end the connection (1009)
SOCKETS: Final[dict[str, Any]] = {
    "ws": "websockets-sansio",
    "ws_max_size": LARGEST_FRAME,
    "ws_per_message_deflate": False,  # sound does not grow smaller by it
}
"""How uvicorn is to speak WebSocket."""
LOOK_EVERY: Final = Seconds(3.0)  #: whether whoever speaks is still logged in
CROWDED: Final = Seconds(0.1)  #: between two looks whether a client reads again what it is sent
MOST_FAULTS: Final = 20  #: messages without sense in a row, after which the connection ends
GOOD_BYE: Final = Seconds(5.0)  #: that one who does not read may take to hear the last message

NORMAL, GOING_AWAY, POLICY, FAULT, TRY_LATER = 1000, 1001, 1008, 1011, 1013  #: RFC 6455 §7.4.1, and its registry
LEFT: Final = frozenset({NORMAL, GOING_AWAY})  #: how a client closes that does not come back
CODES: Final = {"stopped": NORMAL, "idle": NORMAL, "replaced": NORMAL, "closing": GOING_AWAY, "logged_out": POLICY}

START_FIRST: Final = Text(
    "The first message has to be {“type”: “start”}.", "먼저 {“type”: “start”} 메시지를 보내 주세요."
)
NO_SUCH: Final = Text("There is no message of this type.", "그런 종류의 메시지는 없어요.")
KNOWN: Final = Text(
    "Send one of: start, speech_end, text, cancel, played, stop.",
    "다음 중 하나를 보내 주세요: start, speech_end, text, cancel, played, stop.",
)
NO_JSON: Final = Text("This message is not a JSON object.", "JSON 객체가 아닌 메시지예요.")

router = Router()


@router.websocket("/v1/voice")
async def converse(websocket: WebSocket) -> None:
    server: Server = websocket.app.state.server
    request = cast(Request, websocket)  # both are connections with headers and cookies, which is all that is looked at
    try:
        viewer = await seen(request)
        owner = viewer.known("write").id
    except PansoriError as error:
        await _refuse(websocket, error)
        return
    await websocket.accept()
    await _Connection(websocket, server, owner).run()


async def _refuse(websocket: WebSocket, error: Exception) -> None:
    """Answer the handshake as any request would be answered."""
    request = cast(Request, websocket)
    answer: Response = tell(request, failure(error, language_of(request)))
    await websocket.send_denial_response(answer)


class _Connection:
    def __init__(self, websocket: WebSocket, server: Server, owner: UUID) -> None:
        self._websocket = websocket
        self._server = server
        self._owner = owner
        self._faults = 0
        self._stopped = False

    async def run(self) -> None:
        sessions = self._server.sessions
        seat = await self._opened()
        if seat is None:
            return
        talk, reader = seat
        over = False
        try:
            over = await self._talk(talk, reader)
        finally:
            await run_in_threadpool(sessions.end if over else sessions.leave, talk, reader)

    async def _opened(self) -> live.Seat | None:
        """The conversation that the first message begins or takes up again."""
        try:
            message = await asyncio.wait_for(self._received(), self._server.to_start)
            if not isinstance(message, live.Start):
                raise InvalidRequest(START_FIRST, field="type")
            return await self._server.open(self._server.sessions.open, self._owner, message)
        except WebSocketDisconnect:
            return None
        except TimeoutError:
            await self._end(live.Failed.of(InvalidRequest(START_FIRST, field="type")), POLICY)
        except PansoriError as error:
            await self._end(live.Failed.of(error), TRY_LATER if error.code == "busy" else POLICY)
        except Exception as error:
            if not isinstance(error, AWAY):
                log.exception("a conversation could not be begun")
            await self._end(_fault(error), TRY_LATER)
        return None

    async def _talk(self, talk: live.Live, reader: int) -> bool:
        """Until one side ends it. Returns whether it is over, and not only the connection."""
        parts = self._send(talk.outbox, reader), self._receive(talk, reader), self._watch()
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            ends = [task.result() for task in done]  # of all that have ended: what one raised is not lost
            return any(ends)
        except WebSocketDisconnect:  # what was to be sent found nobody
            return False
        except Exception as error:
            if not isinstance(error, AWAY):
                log.exception("a conversation broke off")
            await self._end(_fault(error), FAULT)
            return False
        finally:
            talk.outbox.leave(reader)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # -- sending ------------

    async def _send(self, outbox: live.Outbox, reader: int) -> bool:
        """What the conversation says, until it says good-bye, or says it to another connection."""
        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def changed() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and so has the connection
                loop.call_soon_threadsafe(news.set)

        outbox.listen(reader, changed)
        with contextlib.suppress(RuntimeError):  # it was closed by who watches
            while outbox.reader == reader:
                news.clear()
                while (message := outbox.next(reader)) is not None:
                    await self._websocket.send_text(message.text)
                    if message.sound:
                        await self._websocket.send_bytes(message.sound)
                    if isinstance(message.event, live.Bye):
                        await self._websocket.close(CODES[message.event.reason], message.event.reason)
                        return True
                await news.wait()
            await self._end(live.Bye(reason="replaced"), CODES["replaced"])
        return False

    async def _end(self, event: live.Event, code: int) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self._websocket.send_text(json.dumps(event.model_dump(mode="json", exclude_none=True)))
            await self._websocket.close(code)

    # -- receiving ------------

    async def _receive(self, talk: live.Live, reader: int) -> bool:
        """What the client says, one thing after the other: while one is being heard, no other is read."""
        while talk.outbox.reader == reader:
            try:
                async with asyncio.timeout(self._server.idle):
                    while talk.is_crowded:
                        await asyncio.sleep(CROWDED)
                    message = await self._received()
            except WebSocketDisconnect as gone:
                return gone.code in LEFT
            except TimeoutError:
                return await self._finish(talk, "idle")
            except PansoriError as error:
                self._refused(talk, error)
            else:
                if talk.outbox.reader == reader:
                    await self._take(talk, message)
            if self._stopped or self._faults >= MOST_FAULTS:
                return await self._finish(talk, "stopped")
        return await self._until_sent()

    async def _take(self, talk: live.Live, message: live.Asked | bytes) -> None:
        try:
            if isinstance(message, live.Stop):
                self._stopped = True
            elif isinstance(message, bytes):
                await self._server.listening.work(talk.since, talk.hear, message)
            else:
                await self._server.listening.work(0.0, talk.ask, message)
        except PansoriError as error:
            self._refused(talk, error)
        else:
            self._faults = 0

    def _refused(self, talk: live.Live, error: PansoriError) -> None:
        talk.outbox.put(live.Failed.of(error))
        self._faults += 1

    async def _finish(self, talk: live.Live, reason: str) -> bool:
        await run_in_threadpool(talk.close, reason)
        return await self._until_sent()

    async def _until_sent(self) -> bool:
        """Sending ends the connection, unless nobody reads. Returns that it is over."""
        await asyncio.sleep(GOOD_BYE)
        return True

    async def _received(self) -> live.Asked | bytes:
        """Raises `InvalidRequest` for what is no message, `WebSocketDisconnect`."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", NORMAL))
        if message.get("bytes") is not None:
            return bytes(message["bytes"])
        return parsed(message.get("text") or "")

    async def _watch(self) -> bool:
        """End with the login by which it was begun."""
        is_still_in: Any = getattr(self._websocket.state, "is_still_in", None)
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if is_still_in is None:
                continue
            with contextlib.suppress(*AWAY):
                if not await run_in_threadpool(is_still_in):
                    await self._end(live.Bye(reason="logged_out"), POLICY)
                    return True


def _fault(error: Exception) -> live.Failed:
    """What is told of an error of ours."""
    told = failure(error, "en"), failure(error, "ko")
    return live.Failed(code=told[0].code, message=told[0].detail, message_ko=told[1].detail)


def parsed(text: str) -> live.Asked:
    """Raises `InvalidRequest` naming the field."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(NO_JSON) from error
    if not isinstance(content, dict):
        raise InvalidRequest(NO_JSON)
    try:
        return live.ASKED.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"].startswith("union_tag"):
            raise InvalidRequest(NO_SUCH, field="type", cure=KNOWN) from error
        where = [str(part) for part in first["loc"]]
        field = where[-1] if len(where) > 1 else "type"
        words = explain(first["type"], first["msg"], first.get("ctx", {}))
        raise InvalidRequest(Text(f"{field}: {words.en}", f"{field}: {words.ko}"), field=field) from error

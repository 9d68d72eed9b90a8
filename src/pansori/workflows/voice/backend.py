"""The voice backend of the document: it fetches what was heard, has it answered and spoken, and keeps every turn.

Whatever was obtained is written before the next thing is tried. So it is there whichever part fails then, and when this
process dies.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from pansori.domain.errors import Conflict, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Bytes
from pansori.library import turns
from pansori.library.turns import TurnView
from pansori.media import one_line
from pansori.telemetry import FIELDS
from pansori.workflows.services import Services
from pansori.workflows.voice.keeping import ORIGIN, Timing, end_turn, keep_sound, timed
from pansori.workflows.voice.latest import ask_latest, copy_sound
from pansori.workflows.voice.parts import Choice, Parts
from pansori.workflows.voice.replying import Replies
from pansori.workflows.voice.turn import ANSWERING, HEAR, SAY

log = logging.getLogger(__name__)

SHOWN: Final = 200  #: characters of what was said that the log repeats
NOTHING_TO_SAY: Final = Text(
    "There is nothing to say yet: call GET /atot and GET /ttot first.",
    "아직 말할 것이 없어요. 먼저 GET /atot과 GET /ttot을 불러 주세요.",
)


@dataclass(frozen=True)
class Ended:
    """A turn that is kept. `failed`: the stage that failed, and why."""

    turn: TurnView | None
    failed: tuple[str, PansoriError] | None = None


@dataclass(frozen=True)
class _Obtained:
    """A turn as far as it came. `sound`: of the answer, a pending file; `timing`: how long that took."""

    turn: TurnView
    sound: UUID | None = None
    size: Bytes = Bytes(0)  # noqa: RUF009 - a number
    timing: Timing | None = None
    failed: tuple[str, PansoriError] | None = None


class VoiceBackend:
    """One user's turns. `number`: who speaks, among the users of the account `owner`."""

    def __init__(self, services: Services, owner: UUID, number: int) -> None:
        self._services = services
        self._owner = owner
        self._number = number
        self.choice = Choice.of(services.settings, documented=True)
        self._parts = Parts(services.registry, services.settings, self.choice, user=number)
        self._replies = Replies(services, self._parts, owner, number)

    def atot(self) -> TurnView:
        """Take up what the user said last. Raises `NotFound` where that is nothing, a `NetworkError`."""
        return self._copied(self._heard())

    def ttot(self) -> TurnView:
        """Have the current turn answered. Raises `NotFound` where there is none, `InvalidRequest` where nothing was
        said in it, an `EngineError`, a `NetworkError`."""
        return self._answered(self._current())

    def speak(self) -> Ended:
        """Have the answer spoken, and keep the turn. Raises `Conflict` where there is no answer."""
        turn = self._current()
        if not turn.reply:
            raise Conflict(NOTHING_TO_SAY)
        if turn.state in ("done", "failed"):  # once more: another turn, for the sound of each is kept
            with self._services.database.write() as session:
                timings = {name: one for name, one in turn.timings.items() if name != SAY}
                turn = turns.repeat(session, self._owner, turn, reply=turn.reply, timings=timings)
        return self._end(self._spoken(turn))

    def run(self, *, here: bool = False) -> Ended:
        """All three at once. What fails ends the turn, which keeps what was obtained. `here`: what the user said last
        was heard by this program, though the installation has another server for that."""
        self._log("🚀 전체 파이프라인 시작")
        try:
            turn = self._take() if here else self._heard()
        except PansoriError as error:
            return Ended(None, (HEAR, self._failed(error)))
        try:
            turn = self._answered(turn)
        except PansoriError as error:
            return self._end(_Obtained(self._copied(turn), failed=(ANSWERING, self._failed(error))))
        with ThreadPoolExecutor(1, thread_name_prefix="copy") as beside:  # there is time while it is spoken
            copied = beside.submit(copy_context().run, self._copied, turn)
            obtained = self._spoken(turn)
            obtained = replace(obtained, turn=replace(obtained.turn, input_id=copied.result().input_id))
        ended = self._end(obtained)
        if ended.failed is None:
            self._log("✅ 전체 파이프라인 완료!", ended.turn)
        return ended

    # -- stages ------------

    def _heard(self) -> TurnView:
        self._log("1️⃣  ATOT 서버 호출 중...")
        with timed() as timing:
            turn = ask_latest(self._services, self._owner, self._number) if self.choice.elsewhere else self._take()
        self._log(f"✅ ATOT 완료: {_short(turn.heard)}", turn, timing)
        return turn

    def _copied(self, turn: TurnView) -> TurnView:
        return copy_sound(self._services, self._owner, turn) if self.choice.elsewhere else turn

    def _take(self) -> TurnView:
        with self._services.database.write() as session:
            return turns.take(session, self._owner, self._number)

    def _answered(self, turn: TurnView) -> TurnView:
        self._log("2️⃣  TTOT 서버 호출 중...", turn)
        with timed() as timing, self._services.kernel.folder() as folder:
            reply = self._replies.answer(
                turn.heard or "",
                folder,
                before=turn.created_at,
                key=str(turn.id),
                conversation_id=turn.conversation_id,
            )
        turn = self._replied(replace(turn, reply=reply, timings={**turn.timings, ANSWERING: timing.told()}))
        self._log(f"✅ TTOT 완료: {_short(reply)}", turn, timing)
        return turn

    def _spoken(self, turn: TurnView) -> _Obtained:
        self._log("3️⃣  TTS 처리 및 DB 저장 중...", turn)
        timing, size, sound, failed = Timing(), 0, None, None
        try:
            with timed() as timing, self._services.kernel.folder() as folder:
                spoken = self._parts.say(turn.reply or "", folder, manner=self._replies.manner())
                sound, size = keep_sound(self._services, self._owner, spoken), spoken.path.stat().st_size
        except PansoriError as error:
            failed = SAY, self._failed(error)
        turn = replace(turn, timings={**turn.timings, SAY: timing.told()})
        return _Obtained(turn, sound, Bytes(size), timing, failed)

    def _end(self, obtained: _Obtained) -> Ended:
        with self._services.database.write() as session:
            kept = end_turn(
                self._services,
                session,
                self._owner,
                obtained.turn,
                choice=self.choice,
                origin=ORIGIN,
                sound=obtained.sound,
                failed=obtained.failed,
            )
        self._services.kernel.wake()
        if obtained.failed is None:
            size = obtained.size
            self._log(f"✅ TTS 성공: {kept.output_path}, 크기: {size} bytes", kept, obtained.timing, size=size)
        return Ended(kept, obtained.failed)

    # -- rows ------------

    def _current(self) -> TurnView:
        with self._services.database.read() as session:
            return turns.current(session, self._owner, self._number)

    def _replied(self, turn: TurnView) -> TurnView:
        """With its reply kept; where the turn is over already, as another one."""
        known: JsonDict = {"reply": turn.reply, "timings": turn.timings}
        with self._services.database.write() as session:
            is_open = turns.change(session, self._owner, turn.id, **known)
            return turn if is_open else turns.repeat(session, self._owner, turn, **known)

    # -- the log ------------

    def _log(self, message: str, turn: TurnView | None = None, timing: Timing | None = None, **fields: Any) -> None:
        told: JsonDict = {"user_id": self._number, **fields}
        if turn is not None:
            told["turn_id"] = str(turn.id)
        if timing is not None:
            told["seconds"] = round(timing.seconds, 3)
        log.info("%s", message, extra={FIELDS: told})

    def _failed(self, error: PansoriError) -> PansoriError:
        log.warning("%s", error.message.ko, extra={FIELDS: {"user_id": self._number, "code": error.code}})
        return error


def _short(said: str | None) -> str:
    plain = one_line((said or "")[: 2 * SHOWN])
    return plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}…"

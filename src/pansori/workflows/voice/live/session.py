"""A live conversation: hears utterances in the sound that comes, answers each, and stops when somebody speaks again.

It is not queued: whoever speaks waits for it. Every turn is kept as a job that has ended.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

from pansori.db import AWAY, now
from pansori.domain.errors import InternalError, InvalidRequest, PansoriError, Text
from pansori.domain.tasks import Message, SpeakTask
from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HEARD_RATE, Listening, Transcript
from pansori.library import conversations, turns
from pansori.workflows.services import Services
from pansori.workflows.voice.acting import Acting, Manner
from pansori.workflows.voice.aside import Aside
from pansori.workflows.voice.live.journal import Journal
from pansori.workflows.voice.live.outbox import Outbox
from pansori.workflows.voice.live.sound import incoming
from pansori.workflows.voice.live.turn import LiveTurn, Question
from pansori.workflows.voice.live.utterance import BEFORE, LONGEST, Utterance
from pansori.workflows.voice.live.vocabulary import (
    Asked,
    Bye,
    Cancel,
    Done,
    Failed,
    Partial,
    Played,
    Ready,
    SpeechEnd,
    SpeechEnded,
    SpeechStarted,
    Start,
    Typed,
)
from pansori.workflows.voice.parts import Choice, Parts
from pansori.workflows.voice.users import meant

if TYPE_CHECKING:  # servers do not calculate before somebody speaks
    import numpy as np
    import numpy.typing as npt

log = logging.getLogger(__name__)

IN_LINE: Final = 8  #: turns that are begun, each of which waits for the one before it
AHEAD: Final = Seconds(5.0)  #: of sound that may come at once, as a microphone's does when a network has stood still
PIECE: Final = HEARD_RATE // 10  #: samples that are judged at once
STARTED_TWICE: Final = Text("The conversation has begun already.", "대화가 이미 시작됐어요.")
NOT_KEPT: Final = Text(
    "This turn was not kept: something went wrong here.", "서버에 문제가 생겨 이 대화가 저장되지 않았어요."
)
NOT_SPEAKING: Final = Text("Nobody is speaking.", "말하고 있지 않아요.")
TOO_LONG: Final = Text(
    f"You have spoken for {LONGEST:.0f} seconds on end, and that much is answered. Pause, or let go of the button, to "
    "be heard again.",
    f"{LONGEST:.0f}초 동안 이어 말해서 여기까지 듣고 답해요. 잠깐 멈추거나 버튼을 놓으면 다시 들어요.",
)


class Live:
    """One conversation of the account `owner`. Any thread may tell it things; it answers by `outbox`."""

    def __init__(self, services: Services, owner: UUID, start: Start) -> None:
        """Gets the engines ready, which may take a while. Raises what they refuse with, `NotFound`."""
        from pansori.dsp.vad import Endpointer  # servers do not calculate before somebody speaks

        settings = services.settings
        self.token = secrets.token_urlsafe(24)
        self.owner = owner
        self.outbox = Outbox()
        self._services = services
        self._start = start
        with services.database.read() as session:
            if start.conversation_id is not None:
                conversations.get(session, owner, start.conversation_id)
            self._number = meant(session, settings, owner, start.user_id)
        self._choice = Choice.of(settings)
        self._parts = Parts(services.registry, settings, self._choice, user=self._number)
        self._manner = Manner()
        self._incoming = incoming(start)
        self._endpoints = Endpointer(silence=start.silence)
        self._before: deque[npt.NDArray[np.float32]] = deque(maxlen=round(BEFORE * HEARD_RATE / PIECE) + 1)
        self._heard = 0  #: samples so far
        self._begun_at = time.perf_counter()
        self._turns = 0
        self._too_long = False  #: what is said while the button is held, which was taken to be over
        self._utterance: Utterance | None = None
        self._turn: LiveTurn | None = None
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._telling = threading.Lock()  #: of one thread at a time
        self._unfinished: set[int] = set()  #: numbers of turns
        self._get_ready()
        self.conversation_id = start.conversation_id or self._begun()
        self._journal = Journal(services, owner, self._number, self.conversation_id, self._choice)

    def _begun(self) -> UUID:
        """A new conversation; of one that cannot begin nothing is left."""
        with self._services.database.write() as session:
            return conversations.begin(session, self.owner).id

    def _get_ready(self) -> None:
        """Load what is needed, so that the first answer is as quick as the others."""
        speaker = self._parts.speaker
        speaker.check(
            SpeakTask(text="?", language=self._start.language, voice=self._start.voice), self._parts.options(speaker)
        )
        _ = self._parts.replier
        listening = self._listening()
        try:
            listening.finish()
        finally:
            listening.close()

    def greet(self, *, resumed: bool = False) -> None:
        engines = {"hear": self._choice.hear, "answer": self._choice.answer, "say": self._choice.say}
        self.outbox.put(
            Ready(session=self.token, conversation_id=self.conversation_id, resumed=resumed, engines=engines)  # type: ignore[arg-type]  # these three
        )

    # -- what is told ------------

    def hear(self, frame: bytes) -> None:
        """Sound. Raises `InvalidRequest`, and what the engine that hears fails with."""
        with self._telling:
            sound = self._incoming.decode(frame)
            for at in range(0, len(sound), PIECE):
                if not self.closed:
                    self._hear(sound[at : at + PIECE])

    def ask(self, message: Asked) -> None:
        """Anything else. Raises `InvalidRequest` for what makes no sense now."""
        with self._telling:
            if not self.closed:
                self._ask(message)

    def _ask(self, message: Asked) -> None:
        match message:
            case Played():
                if self._turn is not None and self._turn.number == message.turn:
                    self._turn.played(message.seconds)
            case Cancel():
                self._interrupt()
            case SpeechEnd():
                if self._utterance is None and not self._too_long:
                    raise InvalidRequest(NOT_SPEAKING, field="type")
                self._too_long = False
                self._end(Seconds(self._heard / HEARD_RATE))
            case Typed():
                self._interrupt()
                self._drop()
                self._turns += 1
                said = Transcript(
                    text=message.text.replace("\0", " "), language=self._start.language, duration=Seconds(0.0)
                )
                self._begin_turn(self._turns, lambda: said, None)
            case _:
                raise InvalidRequest(STARTED_TWICE, field="type")

    def close(self, reason: str = "stopped") -> None:
        """End it. The turn that goes on is broken off and kept. Any thread may call, more than once."""
        with self._telling:  # nothing is begun after it
            if self._closed.is_set():
                return
            self._closed.set()
            self._drop()
            if self._turn is not None and not self._turn.over.is_set():
                self._turn.interrupt()
            self.outbox.put(Bye(reason=reason))  # type: ignore[arg-type]  # one of them

    @property
    def is_crowded(self) -> bool:
        """More is said than is answered, or more is answered than is read: it is better to listen no more for a
        while."""
        return len(self._unfinished) >= IN_LINE or self.outbox.is_crowded

    @property
    def since(self) -> float:
        """When what is being said now was begun, by `perf_counter`; 0: nobody speaks. By that those who speak at once
        are heard in order. Who sends silence faster than it passes comes behind them all."""
        utterance, now = self._utterance, time.perf_counter()
        if utterance is not None:
            return utterance.since
        return now if self._heard / HEARD_RATE > now - self._begun_at + AHEAD else 0.0

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def wait(self, timeout: Seconds | None = None) -> None:
        """Until the last turn is kept."""
        if self._thread is not None:
            self._thread.join(timeout)

    # -- hearing ------------

    def _hear(self, samples: npt.NDArray[np.float32]) -> None:
        self._heard += len(samples)
        if not self._start.hands_free:
            self._push_to_talk(samples)
            return
        for edge in self._endpoints.feed(samples):
            if edge.kind == "started" and self._utterance is None:
                self._speech(edge.at)
            elif edge.kind == "ended" and self._utterance is not None:
                self._continue(samples)
                self._end(edge.at)
                self._before.append(samples)
                return
        self._before.append(samples)
        self._continue(samples)

    def _push_to_talk(self, samples: npt.NDArray[np.float32]) -> None:
        if self._too_long:
            return  # the button is still held: what was said so far is being answered
        if self._utterance is None:
            self._speech(Seconds((self._heard - len(samples)) / HEARD_RATE))
        self._continue(samples)

    def _speech(self, at: Seconds) -> None:
        """Somebody begins to speak: whatever is being said to them stops."""
        self._interrupt()
        self._turns += 1
        self._utterance = Utterance(self._turns, self._listening(), self._choice.hear)
        self.outbox.put(SpeechStarted(turn=self._turns, at=at))
        if self._start.hands_free:
            for piece in self._before:
                self._continue(piece)

    def _continue(self, samples: npt.NDArray[np.float32]) -> None:
        utterance = self._utterance
        if utterance is None:
            return
        try:
            changed = utterance.feed(samples)
        except Exception:  # whatever it is, what follows cannot be understood either
            self._drop()
            raise
        if changed:
            self.outbox.put(Partial(turn=utterance.number, text=utterance.partial))
        if utterance.duration >= LONGEST:
            self._too_long = not self._start.hands_free
            self.outbox.put(Failed.of(InvalidRequest(TOO_LONG), utterance.number))
            self._end(Seconds(self._heard / HEARD_RATE))

    def _drop(self) -> None:
        """Nobody answers what is being said."""
        utterance, self._utterance = self._utterance, None
        if utterance is not None:
            utterance.close()
            self.outbox.put(Done(turn=utterance.number, state="nothing"))

    def _end(self, at: Seconds) -> None:
        """What is said is over, unless it was already, by being too long."""
        utterance, self._utterance = self._utterance, None
        if utterance is None:
            return
        self.outbox.put(SpeechEnded(turn=utterance.number, at=at))
        before = {"speech_ended": Seconds(round(at - self._heard / HEARD_RATE, 6))}
        if utterance.first_at is not None:
            before["hear_first"] = Seconds(round(utterance.first_at - time.perf_counter(), 6))
        self._begin_turn(utterance.number, utterance.understand, utterance, before)

    def _listening(self) -> Listening:
        engine = self._parts.transcriber
        task = self._parts.listening_for(self._start.language)
        # nothing is written by one who listens: the folder is that of nobody
        context = Aside(self._services.kernel.scratch, self._services.settings, look=self._look)
        return engine.listen(task, self._parts.options(engine), context)

    def _look(self) -> None:
        """What was begun is heard to its end."""

    # -- answering ------------

    def _begin_turn(
        self,
        number: int,
        understand: Callable[[], Transcript],
        utterance: Utterance | None,
        before: dict[str, Seconds] | None = None,
    ) -> None:
        question = Question(number, understand, self._history, self._start.language, self._start.voice)
        turn = LiveTurn(question, self._parts, self._acting, self.outbox)
        turn.clock.marks.update(before or {})
        self._turn = turn
        self._unfinished.add(number)
        self._then(f"turn-{number}", partial(self._carry_out, turn, utterance))

    def _carry_out(self, turn: LiveTurn, utterance: Utterance | None) -> None:
        kept = None
        try:
            with self._services.kernel.folder() as folder, self._journal.entry(turn, utterance, folder) as entry:
                turn.run(folder, entry.begin)
                kept = entry.end()
        except PansoriError as error:
            self.outbox.put(Failed.of(error, turn.number))
        except Exception:
            log.exception("turn %s was not kept", turn.id)
            self.outbox.put(Failed.of(InternalError(NOT_KEPT), turn.number))
        finally:
            if utterance is not None:
                utterance.close()
            self._unfinished.discard(turn.number)
        self.outbox.put(turn.done(kept))

    def _interrupt(self) -> None:
        turn = self._turn
        if turn is None or not turn.is_going_on:
            return
        turn.interrupt()
        if turn.over.is_set():  # else it is kept with what was heard of it
            self._then(f"note-{turn.number}", partial(self._note, turn))

    def _note(self, turn: LiveTurn) -> None:
        try:
            self._journal.note(turn)
        except (PansoriError, *AWAY) as error:
            log.warning("it was not noted how much of turn %s was heard: %s", turn.id, error)

    def _then(self, name: str, work: Callable[[], None]) -> None:
        """In a thread of its own, after all that was begun before: whoever speaks waits for none of it."""
        thread = threading.Thread(target=_after, name=name, args=(self._thread, work), daemon=True)
        thread.start()
        self._thread = thread

    def _acting(self, turn_id: UUID) -> Acting:
        return Acting(self._services, self.owner, manner=self._manner, key=str(turn_id))

    def _history(self) -> tuple[Message, ...]:
        with self._services.database.read() as session:
            owner = self._journal.owner(session)
            return turns.history(
                session, owner, self._number, conversation_id=self.conversation_id, before=now(session)
            )


def _after(earlier: threading.Thread | None, work: Callable[[], None]) -> None:
    if earlier is not None:
        earlier.join()
    work()

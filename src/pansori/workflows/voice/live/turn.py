"""One turn of a live conversation: what was said is understood, answered, and the answer spoken while it is written."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from pansori.domain.errors import Cancelled, InternalError, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Message
from pansori.domain.units import Seconds
from pansori.engines.speak.base import SpokenPart
from pansori.engines.speak.script import pause_between
from pansori.engines.transcribe.base import Transcript
from pansori.lexicon.spoken import Sentences, with_words
from pansori.workflows.voice.acting import Acting, Manner
from pansori.workflows.voice.live.ahead import Ahead
from pansori.workflows.voice.live.outbox import Outbox
from pansori.workflows.voice.live.vocabulary import (
    Acted,
    Audio,
    Done,
    Failed,
    Interrupted,
    Reply,
    Understood,
    WordAt,
)
from pansori.workflows.voice.parts import Parts
from pansori.workflows.voice.turn import ANSWERING, HEAR, SAY

log = logging.getLogger(__name__)

AHEAD: Final = 3  #: sentences that are written while one is spoken
NEARLY: Final = Seconds(0.05)  #: before the end of an answer, from which on all of it counts as heard
INTERRUPTED: Final = Text("Somebody spoke.", "말이 끊겼어요.")
FAULT: Final = Text("It could not be answered, by a fault of the program.", "프로그램의 잘못으로 답하지 못했어요.")


@dataclass
class Clock:
    """When things happened, in seconds from the moment in which speech was found to be over."""

    zero: float = field(default_factory=time.perf_counter)
    marks: dict[str, Seconds] = field(default_factory=dict)
    stages: dict[str, JsonDict] = field(default_factory=dict)
    """As turns keep them: when each began, and how long it took."""

    def mark(self, name: str, *, once: bool = False) -> None:
        if not (once and name in self.marks):
            self.marks[name] = Seconds(round(time.perf_counter() - self.zero, 6))

    def stage(self, name: str, begun: datetime, seconds: float) -> None:
        self.stages[name] = {"at": begun.isoformat(), "seconds": round(seconds, 6)}


@dataclass(frozen=True)
class Question:
    """What is answered. `history`: looked up when it is needed."""

    number: int
    understand: Callable[[], Transcript]
    history: Callable[[], tuple[Message, ...]]
    language: str
    voice: str


class LiveTurn:
    """Carried out by `run`, in a thread of its own. Any thread may interrupt it."""

    def __init__(self, asked: Question, parts: Parts, acting: Callable[[UUID], Acting], outbox: Outbox) -> None:
        self.id = uuid4()
        self.number = asked.number
        self.clock = Clock()
        self.heard: Transcript | None = None
        self.reply = ""
        self.failed: tuple[str, PansoriError] | None = None
        self.interrupted: JsonDict | None = None
        """What was heard of the answer that was interrupted, and how many seconds."""
        self.pieces: list[SpokenPart] = []
        self._asked = asked
        self._parts = parts
        self._acting = acting(self.id)
        self._outbox = outbox
        self._told = 0  #: deeds
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._played: Seconds | None = None
        self._sounded_at: float | None = None
        self.over = threading.Event()
        """Nothing more of it will be sent."""

    @property
    def manner(self) -> JsonDict:
        """How it was heard and spoken, as the job's task has it."""
        spoken = self._acting.manner or Manner()
        told = {"language": self._asked.language, "voice": self._asked.voice}
        return {**told, "rate": spoken.rate, "volume": spoken.volume}

    # -- carried out ------------

    def run(self, folder: Path, heard: Callable[[LiveTurn], None]) -> None:
        """`heard` is called once it is understood what was said. Raises nothing: see `failed`."""
        stage = HEAR
        try:
            self._understand()
            if self.heard is None or not self.heard.text.strip():
                return
            heard(self)
            stage = ANSWERING
            self._look()
            self._answer(folder)
        except Exception as error:  # noqa: BLE001 - it is told, and what there was before it is kept
            if stage == ANSWERING and SAY in self.clock.stages:
                stage = SAY
            self._fail(stage, error)
        finally:
            self.clock.mark("total")
            self.over.set()

    def _fail(self, stage: str, error: Exception) -> None:
        if isinstance(error, Cancelled):
            if not self.pieces:
                self.failed = (stage, error)
            return
        if not isinstance(error, PansoriError):
            log.error("turn %s met an error", self.id, exc_info=error)
            error = InternalError(FAULT)
        self.failed = (stage, error)
        self._outbox.put(Failed.of(error, self.number))

    def _understand(self) -> None:
        begun, at = datetime.now(UTC), time.perf_counter()
        try:
            self.heard = self._asked.understand()
        finally:
            self.clock.stage(HEAR, begun, time.perf_counter() - at)
        self.clock.mark("hear_last")
        heard = self.heard
        if heard.engine:
            self.clock.stages[HEAR]["engine"] = heard.engine
        self._outbox.put(
            Understood(
                turn=self.number,
                text=heard.text,
                language=heard.language,
                confidence=heard.confidence,
                engine=heard.engine,
                notice=" ".join(one.en for one in heard.notices) or None,
                notice_ko=" ".join(one.ko for one in heard.notices) or None,
            )
        )

    def _answer(self, folder: Path) -> None:
        assert self.heard is not None, "it was understood"
        begun, at = datetime.now(UTC), time.perf_counter()
        spoken, spoke_at, before = 0.0, begun, ""
        with closing(Ahead(with_words(self._sentences(folder)), AHEAD)) as sentences, self._to_its_end():
            for number, sentence in enumerate(sentences):
                if not number:
                    self.clock.stage(ANSWERING, begun, time.perf_counter() - at)
                    spoke_at = datetime.now(UTC)
                if not sentence.strip():
                    continue
                from_ = time.perf_counter()
                try:
                    self._say(number, sentence, folder, pause_between(before, sentence) if before else Seconds(0.0))
                finally:
                    spoken += time.perf_counter() - from_
                    self.clock.stage(SAY, spoke_at, spoken)
                before = sentence
        self.clock.mark("say_last")

    @contextmanager
    def _to_its_end(self) -> Iterator[None]:
        """Where speaking fails, nobody waits for more to be written."""
        try:
            yield
        except BaseException:
            self._stop.set()
            raise

    def _sentences(self, folder: Path) -> Iterator[str]:
        """The answer, sentence by sentence. In the thread that is ahead."""
        assert self.heard is not None, "it was understood"
        asked, sentences = self._asked, Sentences()
        language = self.heard.language if asked.language == "auto" else asked.language
        pieces = self._parts.answer(
            self.heard.text,
            folder,
            language=language or "auto",
            history=asked.history(),
            tools=self._acting.tools,
            look=self._look,
        )
        for piece in pieces:
            self.clock.mark("answer_first", once=True)
            self.reply += piece
            self._outbox.put(Reply(turn=self.number, delta=piece), look=self._look)
            self._tell_deeds()
            yield from sentences.feed(piece)
        self._tell_deeds()  # of which nothing more was said
        self.clock.mark("answer_last")
        yield from sentences.finish()

    def _tell_deeds(self) -> None:
        for deed in self._acting.done[self._told :]:
            self._outbox.put(Acted(turn=self.number, name=deed.name, facts=deed.facts))
            self._told += 1

    def _say(self, number: int, sentence: str, folder: Path, pause: Seconds) -> None:
        """`pause`: between the sentence before and this one, at the rate 1."""
        manner = self._acting.manner or Manner()
        parts = self._parts.speak(
            sentence,
            folder,
            language=self._asked.language,
            voice=self._asked.voice,
            rate=manner.rate,
            volume=manner.volume,
            look=self._look,
        )
        with closing(parts) as spoken:
            for part in spoken:
                self._send(number, part.after(pause / manner.rate))
                pause = Seconds(0.0)

    def _send(self, number: int, part: SpokenPart) -> None:
        words = tuple(WordAt(text=one.text, start=one.start, end=one.end) for one in part.words)
        event = Audio(
            turn=self.number, sentence=number, text=part.text, rate=part.rate, samples=len(part.samples), words=words
        )
        with self._lock:
            self.pieces.append(part)
            if self._sounded_at is None:
                self._sounded_at = time.perf_counter()
        self.clock.mark("say_first", once=True)
        self._outbox.put(event, part.pcm, look=self._look)

    def _look(self) -> None:
        if self._stop.is_set():
            raise Cancelled(INTERRUPTED)

    def tell(self, event: Failed) -> None:
        """Something about it went wrong that does not end it."""
        self._outbox.put(event)

    # -- interrupted ------------

    def played(self, seconds: Seconds) -> None:
        """Whoever listens has heard so much of the answer."""
        with self._lock:
            self._played = seconds

    @property
    def is_going_on(self) -> bool:
        """It is being answered, or the answer is still heard."""
        return self.interrupted is None and (not self.over.is_set() or self._listened() < self.duration)

    @property
    def duration(self) -> Seconds:
        return Seconds(sum(part.duration for part in self.pieces))

    def interrupt(self) -> None:
        """Stop at once, and tell what was heard of it."""
        if self.interrupted is not None:
            return
        self._stop.set()
        seconds = self._listened()
        with self._lock:
            heard = heard_of(self.pieces, seconds)
            self.interrupted = {"heard": heard, "seconds": round(seconds, 3)}
        self._outbox.drop_sound(self.number)
        self._outbox.put(Interrupted(turn=self.number, heard=heard, seconds=seconds))

    def _listened(self) -> Seconds:
        """How much of the answer was played: what was told, or else as much as time has passed since it began."""
        with self._lock:
            if self._sounded_at is None:
                return Seconds(0.0)
            passed = time.perf_counter() - self._sounded_at if self._played is None else self._played
        return self.duration if passed > self.duration - NEARLY else Seconds(passed)

    def done(self, turn_id: UUID | None) -> Done:
        marks: Mapping[str, Seconds] = self.clock.marks
        if turn_id is None:
            return Done(turn=self.number, state="nothing", timings=dict(marks))
        state = "interrupted" if self.interrupted else "failed" if self.failed else "done"
        return Done(turn=self.number, state=state, turn_id=turn_id, timings=dict(marks))  # type: ignore[arg-type]  # of these


def heard_of(pieces: list[SpokenPart], seconds: Seconds) -> str:
    """The words that were over by then; of sentences whose words' times are not known, those that were over."""
    found, at = [], 0.0
    for part in pieces:
        if at >= seconds:
            break
        if at + part.duration <= seconds:
            found.append(part.text)
        else:
            said = [word for word in part.words if at + word.end <= seconds]
            found.append(" ".join(word.text for word in said))
        at += part.duration
    return " ".join(" ".join(found).split())

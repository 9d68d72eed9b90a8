"""What is kept of a live conversation: each turn with its sound, as a job that has ended."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from pansori.domain.errors import PansoriError
from pansori.domain.jobs import JsonDict
from pansori.domain.media import AudioFormat
from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HEARD_RATE
from pansori.library import conversations, turns
from pansori.library.turns import TurnView
from pansori.media import encode
from pansori.workflows.services import Services
from pansori.workflows.voice.keeping import end_turn
from pansori.workflows.voice.live.turn import LiveTurn
from pansori.workflows.voice.live.utterance import Utterance
from pansori.workflows.voice.live.vocabulary import Failed
from pansori.workflows.voice.parts import Choice
from pansori.workflows.voice.sounds import ANSWER, path_of

ORIGIN: Final = "voice"
LIVE: Final = "live"  #: of a turn's timings: seconds from the moment in which speech was found to be over


class Journal:
    """Of one conversation. What it keeps is that of the conversation's owner: who logs in while they talk as a guest
    takes it along."""

    def __init__(self, services: Services, owner: UUID, number: int, conversation_id: UUID, choice: Choice) -> None:
        self._services = services
        self._owner = owner
        self._number = number
        self._conversation = conversation_id
        self._choice = choice

    @contextmanager
    def entry(self, turn: LiveTurn, utterance: Utterance | None, folder: Path) -> Iterator[Entry]:
        """Of one turn, whose sounds are written in `folder`. What it writes is written beside the turn, which waits
        for nothing of it."""
        with ThreadPoolExecutor(1, thread_name_prefix="journal") as beside:
            yield Entry(self, turn, utterance, folder, beside)

    def note(self, turn: LiveTurn) -> None:
        """The answer was interrupted after all of it was sent."""
        with self._services.database.write() as session:
            turns.rewrite(session, self.owner(session), turn.id, timings=timings_of(turn))

    def owner(self, session: Session) -> UUID:
        """Raises `NotFound` where their account is gone."""
        return conversations.owner_of(session, self._conversation)

    # -- an entry's parts ------------

    def store(self, name: str, path: Path, duration: Seconds) -> UUID:
        return self._services.assets.write(self._owner, name, path, duration=duration)

    def begin(self, turn: LiveTurn, sound: UUID | None) -> TurnView:
        heard = turn.heard
        values: JsonDict = {}
        if heard is not None:
            values = {"heard": heard.text, "language": "" if heard.language == "auto" else heard.language}
        with self._services.database.write() as session:
            owner = self.owner(session)
            if sound is not None:
                self._services.assets.commit(session, [sound], owner)
                info = self._services.assets.info(session, sound)
                values |= {"input_id": sound, "input_path": path_of(info)}
            conversations.touch(session, owner, self._conversation, heard.text if heard else "")
            return turns.add(
                session,
                owner,
                self._number,
                state="open",
                id=turn.id,
                conversation_id=self._conversation,
                timings=timings_of(turn),
                **values,
            )

    def end(self, turn: LiveTurn, row: TurnView, sound: UUID | None) -> None:
        with self._services.database.write() as session:
            # looked at only now: whoever interrupts it meanwhile notes so before this, or after it
            ended = replace(row, reply=turn.reply.replace("\0", "") or None, timings=timings_of(turn))
            end_turn(
                self._services,
                session,
                self.owner(session),
                ended,
                choice=self._choice,
                origin=ORIGIN,
                sound=sound,
                failed=turn.failed,
                manner=turn.manner,
            )
        self._services.kernel.wake()


class Entry:
    """A turn in the journal."""

    def __init__(
        self, journal: Journal, turn: LiveTurn, utterance: Utterance | None, folder: Path, beside: ThreadPoolExecutor
    ) -> None:
        self._journal = journal
        self._turn = turn
        self._utterance = utterance
        self._folder = folder
        self._beside = beside
        self._row: Future[TurnView] | None = None

    def begin(self, turn: LiveTurn) -> None:
        """Keep what was said, which is known now. Returns at once."""
        self._row = self._beside.submit(self._begin)

    def end(self) -> UUID | None:
        """Keep what became of it. None: nothing was said. Raises what keeps it from being kept."""
        if self._row is None and (self._utterance is None or self._turn.failed is None or self._turn.interrupted):
            return None
        row = self._begin() if self._row is None else self._row.result()  # whoever hears failed, and it is still there
        self._journal.end(self._turn, row, self._stored(f"{ANSWER}.wav", "answer", self._answer()))
        return self._turn.id

    def _begin(self) -> TurnView:
        return self._journal.begin(self._turn, self._stored("recording.wav", "question", self._question()))

    def _question(self) -> tuple[Any, int] | None:
        if self._utterance is None or not self._utterance.samples:
            return None
        return self._utterance.samples, HEARD_RATE

    def _answer(self) -> tuple[Any, int] | None:
        pieces = self._turn.pieces
        return ([part.samples for part in pieces], pieces[0].rate) if pieces else None

    def _stored(self, name: str, stem: str, sound: tuple[Any, int] | None) -> UUID | None:
        """A pending file. Where there is no room for it, the conversation goes on without."""
        if sound is None:
            return None
        import numpy as np

        samples, rate = np.concatenate(sound[0]), sound[1]
        if not len(samples):
            return None
        path = self._folder / f"{stem}.wav"
        try:
            encode(samples[None], rate, AudioFormat.WAV, path, bits=16)  # type: ignore[arg-type]  # a rate
            return self._journal.store(name, path, Seconds(len(samples) / rate))
        except PansoriError as error:
            self._turn.tell(Failed.of(error, self._turn.number))
            return None


def timings_of(turn: LiveTurn) -> JsonDict:
    told: JsonDict = {**turn.clock.stages, LIVE: dict(turn.clock.marks)}
    return told if turn.interrupted is None else {**told, "interrupted": turn.interrupted}

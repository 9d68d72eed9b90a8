"""The three servers of the document, as this program is them: each uses the engine that the installation is set to."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

from pansori.db import now
from pansori.domain.errors import InternalError, InvalidRequest, MediaError, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.library import turns
from pansori.library.turns import TurnView
from pansori.media import AssetInfo
from pansori.workflows.services import Services
from pansori.workflows.voice import sounds
from pansori.workflows.voice.keeping import ORIGIN, end_turn, timed
from pansori.workflows.voice.parts import Choice, Parts, Spoken
from pansori.workflows.voice.replying import Replies
from pansori.workflows.voice.turn import HEAR

FAULT: Final = Text("It could not be heard, by a fault of the program.", "프로그램의 잘못으로 듣지 못했어요.")


class VoiceRoles:
    """For one user of the account `owner`."""

    def __init__(self, services: Services, owner: UUID, number: int) -> None:
        self._services = services
        self._owner = owner
        self._number = number
        self._parts = Parts(services.registry, services.settings, Choice.of(services.settings), user=number)

    def hear(self, sent: AssetInfo, *, language: str = "auto") -> TurnView:
        """Hear a recording that was stored, and keep what is said in it for whoever asks for the latest. What is no
        recording, or too long, is deleted again; one that the engine fails on is kept. Raises a `MediaError`,
        `InvalidRequest`, an `EngineError`, a `NetworkError`."""
        known: JsonDict = {"input_id": sent.id, "input_path": sounds.path_of(sent)}
        try:
            with timed() as timing, self._services.kernel.folder() as folder:
                path = self._services.assets.materialize(sent, folder)
                recording = sounds.read(path, sent.media_type, sent.sha256, self._services.settings, folder)
                told = self._parts.hear(recording, folder, language=language)
                del recording  # its samples lie in the folder
        except (MediaError, InvalidRequest):
            sounds.forget(self._services, sent)
            raise
        except Exception as error:
            why = error if isinstance(error, PansoriError) else InternalError(FAULT)
            self._keep_failed(why, {**known, "timings": {HEAR: timing.told()}})
            raise
        heard = told.text.replace("\0", "")
        timings = {HEAR: {**timing.told(), "engine": told.engine}}
        return self._keep(heard=heard, language=told.language, timings=timings, **known)

    def read(self, text: str) -> TurnView:
        """Take words in place of a recording."""
        return self._keep(heard=text)

    def latest(self) -> TurnView:
        """Raises `NotFound`."""
        with self._services.database.read() as session:
            return turns.latest_heard(session, self._owner, self._number)

    def answer(self, text: str | None = None) -> str:
        """The reply to a text, or to the user's latest. Raises `NotFound` where there is none, `InvalidRequest` where
        it says nothing or too much, an `EngineError`, a `NetworkError`."""
        with self._services.database.write() as session:
            if text is None:
                text = turns.said(session, self._owner, self._number)
            else:
                turns.remember(session, self._owner, self._number, text)
            moment = now(session)
        key = f"{self._owner}/{self._number}/{moment.isoformat()}"
        with self._services.kernel.folder() as folder:
            replies = Replies(self._services, self._parts, self._owner, self._number)
            return replies.answer(text, folder, before=moment, key=key)

    def say(self, text: str, folder: Path, *, voice: str = "", language: str = "auto") -> Spoken:
        """The text as speech, in `folder`. Raises `InvalidRequest` naming the field, an `EngineError`, a
        `NetworkError`."""
        return self._parts.say(text, folder, voice=voice, language=language)

    def _keep(self, **values: object) -> TurnView:
        with self._services.database.write() as session:
            turn = turns.add(session, self._owner, self._number, state="heard", **values)
            if turn.heard:
                turns.remember(session, self._owner, self._number, turn.heard)
            return turn

    def _keep_failed(self, why: PansoriError, values: JsonDict) -> None:
        """As a job that failed, so that it can be heard once more."""
        with self._services.database.write() as session:
            turn = turns.add(session, self._owner, self._number, state="open", **values)
            end_turn(
                self._services,
                session,
                self._owner,
                turn,
                choice=self._parts.choice,
                origin=ORIGIN,
                failed=(HEAR, why),
            )
        self._services.kernel.wake()

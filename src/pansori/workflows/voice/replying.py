"""Answering for a user: with what they said before in mind, with what may be done for them, in the manner they want."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pansori.library import turns
from pansori.workflows.services import Services
from pansori.workflows.voice.acting import Acting, Manner
from pansori.workflows.voice.aside import nothing
from pansori.workflows.voice.parts import Parts


class Replies:
    """For one user of the account `owner`."""

    def __init__(self, services: Services, parts: Parts, owner: UUID, number: int) -> None:
        self._services = services
        self._parts = parts
        self._owner = owner
        self._number = number

    def answer(
        self,
        said: str,
        folder: Path,
        *,
        before: datetime,
        key: str,
        language: str = "auto",
        conversation_id: UUID | None = None,
        look: Callable[[], None] = nothing,
    ) -> str:
        """The whole reply. What it does is done; how it wants to be spoken is kept for the user. `before`: turns from
        then on are not had in mind. `key`: what is begun under it is begun once. Raises as `Parts.answer` does."""
        database = self._services.database
        with database.read() as session:
            history = turns.history(session, self._owner, self._number, conversation_id=conversation_id, before=before)
        manner = self.manner()
        usual = asdict(manner)
        tools = Acting(self._services, self._owner, manner=manner, key=key).tools
        pieces = self._parts.answer(said, folder, language=language, history=history, tools=tools, look=look)
        reply = "".join(pieces).replace("\0", "")
        if asdict(manner) != usual:
            with database.write() as session:
                turns.keep_manner(session, self._owner, self._number, asdict(manner))
        return reply

    def manner(self) -> Manner:
        """How the user wants to be spoken to."""
        with self._services.database.read() as session:
            return Manner(**turns.manner(session, self._owner, self._number))

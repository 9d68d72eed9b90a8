"""Transcribers that work on other servers: what they have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Generic

from pansori.domain.tasks import TranscribeTask
from pansori.domain.units import Seconds
from pansori.engines.base import OptionsT, RunContext
from pansori.engines.transcribe.base import RECORDING, HeardSegment, Listening, Transcriber, Transcript
from pansori.engines.transcribe.languages import AUTO
from pansori.engines.transcribe.pieces import Piece, piece, pieces
from pansori.engines.transcribe.sound import Collecting, Heard
from pansori.engines.transcribe.told import in_order, joined

Heardly = tuple[str, tuple[HeardSegment, ...]]  #: the language of a piece, and what was said in it


class ElsewhereTranscriber(Transcriber[OptionsT], Generic[OptionsT]):
    """Sends what is spoken, in pieces, and nothing of recordings in which nobody speaks."""

    @abstractmethod
    def understand(self, sent: Piece, task: TranscribeTask, options: OptionsT, look: Callable[[], None]) -> Heardly:
        """What the server makes of a piece. Raises a `NetworkError`, `EngineUnavailable`."""

    def run(self, task: TranscribeTask, options: OptionsT, context: RunContext) -> Transcript:
        self.check(task, options)
        recording = context.inputs[RECORDING]
        context.progress("transcribe", 0.0)
        context.check_cancelled()

        def told() -> Iterator[Piece]:
            for sent in pieces(recording):
                yield sent
                context.progress("transcribe", min(sent.end / max(recording.duration, 0.001), 0.99))
                context.check_cancelled()

        transcript = self._transcript(told(), recording.duration, task, options, context.check_cancelled)
        context.progress("transcribe", 1.0)
        return transcript

    def listen(self, task: TranscribeTask, options: OptionsT, context: RunContext) -> Listening:
        self.check(task, options)

        def understand(samples: Heard) -> Transcript:
            sent = piece(samples)
            return self._transcript(iter((sent,)), sent.duration, task, options, context.check_cancelled)

        return Collecting(understand)

    def _transcript(
        self,
        sent: Iterator[Piece],
        duration: Seconds,
        task: TranscribeTask,
        options: OptionsT,
        look: Callable[[], None],
    ) -> Transcript:
        language = "en" if task.translate else "" if task.language == AUTO else task.language
        parts: list[tuple[HeardSegment, ...]] = []
        for one in sent:
            if one.spoken:
                found, said = self.understand(one, task, options, look)
                language = language or found
                parts.append(said)
        kept = in_order(one.model_copy(update={"end": min(one.end, duration)}) for one in joined(parts))
        return Transcript(
            text=" ".join(one.text for one in kept), language=language or "und", duration=duration, segments=kept
        )

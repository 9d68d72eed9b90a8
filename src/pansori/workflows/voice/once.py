"""Hearing and speaking once, for whoever waits for it, beside any job or conversation. Nothing of it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.tasks import SpeakTask, TranscribeTask
from pansori.domain.units import Seconds
from pansori.engines.base import EngineOptions, Recording
from pansori.engines.speak.base import Speaker
from pansori.engines.transcribe.base import HEARD_RATE, RECORDING, HeardSegment, Transcriber, Transcript
from pansori.media import StreamFormat, media_type, stream_encoder
from pansori.settings import Settings
from pansori.workflows.voice import sounds
from pansori.workflows.voice.aside import Aside

if TYPE_CHECKING:  # servers do not calculate
    from pansori.engines.transcribe.pieces import Piece

LONGEST: Final = Seconds(3600.0)  #: of a recording
BLOCK: Final = Seconds(0.4)  #: of speech that is encoded at once
PIECE: Final = Seconds(20.0)  #: of one that is told of while it is heard
NO_SOUND: Final = Text("The recording holds no sound at all.", "녹음에 소리가 하나도 없어요.")

Look = Callable[[], None]


class Once:
    """One recording that is heard, with one engine. `look` is called often, and raises to end the work."""

    def __init__(
        self, engine: Transcriber[Any], task: TranscribeTask, options: EngineOptions, settings: Settings, look: Look
    ) -> None:
        """Raises what the engine refuses with."""
        engine.check(task, options)
        self._engine = engine
        self._task = task
        self._options = options
        self._settings = settings
        self._look = look

    def read(self, path: Path) -> Recording:
        """A file as it came, its samples beside it. Raises a `MediaError`, also for more than an hour."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        recording = sounds.read(path, media_type(path), sha256, self._settings, path.parent, longest=LONGEST)
        if not recording.samples.shape[1]:
            raise InvalidRequest(NO_SOUND, field=RECORDING)
        return recording

    def hear(self, recording: Recording, folder: Path) -> Transcript:
        """What is said in it; nothing, where nobody speaks. Raises `InvalidRequest`, an `EngineError`, a
        `NetworkError`."""
        return self._run(recording, self._task, folder)

    def follow(self, recording: Recording, folder: Path) -> Generator[Transcript]:
        """The same piece by piece, each as soon as it is understood, cut where it is quietest. The language that is
        told by the sound of one piece is that of those behind it. Raises as `hear` does, also while it goes on."""
        from pansori.engines.transcribe.pieces import pieces

        task = self._task
        for piece in pieces(recording, PIECE):
            self._look()
            told = _later(self._run(_recording(piece, recording), task, folder), piece)
            if task.language == "auto" and told.text and told.language != "und" and not task.translate:
                task = task.model_copy(update={"language": told.language})
            yield told

    def _run(self, recording: Recording, task: TranscribeTask, folder: Path) -> Transcript:
        context = Aside(folder, self._settings, recording=(RECORDING, recording), look=self._look)
        told: Transcript = self._engine.run(task, self._options, context)
        return told


def read_out(
    engine: Speaker[Any], task: SpeakTask, options: EngineOptions, context: Aside, form: StreamFormat
) -> Iterator[bytes]:
    """A text as a file in pieces, each as soon as its sentence is spoken. Closing it ends the work. Raises
    `InvalidRequest` naming the field, an `EngineError`, a `NetworkError`, before the first piece and while it goes
    on."""
    engine.check(task, options)
    parts = engine.stream(task, options, context)
    first = next(parts)
    with closing(stream_encoder(form, first.rate)) as encoder:
        for part in chain((first,), parts):
            # the beginning of a sentence is there long before all of it is encoded
            for start in range(0, len(part.samples), block := max(1, round(BLOCK * part.rate))):
                if piece := encoder.write(part.samples[start : start + block]):
                    yield piece
        if piece := encoder.finish():
            yield piece


def _recording(piece: Piece, whole: Recording) -> Recording:
    return Recording(
        samples=piece.samples[None],
        rate=HEARD_RATE,
        container=whole.container,
        codec=whole.codec,
        media_type=whole.media_type,
        size=whole.size,
        sha256=whole.sha256,
    )


def _later(told: Transcript, piece: Piece) -> Transcript:
    """With its times from the beginning of the recording."""

    def moved(one: HeardSegment) -> HeardSegment:
        words = tuple(
            word.model_copy(update={"start": Seconds(word.start + piece.start), "end": Seconds(word.end + piece.start)})
            for word in one.words
        )
        start, end = Seconds(one.start + piece.start), Seconds(one.end + piece.start)
        return one.model_copy(update={"start": start, "end": end, "words": words})

    return told.model_copy(update={"segments": tuple(map(moved, told.segments))})

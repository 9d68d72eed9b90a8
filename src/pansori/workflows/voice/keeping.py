"""What is left of a turn that somebody waited for: its row, its sound, and a job that tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from pansori import jobs
from pansori.domain.errors import PansoriError
from pansori.domain.jobs import ErrorInfo, JsonDict
from pansori.jobs import Deed
from pansori.library import turns
from pansori.library.turns import TurnView
from pansori.media import AssetInfo
from pansori.workflows.services import Services
from pansori.workflows.voice.parts import Choice, Spoken
from pansori.workflows.voice.sounds import ANSWER, path_of
from pansori.workflows.voice.turn import ANSWERING, HEAR, RECORDING, SAY, SPEECH, VoiceTurnTask, VoiceTurnWorkflow

ORIGIN: Final = "voice_backend"  #: of jobs that tell of its turns
STAGES: Final = (HEAR, ANSWERING, SAY)


@dataclass
class Timing:
    """When a stage began, and how long it took."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0

    def told(self) -> JsonDict:
        return {"at": self.at.isoformat(), "seconds": round(self.seconds, 6)}


@contextmanager
def timed() -> Iterator[Timing]:
    """The time that the block takes, also where it raises."""
    timing, begun = Timing(), perf_counter()
    try:
        yield timing
    finally:
        timing.seconds = perf_counter() - begun


def keep_sound(services: Services, owner: UUID, spoken: Spoken) -> UUID:
    """Store an answer's sound, as a pending file. Not inside a transaction. Raises as `Assets.write` does."""
    return services.assets.write(owner, f"{ANSWER}.wav", spoken.path, duration=spoken.speech.duration)


def end_turn(
    services: Services,
    session: Session,
    owner: UUID,
    turn: TurnView,
    *,
    choice: Choice,
    origin: str,
    sound: UUID | None = None,
    failed: tuple[str, PansoriError] | None = None,
    manner: JsonDict | None = None,
) -> TurnView:
    """Finish a turn with its job, in the caller's transaction. `turn` has all that was obtained; `sound` is a pending
    file; `failed` names the stage that failed, and why; `manner`: `language`, `voice`, `rate`, `volume` of the job's
    task, where they are not the usual ones, so that what is run again sounds alike."""
    output = _committed(services, session, owner, sound)
    task, deeds = _task(turn, choice, manner or {}), _deeds(turn, failed, output)
    workflow = services.kernel.workflow(VoiceTurnWorkflow.kind)
    return turns.finish(
        session,
        owner,
        turn,
        state="failed" if failed else "done",
        job_id=jobs.journal(session, workflow, task, deeds, owner=owner, origin=origin),
        reply=turn.reply,
        timings=turn.timings,
        error=ErrorInfo.of(failed[1]).model_dump(mode="json") if failed else None,
        output_id=output and output.id,
        output_path=output and path_of(output, answer=True),
    )


def _committed(services: Services, session: Session, owner: UUID, sound: UUID | None) -> AssetInfo | None:
    if sound is None:
        return None
    services.assets.commit(session, [sound], owner)
    return services.assets.info(session, sound)


def _task(turn: TurnView, choice: Choice, manner: JsonDict) -> VoiceTurnTask:
    return VoiceTurnTask(
        asset_id=turn.input_id,
        text="" if turn.input_id else turn.heard or "",
        user_id=turn.user_number,
        conversation_id=turn.conversation_id,
        transcribe_engine=choice.hear,
        reply_engine=choice.answer,
        speak_engine=choice.say,
        **manner,
    )


def _deeds(turn: TurnView, failed: tuple[str, PansoriError] | None, output: AssetInfo | None) -> list[Deed]:
    outputs: dict[str, JsonDict] = {
        HEAR: {"text": turn.heard, "language": turn.language, **_engine(turn)},
        ANSWERING: {"text": turn.reply},
        SAY: {"duration": output and output.duration},
    }
    files = {
        HEAR: {RECORDING: turn.input_id} if turn.input_id else {},
        SAY: {SPEECH: output.id} if output else {},
    }
    last = STAGES.index(failed[0]) if failed else len(STAGES) - 1
    deeds = []
    for stage in STAGES[: last + 1]:
        started, finished = _times(turn, stage)
        error = failed[1] if failed and failed[0] == stage else None
        deeds.append(Deed(stage, started, finished, outputs[stage], {} if error else files.get(stage, {}), error))
    return deeds


def _engine(turn: TurnView) -> JsonDict:
    """Who heard it, where it was heard here."""
    engine = turn.timings.get(HEAR, {}).get("engine")
    return {"engine": engine} if engine else {}


def _times(turn: TurnView, stage: str) -> tuple[datetime, datetime]:
    told = turn.timings.get(stage) or {"at": turn.created_at.isoformat(), "seconds": 0.0}
    started, took = datetime.fromisoformat(told["at"]), timedelta(seconds=told["seconds"])
    # what a turn has from an earlier one it had when it began: its job is not as old as that one's
    started = max(started, turn.created_at - took)
    return started, started + took

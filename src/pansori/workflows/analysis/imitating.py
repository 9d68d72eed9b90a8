"""Comparing a recording with the clip that it imitates."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from pansori import __version__
from pansori.domain.errors import NotFound
from pansori.domain.jobs import JsonDict, StepSpec
from pansori.engines.base import Recording
from pansori.jobs import StepRun, cache_key
from pansori.library.voices import tokens

IMITATE: Final = "imitate"  #: the step
IMITATION: Final = "imitation"  #: role of the artifact, and what the result calls it


class ReferenceClip(BaseModel):
    """What is imitated, as the token had it when the analysis was asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asset_id: UUID
    sha256: str
    text: str = Field(default="", description="What it says.")
    language: str = Field(default="", description="BCP 47.")


def clip_of(session: Session, token_id: str, owner: UUID) -> ReferenceClip | None:
    """None: the token has none. Raises `NotFound` where the token is not that owner's."""
    token = tokens.get(session, token_id, owner)
    if token.reference is None:
        return None
    return ReferenceClip(
        asset_id=token.reference.asset_id,
        sha256=token.reference.sha256,
        text=token.said,
        language=token.spoken_language,
    )


def imitate_step(clip: ReferenceClip, sha256: str, after: tuple[str, ...]) -> StepSpec:
    """`sha256`: of the recording."""
    from pansori.engines.analyze.imitation import IMITATION_VERSION

    key = cache_key(IMITATE, __version__, IMITATION_VERSION, clip.sha256, clip.text, clip.language, sha256)
    return StepSpec(name=IMITATE, after=after, cache_key=key)


def imitate(step: StepRun, reference: Recording, attempt: Recording, clip: ReferenceClip) -> JsonDict:
    """Artifact: `imitation`, the whole comparison. Returns it without its contours."""
    from pansori.engines.analyze.imitation import compare

    found = compare(reference, attempt, text=clip.text, language=clip.language, check_cancelled=step.check_cancelled)
    path = step.scratch / "imitation.json"
    path.write_text(found.model_dump_json(), encoding="utf-8")
    step.add_file(IMITATION, path, name=path.name, media_type="application/json")
    told: JsonDict = found.model_dump(mode="json", exclude={"contours", "settings"})
    return told


def is_gone(step: StepRun, clip: ReferenceClip) -> bool:
    """Whether somebody has deleted the clip since."""
    try:
        with step.asset(clip.asset_id):
            return False
    except NotFound:
        return True

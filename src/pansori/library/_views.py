"""Tracks as readers see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from pansori.domain.jobs import JsonDict
from pansori.domain.units import Bytes, Seconds


class TrackView(BaseModel):
    """A finished song in its owner's library. Times are UTC and aware."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    owner: UUID
    job_id: UUID | None
    """The job that made it, as long as that is kept."""
    asset_id: UUID
    title: str
    prompt: str
    expanded_prompt: str
    lyrics: str
    parameters: JsonDict
    """What was asked: `duration`, `samplerate`, `seed`, `quality`, `format`, `voice`, `options`."""
    engine: str
    seed: int | None
    licence: str
    """Of the engine's code and weights, as its card has them."""
    facts: JsonDict
    """What the engine told: `tempo`, `key`, `sections`, `notices`, `report` … and, of one track alone, `lines`: what is
    sung with its times."""
    media_type: str
    size: Bytes
    duration: Seconds
    favourite: bool
    created_at: datetime
    artifacts: Mapping[str, UUID] = Field(default_factory=dict)
    """Assets by role: `song`, `peaks`, and where they were made `master`, `stem.vocal`, `midi`, `lrc`, `recipe` …"""


@dataclass(frozen=True)
class TrackPage:
    """A part of a library. `next_cursor` asks for the part after it; None: that was all. `total`: of all that fit."""

    items: tuple[TrackView, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True)
class NewTrack:
    """A song that was just finished. `asset_id` is its file."""

    asset_id: UUID
    title: str
    prompt: str
    expanded_prompt: str
    lyrics: str
    parameters: JsonDict
    engine: str
    seed: int | None
    licence: str
    facts: JsonDict
    lines: list[JsonDict]

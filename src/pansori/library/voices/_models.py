"""Scripts, actors and tokens as they are written and as they are read.

A `…Change` names what may be changed, and each of its fields may be left out. A `…Draft` is the whole thing as it is
saved; a `…View` as readers see it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pansori.domain.units import Bytes, Seconds
from pansori.library.voices._texts import Language, Line, LongText, Name, Role, ShortText

MOST_LINES: Final = 2_000
ID_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$"
"""What stands in an address as it is."""
RESERVED: Final = ("analysis-result", "analysis-progress", "webhook")
"""What the addresses below `/tokens` are called that belong to no token."""

TokenId = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
VoiceKind = Literal["", "female", "male", "child", "synthetic"]


def _without_defaults(schema: dict[str, Any]) -> None:
    """What is left out of a change stays as it is, which is no default."""
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


class Draft(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_without_defaults)


# -- scripts ------------


class ScriptLine(Draft):
    """What is said at one go."""

    text: Line = Field(description="The words; at most 2000 characters.", examples=["산새가 운다"])
    role: Role = Field(default="", description="Whose line it is in the script; empty: nobody in particular.")
    actor_id: UUID | None = Field(default=None, description="Who speaks it.")


Lines = Annotated[list[ScriptLine], Field(max_length=MOST_LINES)]


class ScriptChange(Change):
    title: Name = Field(default="", description="1 to 200 characters.")
    language: Language = Field(default="", description="BCP 47, such as `ko` or `en-GB`; empty: not told.")
    lines: Lines = Field(default_factory=list, description="In their order.")
    notes: LongText = Field(default="", description="At most 10,000 characters.")


class ScriptDraft(Draft):
    """A text that is spoken, line by line."""

    title: Name = Field(description="1 to 200 characters.", examples=["산새"])
    language: Language = Field(default="", description="BCP 47, such as `ko` or `en-GB`; empty: not told.")
    lines: Lines = Field(default_factory=list, description="In their order.")
    notes: LongText = Field(default="", description="At most 10,000 characters.")


class ScriptView(ScriptDraft):
    """A script as readers see it. Times are UTC."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    created_at: datetime
    updated_at: datetime


# -- actors ------------


class ActorVoice(Draft):
    """What one hears."""

    kind: VoiceKind = Field(default="", description="Empty: not told.")
    age: int | None = Field(default=None, strict=True, ge=0, le=150, description="Years, as it sounds.")
    accent: ShortText = Field(default="", description="Such as `서울`, `Glasgow`.")
    description: ShortText = Field(default="", description="In free words.")


class ActorChange(Change):
    name: Name = Field(default="", description="1 to 200 characters.")
    language: Language = Field(default="", description="BCP 47; empty: not told.")
    voice: ActorVoice = Field(default_factory=ActorVoice)
    notes: LongText = ""


class ActorDraft(Draft):
    """Who speaks: a person, or a voice that is made."""

    name: Name = Field(description="1 to 200 characters.", examples=["김소월"])
    language: Language = Field(default="", description="BCP 47; empty: not told.")
    voice: ActorVoice = Field(default_factory=ActorVoice)
    notes: LongText = Field(default="", description="At most 10,000 characters.")


class ActorView(ActorDraft):
    """An actor as readers see them. Times are UTC."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    created_at: datetime
    updated_at: datetime


# -- tokens ------------


class TokenChange(Change):
    name: ShortText = ""
    script_id: UUID | None = None
    first_line: int | None = Field(
        default=None, strict=True, ge=0, description="Of the script, counted from 0. Default: its first."
    )
    last_line: int | None = Field(
        default=None, strict=True, ge=0, description="The same, inclusive. Default: its last."
    )
    actor_id: UUID | None = None
    text: LongText = Field(default="", description="What is said, where that is not the script's lines.")
    language: Language = Field(default="", description="BCP 47. Default: the script's, or else the actor's.")


class TokenDraft(Draft):
    """A clip of a part of a script that is to be imitated."""

    name: ShortText = Field(default="", description="At most 200 characters.")
    script_id: UUID | None = Field(default=None, description="Where its words stand.")
    first_line: int | None = Field(
        default=None, strict=True, ge=0, description="Of the script, counted from 0. Default: its first."
    )
    last_line: int | None = Field(
        default=None, strict=True, ge=0, description="The same, inclusive. Default: its last."
    )
    actor_id: UUID | None = Field(default=None, description="Who is imitated.")
    text: LongText = Field(default="", description="What is said, where that is not the script's lines.")
    language: Language = Field(default="", description="BCP 47. Default: the script's, or else the actor's.")


class NewToken(TokenDraft):
    """A token to be made, whose id may be chosen."""

    id: TokenId | None = Field(
        default=None,
        description="1 to 64 letters, digits, `.`, `_`, `~` or `-`; a letter or digit comes first. Default: made.",
    )


class Reference(BaseModel):
    """The clip that is imitated."""

    model_config = ConfigDict(frozen=True)

    asset_id: UUID
    url: str = Field(description="Where its bytes are.")
    name: str
    media_type: str
    size: Bytes
    sha256: str
    duration: Seconds | None = Field(description="Seconds.")


class TokenView(TokenDraft):
    """A token as readers see it. Times are UTC."""

    model_config = ConfigDict(extra="ignore")

    id: str
    said: str = Field(description="What is said: its own text, or else the script's lines.")
    spoken_language: str = Field(
        description="Its own language, or else the script's, or else the actor's, where the words may be in that; "
        "empty: not told, so that it is guessed by the words."
    )
    reference: Reference | None = Field(description="The clip that is imitated; null: there is none yet.")
    created_at: datetime
    updated_at: datetime

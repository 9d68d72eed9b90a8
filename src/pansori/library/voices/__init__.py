"""What voice training keeps: scripts, the actors who speak them, and tokens: clips that are to be imitated."""

from pansori.library.voices import actors, attempts, plain, scripts, tokens
from pansori.library.voices._models import (
    ID_PATTERN,
    RESERVED,
    ActorChange,
    ActorDraft,
    ActorView,
    ActorVoice,
    NewToken,
    Reference,
    ScriptChange,
    ScriptDraft,
    ScriptLine,
    ScriptView,
    TokenChange,
    TokenDraft,
    TokenView,
    VoiceKind,
)
from pansori.library.voices._rows import LARGEST_PAGE, PAGE, Entries
from pansori.library.voices.attempts import Attempt

__all__ = [
    "ID_PATTERN",
    "LARGEST_PAGE",
    "PAGE",
    "RESERVED",
    "ActorChange",
    "ActorDraft",
    "ActorView",
    "ActorVoice",
    "Attempt",
    "Entries",
    "NewToken",
    "Reference",
    "ScriptChange",
    "ScriptDraft",
    "ScriptLine",
    "ScriptView",
    "TokenChange",
    "TokenDraft",
    "TokenView",
    "VoiceKind",
    "actors",
    "attempts",
    "plain",
    "scripts",
    "tokens",
]

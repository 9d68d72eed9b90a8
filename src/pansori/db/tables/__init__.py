"""The tables, a file each for what belongs together."""

from pansori.db.tables.accounts import Account, ApiKey, Counter, LoginAttempt, LoginSession, MailedToken, Secret
from pansori.db.tables.analysis import Actor, AnalysisResult, Script, Token
from pansori.db.tables.assets import Artifact, Asset
from pansori.db.tables.base import Base, BigId, Utc
from pansori.db.tables.jobs import Event, Job, Step, Tally, WorkerProcess
from pansori.db.tables.library import PromptTemplate, Track
from pansori.db.tables.uploads import Upload
from pansori.db.tables.voice import Conversation, Turn, VoiceUser

__all__ = [
    "Account",
    "Actor",
    "AnalysisResult",
    "ApiKey",
    "Artifact",
    "Asset",
    "Base",
    "BigId",
    "Conversation",
    "Counter",
    "Event",
    "Job",
    "LoginAttempt",
    "LoginSession",
    "MailedToken",
    "PromptTemplate",
    "Script",
    "Secret",
    "Step",
    "Tally",
    "Token",
    "Track",
    "Turn",
    "Upload",
    "Utc",
    "VoiceUser",
    "WorkerProcess",
]

"""The tables, a file each for what belongs together."""

from pansori.db.tables.accounts import Account, ApiKey, LoginAttempt, LoginSession, MailedToken
from pansori.db.tables.assets import Artifact, Asset
from pansori.db.tables.base import Base, BigId, Utc
from pansori.db.tables.jobs import Event, Job, Step, WorkerProcess
from pansori.db.tables.library import PromptTemplate, Track

__all__ = [
    "Account",
    "ApiKey",
    "Artifact",
    "Asset",
    "Base",
    "BigId",
    "Event",
    "Job",
    "LoginAttempt",
    "LoginSession",
    "MailedToken",
    "PromptTemplate",
    "Step",
    "Track",
    "Utc",
    "WorkerProcess",
]

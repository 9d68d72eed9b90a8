"""The database: sessions, the tables and their migrations."""

from pansori.db._database import ChangeCounter, Database, Dialect, now
from pansori.db._errors import AWAY, reason, unusable
from pansori.db._schema import HEAD, REVISIONS, check, revision, upgrade

__all__ = [
    "AWAY",
    "HEAD",
    "REVISIONS",
    "ChangeCounter",
    "Database",
    "Dialect",
    "check",
    "now",
    "reason",
    "revision",
    "unusable",
    "upgrade",
]

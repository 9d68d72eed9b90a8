"""The database: sessions, the tables and their migrations."""

from pansori.db._database import ChangeCounter, Database, Dialect, now, size_of
from pansori.db._errors import AWAY, reason, unusable
from pansori.db._insert import insert_into
from pansori.db._portable import clear, continue_numbering, dump, load, portable_tables
from pansori.db._schema import HEAD, REVISIONS, check, revision, upgrade
from pansori.db._turns import take_turns
from pansori.db.ownership import OWNER, owned, owned_tables

__all__ = [
    "AWAY",
    "HEAD",
    "OWNER",
    "REVISIONS",
    "ChangeCounter",
    "Database",
    "Dialect",
    "check",
    "clear",
    "continue_numbering",
    "dump",
    "insert_into",
    "load",
    "now",
    "owned",
    "owned_tables",
    "portable_tables",
    "reason",
    "revision",
    "size_of",
    "take_turns",
    "unusable",
    "upgrade",
]

"""The database: sessions, the tables and their migrations."""

from pansori.db._database import ChangeCounter, Database, Dialect, now
from pansori.db._schema import HEAD, REVISIONS, check, revision, upgrade

__all__ = ["HEAD", "REVISIONS", "ChangeCounter", "Database", "Dialect", "check", "now", "revision", "upgrade"]

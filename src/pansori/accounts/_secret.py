"""The secret that everything is signed with, and keys derived from it."""

from __future__ import annotations

import hashlib
import hmac
import logging

from sqlalchemy import select

from pansori.db import Database
from pansori.db.tables import Secret

log = logging.getLogger(__name__)

NAME = "signing"
LENGTH = 32  #: bytes; RFC 7518 §3.2 asks for as many as SHA-256 gives
SALT = b"pansori"


def kept_secret(database: Database, given: str) -> bytes:
    """`given`, or where that is empty the one that was made with the tables."""
    if given:
        if len(given.encode()) < LENGTH:
            log.warning("JWT_SECRET has less than %s bytes, which can be guessed; use `openssl rand -hex 32`", LENGTH)
        return given.encode()
    with database.read() as session:
        return bytes.fromhex(session.execute(select(Secret.value).where(Secret.name == NAME)).scalar_one())


def derive(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose: HKDF with SHA-256 (RFC 5869), whose first block is as long as that."""
    extracted = hmac.digest(SALT, secret, hashlib.sha256)
    return hmac.digest(extracted, purpose.encode() + b"\x01", hashlib.sha256)

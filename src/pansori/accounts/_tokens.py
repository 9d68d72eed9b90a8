"""The tokens that logins are carried by: JWTs (RFC 7519) signed with HS256 and nothing else.

PyJWT, since it needs nothing beside itself for the one algorithm that is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pansori.accounts._viewer import not_valid
from pansori.domain.units import Seconds

ALGORITHM: Final = "HS256"
ISSUER: Final = "pansori"
LONGEST = 2048  #: characters; ours have about 300


@dataclass(frozen=True)
class Claims:
    """What a token of ours says."""

    account: UUID
    session: UUID
    rotation: int
    expires: datetime | None = None
    """Set where it is past."""

    @property
    def is_expired(self) -> bool:
        return self.expires is not None


class Tokens:
    """Signs and reads tokens. `key` has 32 bytes; `ttl` says how long a token is valid."""

    def __init__(self, key: bytes, ttl: Seconds) -> None:
        self._key = key
        self._ttl = ttl

    def sign(self, claims: Claims, now: datetime) -> str:
        import jwt  # loaded where somebody logs in

        said = {
            "iss": ISSUER,
            "sub": str(claims.account),
            "sid": str(claims.session),
            "rot": claims.rotation,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=self._ttl)).timestamp()),
        }
        return jwt.encode(said, self._key, ALGORITHM)

    def read(self, token: str, now: datetime) -> Claims:
        """What it says, also where it has expired. Raises `Unauthenticated` unless it was signed here as ours are."""
        said = self._decoded(token)
        try:
            expires = datetime.fromtimestamp(said["exp"], tz=now.tzinfo)
            return Claims(
                account=UUID(said["sub"]),
                session=UUID(said["sid"]),
                rotation=int(said["rot"]),
                expires=expires if expires <= now else None,
            )
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError, OSError):
            raise not_valid() from None

    def _decoded(self, token: str) -> dict[str, Any]:
        import jwt

        if len(token) > LONGEST:
            raise not_valid()
        try:
            return jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                options={
                    "require": ["iss", "sub", "sid", "rot", "exp"],
                    "verify_exp": False,  # an expired one may still renew its login
                    "verify_iat": False,  # so that a clock that was set back locks nobody out
                },
            )
        except (jwt.InvalidTokenError, ValueError):
            raise not_valid() from None

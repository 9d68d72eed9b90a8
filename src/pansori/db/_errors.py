"""What databases say when they cannot be used, in one line."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from pansori.domain.errors import ConfigurationError, Text

AWAY = (OperationalError, InterfaceError, NoConnection)  #: it does not answer now, and may later


def reason(error: Exception) -> str:
    """The first line of what `error` says; of a database's, what the driver said, without statement and parameters."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def unusable(error: SQLAlchemyError) -> ConfigurationError:
    """`error` as whoever started the program is told of it."""
    return ConfigurationError(
        Text(f"The database cannot be used: {reason(error)}.", f"데이터베이스를 쓸 수 없어요: {reason(error)}."),
        field="DATABASE_URL",
        cure=Text(
            "Is it running, and do DATABASE_URL and PANSORI_DATA_DIR name the right one?",
            "켜져 있나요? DATABASE_URL과 PANSORI_DATA_DIR이 맞는 데이터베이스를 가리키나요?",
        ),
    )

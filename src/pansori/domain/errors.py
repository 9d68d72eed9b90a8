"""Every error the product raises on purpose, as one tree with stable codes.

An error says what happened, which field caused it and what would cure it, in English and Korean. Only
`pansori.api.problems` knows which HTTP status belongs to which; only `pansori.cli` knows the exit codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

Language = Literal["en", "ko"]


@dataclass(frozen=True)
class Text:
    """One message in both languages the product speaks."""

    en: str
    ko: str

    def in_language(self, language: Language) -> str:
        return self.ko if language == "ko" else self.en


def as_text(message: str | Text) -> Text:
    return message if isinstance(message, Text) else Text(message, message)


class PansoriError(Exception):
    """Something went wrong that has a name.

    `code` never changes once released. `retryable` says that the same step may succeed later by itself.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | Text, *, field: str | None = None, cure: str | Text | None = None) -> None:
        self.message = as_text(message)
        self.field = field
        self.cure = as_text(cure) if cure is not None else None
        super().__init__(self.message.en)


# -- what was asked for cannot be done ------------


class InvalidRequest(PansoriError):
    """A field of the request has a value that cannot be used."""

    code = "invalid_request"


class UnknownKind(InvalidRequest):
    """No workflow makes jobs of this kind."""

    code = "unknown_kind"


class UnknownEngine(InvalidRequest):
    """No engine of this family has that name."""

    code = "unknown_engine"


class NotFound(PansoriError):
    """There is no such thing, or it is not yours to see."""

    code = "not_found"


class Conflict(PansoriError):
    """The thing is in a state that does not allow this."""

    code = "conflict"


class IdempotencyMismatch(Conflict):
    """The idempotency key was used before, for another request."""

    code = "idempotency_mismatch"


class Outdated(Conflict):
    """The thing has changed since it was read."""

    code = "outdated"


class Busy(PansoriError):
    """All places are taken; come back after `retry_after` seconds."""

    code = "busy"

    def __init__(self, message: str | Text, *, retry_after: float, cure: str | Text | None = None) -> None:
        super().__init__(message, cure=cure)
        self.retry_after = retry_after


class UploadHeld(Busy):
    """Another request writes to the upload now; come back after `retry_after` seconds."""

    code = "upload_held"


class TooManyAttempts(Busy):
    """Wrong too often, or too much asked for: come back after `retry_after` seconds."""

    code = "too_many_attempts"


class Unauthenticated(PansoriError):
    """Nobody has logged in, or what was shown to prove it is not, or no longer, valid."""

    code = "unauthenticated"


class Forbidden(PansoriError):
    """One is known, and may not do this."""

    code = "forbidden"


class LinkExpired(PansoriError):
    """A link that was to be read for a while, and the while is over."""

    code = "link_expired"


# -- a step could not be carried out ------------


class Cancelled(PansoriError):
    """The job was cancelled while it ran."""

    code = "cancelled"


class DeadlineExceeded(PansoriError):
    """The job, or one of its steps, took longer than it was allowed."""

    code = "deadline_exceeded"


class WorkerLost(PansoriError):
    """The process that ran the step died, more often than the budget allows."""

    code = "worker_lost"


class EngineError(PansoriError):
    """An engine could not do its work."""

    code = "engine_error"


class EngineUnavailable(EngineError):
    """The engine is not there: not installed, not configured or broken."""

    code = "engine_unavailable"


class EngineFailed(EngineError):
    """The engine began and failed."""

    code = "engine_failed"


class NotEnoughMemory(EngineError):
    """A model does not fit into the memory that is free now."""

    code = "not_enough_memory"
    retryable = True


class SpaceError(EngineError):
    """A Gradio Space could not make what was asked for."""

    code = "space_error"


class SpaceLoading(SpaceError):
    """The Space is being built or is waking up."""

    code = "space_loading"
    retryable = True


class SpaceUnreachable(SpaceError):
    """The Space cannot be reached, or broke off."""

    code = "space_unreachable"
    retryable = True


class SpaceQuota(SpaceError):
    """The Space's quota is used up, or its queue is full."""

    code = "space_quota"


class SpaceLogin(SpaceError):
    """The Space wants a login, and the token is missing or unfit."""

    code = "space_login"


class SpaceSignInOnly(SpaceError):
    """The Space offers nothing but a login on its page, so there is nothing to call."""

    code = "space_sign_in_only"


class SpaceTimedOut(SpaceError):
    """The Space took longer than it was allowed."""

    code = "space_timed_out"


class SpaceFailed(SpaceError):
    """The Space itself failed, or answered with something that is not sound."""

    code = "space_failed"


class SpaceUnmapped(SpaceError):
    """The Space asks for something that the request has no value for; the message reports what was mapped."""

    code = "space_unmapped"


class InternalError(PansoriError):
    """A fault of the program itself."""

    code = "internal_error"


# -- media ------------


class MediaError(PansoriError):
    """A file of sound or pictures cannot be used."""

    code = "media_error"


class UnreadableMedia(MediaError):
    """The bytes are not what any decoder here understands, or they are damaged."""

    code = "unreadable_media"


class MediaTooLarge(MediaError):
    """The file exceeds a stated bound (bytes, seconds or channels)."""

    code = "media_too_large"


class StorageError(PansoriError):
    """The asset store could not read or write."""

    code = "storage_error"
    retryable = True


class StorageFull(StorageError):
    """No space is left where assets are kept."""

    code = "storage_full"


# -- other servers ------------


class NetworkError(PansoriError):
    """Something could not be had from another server."""

    code = "network_error"


class UnsafeAddress(NetworkError):
    """The address is not one that this server may visit for others: a private network, an unusual port or scheme."""

    code = "unsafe_address"


class Unreachable(NetworkError):
    """The other server cannot be reached, or breaks off."""

    code = "unreachable"
    retryable = True


class FetchTimedOut(NetworkError):
    """The other server took longer than it was allowed."""

    code = "fetch_timed_out"
    retryable = True


class FetchFailed(NetworkError):
    """The other server answered, but not with what was asked for. `status`: of its answer, where that is the reason."""

    code = "fetch_failed"

    def __init__(
        self,
        message: str | Text,
        *,
        status: int | None = None,
        field: str | None = None,
        cure: str | Text | None = None,
    ) -> None:
        super().__init__(message, field=field, cure=cure)
        self.status = status


class GarbledAnswer(NetworkError):
    """The other server answered with something that makes no sense, such as a page in place of JSON."""

    code = "garbled_answer"


class ResponseTooLarge(NetworkError):
    """The answer of the other server exceeds a stated bound."""

    code = "response_too_large"


class RemoteError(NetworkError):
    """The analysis server that was asked could not be made use of."""

    code = "remote_error"


class RemoteRefused(RemoteError):
    """The analysis server does not take the request, or says that it could not analyse the recording."""

    code = "remote_refused"


class RemoteFailed(RemoteError):
    """The analysis server failed, or has no time now."""

    code = "remote_failed"
    retryable = True


class RemoteGarbled(RemoteError):
    """What the analysis server answered is not what one answers."""

    code = "remote_garbled"


class RemoteSilent(RemoteError):
    """The analysis server took the request and never called back."""

    code = "remote_silent"


class QuotaExceeded(PansoriError):
    """The account's files take as much as they may."""

    code = "quota_exceeded"


# -- the installation ------------


class ConfigurationError(PansoriError):
    """A setting is unknown or has a value that cannot be used."""

    code = "configuration_error"


class DatabaseTooNew(ConfigurationError):
    """The database was made by a newer version of the program."""

    code = "database_too_new"


def error_types(root: type[PansoriError] = PansoriError) -> Iterator[type[PansoriError]]:
    """The tree, parents first."""
    yield root
    for child in root.__subclasses__():
        yield from error_types(child)

"""What an S3 server's refusals stand for."""

from __future__ import annotations

import re
from typing import Final

from pansori.domain.errors import StorageError, Text
from pansori.media.stores.base import storage_full

FULL: Final = frozenset({"EntityTooLarge", "QuotaExceeded", "XMinioStorageFull", "StorageFull", "InsufficientStorage"})
NO_BUCKET: Final = "NoSuchBucket"
STATUS = re.compile(r"status code: (\d{3})")
CODE = re.compile(r"<Code>(\w+)</Code>")
SAID = re.compile(r"<Message>([^<]*)</Message>")


class PastTheEnd(Exception):
    """The object has none of the bytes that were asked for."""


def names_no_bucket(said: str) -> bool:
    return NO_BUCKET in CODE.findall(said)


def refusal(said: str) -> StorageError | PastTheEnd:
    """The error that an answer stands for. `said`: `status code: NNN`, and the answer's body where it has one."""
    status = (STATUS.findall(said) or [""])[0]
    code = (CODE.findall(said) or [""])[0]
    if status == "416":
        return PastTheEnd()
    if status == "507" or code in FULL:
        return storage_full()
    reason = (SAID.findall(said) or [""])[0] or (said.splitlines() or ["no answer"])[0].rpartition(" - ")[2]
    error = failed(f"{code}: {reason}" if code else reason)
    if status in ("401", "403"):
        error.cure = Text(
            "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, and what the key may do.",
            "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION과 그 키의 권한을 확인해 주세요.",
        )
    return error


def failed(reason: str) -> StorageError:
    reason = reason.rstrip(".")
    return StorageError(
        Text(f"The S3 store cannot be used: {reason}.", f"S3 저장소를 쓸 수 없어요: {reason}."),
        cure=Text(
            "Is the server running, and are PANSORI_STORE and AWS_ENDPOINT_URL right?",
            "서버가 켜져 있나요? PANSORI_STORE와 AWS_ENDPOINT_URL이 맞나요?",
        ),
    )

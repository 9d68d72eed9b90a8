"""Signed URLs as S3 takes them: AWS Signature Version 4 in the query string.

Source: Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit

from pansori.domain.units import Seconds

ALGORITHM: Final = "AWS4-HMAC-SHA256"
LONGEST = Seconds(7 * 24 * 3600.0)  #: S3 takes no signature that is valid for longer
UNRESERVED: Final = "-_.~"


@dataclass(frozen=True)
class Credentials:
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    region: str = "us-east-1"


def presign(
    credentials: Credentials,
    method: str,
    url: str,
    *,
    expires: Seconds,
    parameters: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> str:
    """`url`, which has no query and no characters that need encoding but `/` in its path, signed for this `method`
    alone. It is valid for `expires` seconds, up to a week, in whole seconds; `parameters` are part of what is signed.
    """
    at = (now or datetime.now(UTC)).astimezone(UTC)
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{credentials.region}/s3/aws4_request"
    parts = urlsplit(url)
    query = {
        **(parameters or {}),
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credentials.access_key_id}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(int(min(max(expires, 1.0), LONGEST))),
        "X-Amz-SignedHeaders": "host",
    }
    if credentials.session_token:
        query["X-Amz-Security-Token"] = credentials.session_token
    said = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(query.items()))
    request = "\n".join((method, quote(parts.path, safe="/" + UNRESERVED), said, f"host:{parts.netloc}\n", "host"))
    canonical = hashlib.sha256(f"{request}\nUNSIGNED-PAYLOAD".encode()).hexdigest()
    signature = hmac.new(_key(credentials, scope), f"{ALGORITHM}\n{stamp}\n{scope}\n{canonical}".encode(), "sha256")
    return f"{url}?{said}&X-Amz-Signature={signature.hexdigest()}"


def _key(credentials: Credentials, scope: str) -> bytes:
    """The signing key: the secret, hashed with each part of the scope in turn."""
    key = f"AWS4{credentials.secret_access_key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    return key


def _encoded(text: str) -> str:
    return quote(text, safe=UNRESERVED)

"""Calls to others' addresses, signed as the Standard Webhooks specification has it (standardwebhooks.com, 1.0).

What is signed is the call's id, its moment and its body. The secret is `whsec_` and the key in base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from pansori.domain.errors import Forbidden, Text
from pansori.domain.units import Seconds

PREFIX = "whsec_"
VERSION = "v1"  #: symmetric: HMAC with SHA-256
TOLERANCE = Seconds(300.0)  #: between its moment and ours, so that a call that was overheard is of no use later
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


def sign_webhook(secret: str, call_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that a call with this body goes out with. `call_id` is the same for every try of the call."""
    moment = str(int(at.timestamp()))
    return {ID: call_id, TIMESTAMP: moment, SIGNATURE: f"{VERSION},{_signature(secret, call_id, moment, body)}"}


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises `Forbidden` unless the call comes from who knows the secret, and was made within five minutes of `now`.
    `headers`: by lower-case name."""
    call_id, moment = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    expected = _signature(secret, call_id, moment, body).encode()
    given = [one.partition(",") for one in headers.get(SIGNATURE, "").split(" ")]
    ours = [value for version, _, value in given if version == VERSION]
    # all are compared, so that the time tells nothing
    if not any([hmac.compare_digest(one.encode(errors="replace"), expected) for one in ours]):  # noqa: C419
        raise Forbidden(
            Text("The call is not signed with this server's secret.", "이 서버의 비밀 값으로 서명한 요청이 아니에요.")
        )
    if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
        raise Forbidden(Text("The call does not say when it was made.", "요청 시각을 알 수 없어요."))
    if abs((now - datetime.fromtimestamp(int(moment), UTC)).total_seconds()) > TOLERANCE:
        raise Forbidden(
            Text("The call was made too long ago, or will be.", "요청 시각이 지금과 너무 달라요."),
            cure=Text("See that the clocks of both servers are right.", "두 서버의 시계가 맞는지 확인하세요."),
        )


def _signature(secret: str, call_id: str, moment: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{call_id}.{moment}.".encode(errors="replace") + body
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()

"""Calling back those who wait for an analysis that they have asked of us."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from pansori.domain.jobs import JsonDict
from pansori.domain.units import Bytes, Seconds
from pansori.jobs import StepRun
from pansori.net import Bounds, Client, Url, parse_url, sign_webhook
from pansori.settings import Settings
from pansori.workflows.analysis.remote import RESULTS, refusal

NOTIFY: Final = "notify"  #: the step
CALLS: Final = 15  #: tries at calling back: for about eight minutes
CALLING: Final = Bounds(total=Seconds(120.0), size=Bytes(1024 * 1024))
LARGEST_CALL: Final = Bytes(32 * 1024 * 1024)  #: of what our own webhook takes
ERROR: Final = "error"


def trusted_of(settings: Settings) -> tuple[Url, ...]:
    """Servers of the operator's own network that may be visited."""
    return tuple(parse_url(one, any_port=True) for one in settings.trusted_servers)


def call_back(step: StepRun, settings: Settings, address: str, job_id: UUID, body: bytes) -> int:
    """Send the letter about that job, signed where there is a secret. Returns the status. Raises a `NetworkError`, and
    what `refusal` makes of an answer that is no success."""
    step.progress(NOTIFY, 1.0)
    headers = {"Content-Type": "application/json", "Idempotency-Key": step.key}
    if settings.webhook_secret:
        headers |= sign_webhook(settings.webhook_secret, f"msg_{job_id.hex}", datetime.now(UTC), body)
    client = Client.of(settings, trusted=trusted_of(settings), bounds=CALLING)
    with client.open("POST", address, headers=headers, body=body, look=step.check_cancelled) as response:
        content = response.read()
        if not response.ok:
            raise refusal(response, content)
        return response.status


def results_letter(job_id: UUID, results: bytes) -> bytes:
    """`results`: JSON."""
    told = {"job_id": str(job_id), "status": "completed"}
    return json.dumps(told).encode()[:-1] + f', "{RESULTS}": '.encode() + results + b"}"


def failure_letter(job_id: UUID, error: JsonDict) -> bytes:
    """That there is nothing, and why."""
    told = {"job_id": str(job_id), "status": "failed", RESULTS: None, ERROR: error}
    return json.dumps(told, ensure_ascii=False).encode()

"""A service that has another server analyse: jobs of it, what that server is asked, and how it answers."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import requests
from standardwebhooks import Webhook

from pansori.domain.jobs import ErrorInfo, JobState
from support.installations import Installation, sound
from support.listener import Call, Listener
from support.waiting import eventually

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
RESULTS = {"score": 97.5, "말": ["하나", None, {"깊이": [1, 2]}], "empty": {}}
NOBODYS = "b94b71eb-9637-4307-8ccd-05bfeca26058"
_takes = iter(range(1, 1000))


def upload(service: Installation) -> str:
    """A job of its own: what was analysed before in the same way is not asked for again."""
    known = service.get("/v1/jobs", params={"kind": "analysis", "limit": 1}).json()["jobs"]
    if not known:
        return service.upload(sound(0.1))
    asset, take = known[0]["task"]["asset_id"], next(_takes)
    answer = service.post("/tokens/1/analyses", json={"asset_id": asset, "options": {"take": take}})
    assert answer.status_code == 200, answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def parked(service: Installation, job_id: str) -> None:
    eventually(lambda: service.job(job_id).steps[1].parked)


def asked(service: Installation, remote: Listener) -> tuple[str, Call]:
    """A job that waits for the server's call, and what the server was asked."""
    job_id = upload(service)
    parked(service, job_id)
    return job_id, next(call for call in remote.calls if call.json["job_id"] == job_id)


def deliver(call: Call, told: Any = None, **options: Any) -> requests.Response:
    """As the analysis server does."""
    return requests.post(call.json["webhook_url"], json=told or {"analysis_results": RESULTS}, timeout=60, **options)


def failed(service: Installation, job_id: str) -> ErrorInfo:
    def look() -> bool:
        service.hurry_failed()
        return service.job(job_id).state is JobState.FAILED

    eventually(look)
    error = service.job(job_id).error
    assert error is not None
    assert service.result(job_id)["status"] == "failed"
    return error


def signed(secret: str, body: bytes, at: datetime | None = None) -> dict[str, str]:
    """As the reference implementation signs a new letter."""
    moment, call_id = at or datetime.now(UTC), f"msg_{uuid4().hex}"
    signature = Webhook(secret).sign(call_id, moment, body.decode())
    return {"webhook-id": call_id, "webhook-timestamp": str(int(moment.timestamp())), "webhook-signature": signature}

"""What failed in the voice backend goes on from there, as a job that is tried again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.installations import installation, wav
from support.origin import Origin, serving
from support.voice import ENGINES, finished


@pytest.fixture
def ttot() -> Iterator[Origin]:
    with serving({"/generate": lambda exchange: exchange.answer(500)}) as made:
        yield made


def test_what_could_not_be_heard_is_heard_later(ttot: Origin, tmp_path: Path) -> None:
    ttot.routes["/run-model"] = lambda exchange: exchange.answer(500)
    own = {**ENGINES, "transcribe_engine": "atot", "atot_url": ttot.url}  # on purpose: recordings are sent here
    with installation(tmp_path, workers=1, **own) as backend:
        spoken = wav(np.concatenate([np.zeros(4_000), tone_of(8_000), np.zeros(4_000)]))
        assert backend.post("/run-model", files={"file": ("a.wav", spoken)}).status_code == 502
        assert backend.get("/run-model").status_code == 404
        [job] = backend.get("/v1/jobs").json()["jobs"]
        assert [step["state"] for step in job["steps"]] == ["failed", "cancelled", "cancelled"]
        ttot.routes["/run-model"] = lambda exchange: exchange.answer(
            200, b'{"user_id": 10, "atot_text": "hello"}', "application/json"
        )
        backend.post(f"/v1/jobs/{job['id']}/retry")
        assert finished(backend, job["id"])["state"] == "succeeded"
        user = backend.get("/").json()["user"]
        assert (user["atot_text_list"], user["ttot_text_list"]) == (["hello"], ["You said: hello"])
        assert backend.get(user["input_wav_list"][0]).content == spoken


def tone_of(frames: int) -> Any:
    return 0.25 * np.sin(2 * np.pi * 220 * np.arange(frames) / 8_000)


def test_what_failed_goes_on_from_where_it_failed(ttot: Origin, tmp_path_factory: pytest.TempPathFactory) -> None:
    own = {"transcribe_engine": "debug", "speak_engine": "debug", "ttot_url": ttot.url}
    with installation(tmp_path_factory.mktemp("again"), workers=1, **own) as backend:
        backend.post("/run-model", json={"text": "hello"})
        assert not backend.post("/run-full-pipeline").json()["success"]
        [job] = backend.get("/v1/jobs").json()["jobs"]
        states = [step["state"] for step in job["steps"]]
        assert (job["state"], states) == ("failed", ["succeeded", "failed", "cancelled"])
        ttot.routes["/generate"] = lambda exchange: exchange.answer(200, b'{"ttot_text": "hi"}', "application/json")
        backend.post(f"/v1/jobs/{job['id']}/retry")
        assert finished(backend, job["id"])["state"] == "succeeded"
        user = backend.get("/").json()["user"]
        assert (user["atot_text_list"], user["ttot_text_list"]) == (["hello"], ["hi"])
        assert re.fullmatch(r"/static/uploads/received_audio_\w+\.wav", user["output_wav_list"][0])

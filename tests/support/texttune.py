"""What clients of TextTune do."""

from __future__ import annotations

from typing import Any

from support.server import Server
from support.waiting import eventually

PROMPT = "비 오는 밤의 잔잔한 피아노 연주곡"
SHORT = {"duration": 1}


def ask(server: Server, prompt: str = PROMPT, **fields: Any) -> Any:
    answer = server.post("/v1/generations", json={"prompt": prompt, **SHORT, **fields})
    assert answer.status_code == 202, answer.text
    return answer.json()


def state(server: Server, generation_id: str) -> Any:
    answer = server.get(f"/v1/generations/{generation_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def finish(server: Server, generation_id: str) -> Any:
    eventually(lambda: state(server, generation_id)["status"] in ("succeeded", "failed"))
    return state(server, generation_id)


def make(server: Server, prompt: str = PROMPT, **fields: Any) -> Any:
    """A finished track."""
    ended = finish(server, ask(server, prompt, **fields)["id"])
    assert ended["status"] == "succeeded", ended
    return server.get(f"/v1/tracks/{ended['track_id']}").json()

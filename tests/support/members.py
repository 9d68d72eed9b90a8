"""People with accounts on a real server, and what they have there."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from pansori.accounts import Accounts
from pansori.db import Database
from pansori.domain.errors import Conflict
from pansori.settings import load
from support.accounts import CHEAP, PASSWORD
from support.memoria import SONG
from support.recordings import short
from support.server import Server, running
from support.waiting import eventually

MODE = {
    "PANSORI_MODE": "accounts",
    "PANSORI_PASSWORD_MEMORY": str(CHEAP),
    "PANSORI_TRANSCRIBE_ENGINE": "debug",
    "PANSORI_REPLY_ENGINE": "debug",
}


@contextmanager
def serving_accounts(
    folder: Path, settings: dict[str, str] | None = None, *, until_ready: bool = True
) -> Iterator[Server]:
    """A real server where one logs in; ended afterwards."""
    with running(folder, {**MODE, **(settings or {})}, until_ready=until_ready) as server:
        yield server


@dataclass
class Member:
    """Somebody who is logged in, by a bearer token and without cookies."""

    server: Server
    email: str
    token: str
    things: dict[str, list[str]] = field(default_factory=dict)
    """Ids of what is theirs, by the name that paths have for it."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(method, self.server.url + path, headers=self.headers, **{"timeout": 300, **options})

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.ask("POST", path, **options)


def join(server: Server, email: str) -> Member:
    """A member, made as an operator makes them. Fixtures of a module may ask twice: xdist leaves it and comes back."""
    database = Database(f"sqlite:///{server.folder / 'data' / 'pansori.db'}")
    accounts = Accounts(database, load(mode="accounts", password_memory=CHEAP))
    with suppress(Conflict):
        accounts.office.create(email, PASSWORD)
    accounts.close()
    database.close()
    return log_in(server, email)


def log_in(server: Server, email: str, password: str = PASSWORD) -> Member:
    answer = server.post("/v1/auth/login", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    return Member(server, email, answer.json()["token"])


def furnish(member: Member, words: str) -> None:
    """Let the member make one of everything, with `words` in whatever has words."""
    song = member.post("/v1/jobs", json={"kind": "song", "task": {"genre": "folk", "lyrics": words}}).json()
    memoria = member.post("/generate-music-async/", json={**SONG, "lyrics_txt": words}).json()["job_id"]
    generation = member.post("/v1/generations", json={"prompt": words, "duration": 5}).json()
    recording = member.post("/v1/assets", files={"file": (f"{words}.wav", short())}).json()
    measuring = {"kind": "analysis", "task": {"asset_id": recording["id"], "engine": "debug"}}
    analysis = member.post("/v1/jobs", json=measuring).json()["id"]
    begun = [song["id"], memoria, generation["id"], analysis]
    eventually(lambda: all(member.get(f"/v1/jobs/{one}").json()["state"] == "succeeded" for one in begun))
    key = member.post("/v1/account/keys", json={"name": words}).json()
    template = member.post("/v1/templates", json={"name": words, "prompt": words}).json()
    actor = member.post("/actors", json={"name": words}).json()
    lines = [{"text": words, "actor_id": actor["id"]}]
    script = member.post("/scripts", json={"title": words, "lines": lines}).json()
    token = member.post("/tokens", json={"name": words, "script_id": script["id"], "actor_id": actor["id"]}).json()
    upload = member.post("/v1/uploads", json={"name": words, "size": 10}).json()
    heard = member.post("/run-model", files={"file": (f"{words}.wav", short())}).json()
    member.post("/run-model", json={"text": words})
    answered = member.post("/run-full-pipeline").json()["final_data"]["output_wav"]
    begun += [one["id"] for one in member.get("/v1/jobs").json()["jobs"] if one["kind"] == "voice_turn"]
    artifacts = [one for job in begun for one in member.get(f"/v1/jobs/{job}").json()["artifacts"]]
    member.things = {
        "job_id": begun,
        "generation_id": [generation["id"]],
        "track_id": [member.get(f"/v1/generations/{generation['id']}").json()["track_id"]],
        "asset_id": [*(one["asset_id"] for one in artifacts), recording["id"]],
        "key_id": [key["id"]],
        "session_id": [member.get("/v1/account/sessions").json()["sessions"][0]["id"]],
        "template_id": [template["id"]],
        "actor_id": [actor["id"]],
        "script_id": [script["id"]],
        "token_id": [token["id"]],
        "upload_id": [upload["id"]],
        "analysis_id": [analysis],
        "user_id": [str(heard["user_id"])],
        "turn_id": exported(member, "turns"),
        "file": [path.rpartition("/")[2] for path in (heard["input_wav"], answered)],
        "picture": ["chroma"],
        "number": ["1"],  # of a part of the upload
    }


def exported(member: Member, table: str) -> list[str]:
    """Ids of rows that no list tells."""
    with zipfile.ZipFile(io.BytesIO(member.get("/v1/account/export").content)) as archive:
        return [row["id"] for row in json.loads(archive.read(f"{table}.json"))]

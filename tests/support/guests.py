"""Guests of a real server where one logs in: each has a library of its own."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import requests

from pansori.api.cookies import NAME
from support.accounts import PASSWORD
from support.members import join
from support.server import Server
from support.shelf import Shelf
from support.waiting import eventually


class Guest:
    """Somebody with a cookie. `storage`: lets a browser be them: `visit.open(storage_state=guest.storage)`."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "guest"

    @property
    def storage(self) -> Any:
        value = self._session.cookies.get(NAME)
        assert value, "nobody is a guest before they have made something"
        return {"cookies": [{"name": NAME, "value": value, "domain": "127.0.0.1", "path": "/"}], "origins": []}

    @property
    def id(self) -> UUID:
        return UUID(self.get("/v1/me").json()["id"])

    def get(self, path: str, **options: Any) -> requests.Response:
        return self._session.get(self.server.url + path, timeout=300, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self._session.post(self.server.url + path, timeout=300, **options)

    def ask(self, prompt: str, **fields: Any) -> str:
        """The id of a generation that may not be finished."""
        answer = self.post("/v1/generations", json={"prompt": prompt, "duration": 2, **fields})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def make(self, *prompts: str, **fields: Any) -> list[str]:
        """Ids of finished tracks."""
        asked = [self.ask(prompt, **fields) for prompt in prompts]

        def tracks() -> list[str | None]:
            return [self.get(f"/v1/generations/{one}").json().get("track_id") for one in asked]

        eventually(lambda: all(tracks()))
        return [str(one) for one in tracks()]

    def keep(self, *prompts: str) -> list[str]:
        """Ids of tracks with these titles and prompts that nothing was made for: to be listed, marked and deleted."""
        if NAME not in self._session.cookies:
            self.post("/app/templates", data={"name": "Mine", "prompt": "A song"})
        with TemporaryDirectory() as folder:
            shelf = Shelf(Path(folder), f"sqlite+pysqlite:///{self.server.folder / 'data' / 'pansori.db'}")
            made = shelf.fill([{"title": one, "prompt": one} for one in prompts], self.id)
            shelf.database.close()
        return [str(one) for one in made]


class SignedIn(Guest):
    """Somebody with an account, logged in by its password."""

    def __init__(self, server: Server, email: str) -> None:
        super().__init__(server)
        self.email = email
        join(server, email)
        answer = self.post("/v1/auth/login", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 200, answer.text

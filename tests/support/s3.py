"""A real S3 server of the test session: OpenStack Swift behind its S3 API, in an environment of its own.

It refuses forged and expired signatures, which the usual stand-ins for S3 do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from pansori.domain.units import Seconds
from pansori.media import S3Store, open_store
from pansori.settings import Settings
from support.environments import environment
from support.services import Supervised, free_port, scratch_folder
from support.waiting import eventually

SERVER = Path(__file__).with_name("s3_server.py")
STARTING = 120.0  #: seconds that a busy machine may take
KEY, SECRET = "pansori:tester", "a-secret-of-the-tests"
BUCKET, SMALL_BUCKET = "songs", "small"  #: the second takes less than a mebibyte


class S3Server:
    """May be stopped and started again on the same port, with what it holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: Supervised | None = None

    def start(self) -> None:
        command = [str(environment("s3")), "-W", "ignore", str(SERVER), str(self._folder), str(self.port), KEY, SECRET]
        self._process = Supervised(command, log=self._folder / "server.log")
        eventually(self._answers, timeout=STARTING)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def settings(self, bucket: str = BUCKET, prefix: str = "") -> dict[str, object]:
        """Settings of an installation whose files are here; of its own where no prefix is given."""
        return {
            "store": f"s3://{bucket}/{prefix or uuid4().hex}",
            "aws_endpoint_url": self.url,
            "aws_access_key_id": KEY,
            "aws_secret_access_key": SECRET,
        }

    def environment(self, prefix: str = "") -> dict[str, str]:
        """The same as environment variables."""
        names = {"store": "PANSORI_STORE"}
        return {names.get(name, name.upper()): str(value) for name, value in self.settings(prefix=prefix).items()}

    def store(self, bucket: str = BUCKET, *, patience: float = 10.0, **settings: Any) -> S3Store:
        """An empty place; where `settings` say so another one, or one that is used wrongly."""
        opened = open_store(Settings.model_validate({**self.settings(bucket), **settings}))
        assert isinstance(opened, S3Store)
        return S3Store(opened.bucket, patience=Seconds(patience))

    def _answers(self) -> bool:
        assert self._process is not None
        assert not self._process.ended, (self._folder / "server.log").read_text()
        try:
            return requests.get(f"{self.url}/healthcheck", timeout=60).ok
        except requests.RequestException:
            return False


@contextmanager
def running_s3() -> Iterator[S3Server]:
    with scratch_folder("s3") as folder:
        server = S3Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()

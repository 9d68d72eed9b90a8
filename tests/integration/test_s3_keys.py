"""Keys for S3 that are not set but found: in a profile, or lent by what the machine runs on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from pansori.domain.errors import StorageError
from pansori.domain.units import Seconds
from pansori.media import Credentials, Keyring, S3Store
from pansori.media.stores import look_for_keys
from support.s3 import KEY, SECRET, S3Server

PLACES = (
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
UNSET: dict[str, Any] = {"aws_access_key_id": "", "aws_secret_access_key": ""}
ASSET_KEY = "ab/cd/0b5a4d0c-6c1f-4f53-9d5e-0d9f2a6f3a11.mp3"


class Lender:
    """Lends keys on loopback, as a cloud's metadata service, a container's host and its token service do."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.lasts = timedelta(hours=6)
        lender = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                self._answer(b"a-token")

            def do_GET(self) -> None:
                role = self.path.endswith("/role")
                if self.path == "/container":
                    allowed = self.headers["Authorization"] == "a-secret"
                else:
                    allowed = self.headers["X-aws-ec2-metadata-token"] == "a-token"
                if not allowed:
                    self.send_error(401)
                elif role or self.path == "/container":
                    self._answer(json.dumps(lender.keys()).encode())
                else:
                    self._answer(b"role")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if "WebIdentityToken=who+I+am" not in body or "RoleArn=arn%3Arole" not in body:
                    self.send_error(403)
                    return
                keys = lender.keys()
                keys["SessionToken"] = keys.pop("Token")
                fields = "".join(f"<{name}>{value}</{name}>" for name, value in keys.items())
                self._answer(
                    f'<R xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><A><Credentials>{fields}'
                    "</Credentials></A></R>".encode()
                )

            def _answer(self, body: bytes) -> None:
                lender.asked.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def keys(self) -> dict[str, str]:
        expires = (datetime.now(UTC) + self.lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"AccessKeyId": KEY, "SecretAccessKey": SECRET, "Token": "", "Expiration": expires}


@pytest.fixture
def lender() -> Iterator[Lender]:
    made = Lender()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def use(store: S3Store, folder: Path) -> None:
    """Everything that needs a key."""
    (folder / "file").write_bytes(b"0123456789")
    store.put(ASSET_KEY, folder / "file")
    assert b"".join(store.read(ASSET_KEY, 2, 5)) == b"234"
    assert requests.get(store.signed_url(ASSET_KEY, Seconds(60.0)), timeout=120).content == b"0123456789"
    assert store.sweep_unfinished(Seconds(3600.0)) == 0
    store.delete(ASSET_KEY)


def test_a_machine_of_a_cloud_is_lent_keys(
    s3_server: S3Server, lender: Lender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", lender.url)
    store = s3_server.store(**UNSET)
    assert lender.asked == []  # nothing is asked before it is needed
    use(store, tmp_path)
    place = "/latest/meta-data/iam/security-credentials/"
    assert lender.asked == ["PUT /latest/api/token", f"GET {place}", f"GET {place}role"]


def test_keys_that_are_about_to_expire_are_renewed(
    s3_server: S3Server, lender: Lender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{lender.url}/container")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a-secret")
    lender.lasts = timedelta(minutes=4)
    store = s3_server.store(**UNSET)
    use(store, tmp_path)
    before = len(lender.asked)
    assert before > 1
    lender.lasts = timedelta(hours=1)
    use(store, tmp_path)
    use(store, tmp_path)
    assert len(lender.asked) <= before + 2
    lender.server.shutdown()  # what is held is good for a while
    use(store, tmp_path)


def test_a_pod_has_a_role(s3_server: S3Server, lender: Lender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("who I am\n")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:role")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", lender.url)
    use(s3_server.store(**UNSET), tmp_path)
    assert lender.asked == ["POST /"]


def test_a_profile_has_keys(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "credentials"
    file.write_text(f"[songs]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n[other]\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_PROFILE", "songs")
    use(s3_server.store(**UNSET), tmp_path)
    monkeypatch.setenv("AWS_PROFILE", "other")
    with pytest.raises(StorageError, match="profile other"):
        s3_server.store(**UNSET).check_space()


def test_where_nobody_has_a_key_it_is_told_what_to_set(s3_server: S3Server, tmp_path: Path) -> None:
    store = s3_server.store(**UNSET)
    for need in (store.check_space, lambda: use(store, tmp_path), lambda: store.sweep_unfinished(Seconds(0.0))):
        with pytest.raises(StorageError) as caught:
            need()
        assert caught.value.cure is not None
        assert "AWS_ACCESS_KEY_ID" in caught.value.cure.en


@pytest.mark.parametrize(
    "environment",
    [
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://198.51.100.7/keys"},
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/keys"},
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/none", "AWS_ROLE_ARN": "arn:role"},
        {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9"},
    ],
)
def test_who_lends_none_is_no_riddle(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="There is no key"):
        look_for_keys("us-east-1", {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"), **environment})


def test_a_secret_is_not_shown() -> None:
    assert "hidden" not in repr(Keyring.of(Credentials("id", "hidden")).lent())

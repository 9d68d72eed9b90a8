"""A hub of models on this machine, which speaks as Hugging Face does: it tells a repository's files, and sends those
that are kept in LFS on to another server, which can send parts of them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1000  #: bytes from which on a file is kept in LFS
PIECE = 4096


@dataclass(frozen=True)
class Asked:
    """A request: where, for which bytes, with which token."""

    server: str
    path: str
    range: str | None
    token: str | None


@dataclass
class Repository:
    files: dict[str, bytes]
    licence: str | None = "apache-2.0"
    gated: bool = False
    revisions: tuple[str, ...] = ("main", COMMIT)
    told: dict[str, Any] = field(default_factory=dict)
    """What the list of files says otherwise than it is, by the file's name: `size`."""


@dataclass
class TestHub:
    """`repositories`: by `owner/name`. What the server of large files does wrong is set while it runs."""

    __test__ = False

    repositories: dict[str, Repository]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    """Of the next answers of that server: after how many bytes each breaks off."""
    statuses: list[int] = field(default_factory=list)
    """Of the next answers of that server: the status that each fails with."""
    whole: bool = False
    """It sends everything, whatever part it is asked for."""
    changed: bytes | None = None
    """It sends this in place of a file."""
    stalls: int | None = None
    """After so many bytes it sends no more, until `go` is set."""
    go: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)
    sent: int = 0
    """Bytes of large files."""

    def ranges(self) -> list[str | None]:
        """Which bytes of large files were asked for, each time."""
        return [one.range for one in self.asked if one.server == "files"]


@contextmanager
def hub(**repositories: Repository) -> Iterator[TestHub]:
    """Serves `repositories`, called `owner__name`, until the block is left."""
    serving = TestHub({name.replace("__", "/"): one for name, one in repositories.items()})
    with _served(serving, _Files, "localhost") as files, _served(serving, _Hub, "127.0.0.1", files) as serving.url:
        try:
            yield serving
        finally:
            serving.go.set()


@contextmanager
def _served(serving: TestHub, handler: type[_Handler], name: str, files: str = "") -> Iterator[str]:
    kind = type(handler.__name__, (handler,), {"hub": serving, "files": files})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://{name}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: TestHub
    files: str
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Requests are kept in `asked`."""

    def note(self, server: str) -> None:
        headers = self.headers
        self.hub.asked.append(Asked(server, self.path, headers.get("Range"), headers.get("Authorization")))

    def answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Hub(_Handler):
    def do_GET(self) -> None:
        self.note("hub")
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "models"] and len(parts) >= 4:
            return self.list_files("/".join(parts[2:4]), "/".join(parts[5:]) or "main")
        if len(parts) > 4 and parts[2] == "resolve":
            return self.send_file("/".join(parts[:2]), parts[3], "/".join(parts[4:]))
        return self.refuse(HTTPStatus.NOT_FOUND, "RepoNotFound")

    def do_HEAD(self) -> None:
        self.do_GET()

    def refuse(self, status: int, word: str) -> None:
        self.answer(status, b'{"error": "refused"}', {"X-Error-Code": word})

    def found(self, name: str, revision: str) -> Repository | None:
        repository = self.hub.repositories.get(name)
        if repository is None:
            self.refuse(HTTPStatus.UNAUTHORIZED, "RepoNotFound")  # it does not tell whether there is a hidden one
        elif repository.gated and self.headers.get("Authorization") != "Bearer hf_accepted":
            self.refuse(HTTPStatus.FORBIDDEN, "GatedRepo")
        elif revision not in repository.revisions:
            self.refuse(HTTPStatus.NOT_FOUND, "RevisionNotFound")
        else:
            return repository
        return None

    def list_files(self, name: str, revision: str) -> None:
        if repository := self.found(name, revision):
            siblings = [_sibling(path, content, repository.told) for path, content in repository.files.items()]
            card = {"license": repository.licence} if repository.licence else None
            answer = {"id": name, "sha": COMMIT, "cardData": card, "siblings": siblings}
            self.answer(HTTPStatus.OK, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def send_file(self, name: str, revision: str, path: str) -> None:
        repository = self.found(name, revision)
        if repository is None:
            return
        content = repository.files.get(path)
        if content is None:
            self.refuse(HTTPStatus.NOT_FOUND, "EntryNotFound")
            return
        large, blob = _digests(content)
        named = {"X-Repo-Commit": COMMIT, "ETag": f'"{blob}"'}
        if len(content) < LARGE:
            self.answer(HTTPStatus.OK, content, named)
        else:
            linked = {"X-Linked-ETag": f'"{large}"', "X-Linked-Size": str(len(content))}
            self.answer(HTTPStatus.FOUND, b"", {**named, **linked, "Location": f"{self.files}/{name}/{path}"})


class _Files(_Handler):
    def do_GET(self) -> None:
        self.note("files")
        if self.hub.statuses:
            return self.answer(self.hub.statuses.pop(0))
        owner, name, path = unquote(self.path).lstrip("/").split("/", 2)
        content = self.hub.changed or self.hub.repositories[f"{owner}/{name}"].files[path]
        first = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        if self.hub.whole or not first:
            self.begin(HTTPStatus.OK, len(content))
            return self.send(content)
        if first >= len(content):
            return self.answer(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        self.begin(HTTPStatus.PARTIAL_CONTENT, len(content) - first, f"bytes {first}-{len(content) - 1}/{len(content)}")
        return self.send(content[first:])

    def begin(self, status: int, length: int, content_range: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()

    def send(self, content: bytes) -> None:
        until = min(len(content), self.hub.breaks.pop(0)) if self.hub.breaks else len(content)
        for start in range(0, until, PIECE):
            if self.hub.stalls is not None and start >= self.hub.stalls and not self.hub.go.is_set():
                self.wfile.flush()
                self.hub.stalled.set()
                self.hub.go.wait()
            piece = content[start : min(start + PIECE, until)]
            self.hub.sent += len(piece)  # before who asked can have it, and look
            try:
                self.wfile.write(piece)
            except ConnectionError:  # who asked has gone
                break
        self.close_connection = True


def _sibling(path: str, content: bytes, told: dict[str, Any]) -> dict[str, Any]:
    sha256, blob = _digests(content)
    entry: dict[str, Any] = {"rfilename": path, "size": len(content), "blobId": blob}
    if len(content) >= LARGE:
        large = {"sha256": sha256, "size": len(content), "pointerSize": 134}
        entry = {**entry, "lfs": large}
    return {**entry, **told.get(path, {})}


def _digests(content: bytes) -> tuple[str, str]:
    """SHA-256, and git's own."""
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content)
    return hashlib.sha256(content).hexdigest(), blob.hexdigest()

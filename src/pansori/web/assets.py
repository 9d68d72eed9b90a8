"""Scripts, styles and fonts of the pages: named by their content, compressed, kept by browsers for ever.

Own files stand in `static/`, those of others in `vendor/` (see `pansori.web.build`). A file refers to another one as
`./name`, which becomes the name that it is served by.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

from pansori.api.fields import joined
from pansori.domain.errors import ConfigurationError, NotFound, Text

HERE = Path(__file__).parent
VENDOR = HERE / "vendor"  #: made by `pansori.web.build`
FOLDERS = (HERE / "static", VENDOR)
PREFIX = "/assets/"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
TEXTS = frozenset({".css", ".js", ".svg", ".webmanifest"})
KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
REFERENCE = re.compile(r"""(?P<before>\burl\(|\bfrom\s*["']|\bimport\s*\(?\s*["'])\./(?P<name>[\w.-]+)""")
GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:$|,|;\s*q\s*=\s*(?!0(?:\.0*)?\s*(?:,|$)))")
NEEDED = ("htmx.js", "fonts.css")
NO_SUCH_FILE = Text("There is no such file.", "그런 파일은 없어요.")


@dataclass(frozen=True)
class File:
    """One file as it is served. `content`: with its references in place."""

    name: str
    """With the hash: `app.3f9a2c417b.js`."""
    content: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        return TYPES[Path(self.name).suffix]

    @property
    def is_text(self) -> bool:
        return Path(self.name).suffix in TEXTS

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)


class PageAssets:
    """All of them, read once. Raises `ConfigurationError` where `vendor/` has not been filled."""

    def __init__(self, folders: tuple[Path, ...] = FOLDERS) -> None:
        self._sources = {path.name: path for folder in folders for path in _files(folder)}
        missing = [name for name in NEEDED if name not in self._sources]
        if missing:
            raise ConfigurationError(
                Text(f"The pages lack {', '.join(missing)}.", f"페이지에 쓰는 파일이 없어요: {', '.join(missing)}."),
                cure=Text("Run `make setup`, which fetches them.", "`make setup`을 실행하면 받아 와요."),
            )
        self._files: dict[str, File] = {}
        self._served = {self.file(name).name: self._files[name] for name in sorted(self._sources)}

    def file(self, name: str, users: tuple[str, ...] = ()) -> File:
        """By its own name, such as `app.js`. `users`: those that refer to it, which it must not refer to in turn."""
        if name in users or name not in self._sources:
            raise LookupError(f"{name} of {users}: there is no such file, or it refers to itself")
        if name not in self._files:
            path = self._sources[name]
            content = path.read_bytes()
            if path.suffix in (".css", ".js"):
                content = self._resolved(content.decode(), (*users, name)).encode()
            digest = hashlib.sha256(content).hexdigest()[:12]
            self._files[name] = File(f"{path.stem}.{digest}{path.suffix}", content)
        return self._files[name]

    def path(self, name: str) -> str:
        """Where it is served."""
        return PREFIX + self.file(name).name

    def served(self, name: str) -> File:
        """By the name with the hash. Raises `NotFound`."""
        if name not in self._served:
            raise NotFound(NO_SUCH_FILE)
        return self._served[name]

    def _resolved(self, text: str, users: tuple[str, ...]) -> str:
        return REFERENCE.sub(lambda match: f"{match['before']}./{self.file(match['name'], users).name}", text)


def answer(request: Request, file: File) -> Response:
    """The file, or 304 where the client has it."""
    headers = {**KEPT, "ETag": f'"{file.name}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(None, 304, headers)
    if file.is_text and takes_gzip(request):
        return Response(file.gzipped, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type)
    return Response(file.content, headers=headers, media_type=file.media_type)


def takes_gzip(request: Request) -> bool:
    """Whether `Accept-Encoding` names it, and not with a weight of zero (RFC 9110 §12.5.3)."""
    return GZIP.search(joined(request.headers.getlist("accept-encoding")) or "") is not None


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.glob("*") if path.suffix in TYPES)

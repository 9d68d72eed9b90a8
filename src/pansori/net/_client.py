"""Requests to addresses that came from outside."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from pansori import telemetry
from pansori.domain.errors import FetchFailed, Text
from pansori.domain.units import Bytes, Seconds
from pansori.lexicon.particles import attach
from pansori.net._bodies import bounded, paced, too_large, unpacked
from pansori.net._urls import Url, parse_url
from pansori.net._watch import Resolver, Watch, system_resolver, timed_out, unreachable
from pansori.settings import Settings

if TYPE_CHECKING:  # loaded with the first request: they take longer than many a command
    import httpcore
    import httpx

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 5
USER_AGENT = "Pansori"
CONNECT, READ = Seconds(10.0), Seconds(30.0)


@dataclass(frozen=True)
class Bounds:
    """How much of another server's time and bytes one takes."""

    total: Seconds
    """How long all of a request may take, redirects and body included."""
    size: Bytes
    """Of the body, packed and unpacked alike."""
    connect: Seconds = CONNECT
    read: Seconds = READ
    """How long the other side may keep silent."""
    pace: int = 0
    """Bytes a second that come at least of what is downloaded into a file, over any `stretch`."""
    stretch: Seconds = READ


PAGE = Bounds(total=Seconds(60.0), size=Bytes(64 * 1024 * 1024))


@dataclass(frozen=True)
class Response:
    """An answer whose body has not been read yet. `headers`: by lower-case name; `url`: where it came from, after
    redirects."""

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    url: Url
    chunks: Iterator[bytes] = field(repr=False)
    """The body, unpacked. Raises `ResponseTooLarge`, `FetchTimedOut`, `Unreachable`, `FetchFailed`."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """As the server names it, without parameters; empty where it does not."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def read(self) -> bytes:
        return b"".join(self.chunks)

    def raise_for_status(self) -> None:
        if not self.ok:
            raise FetchFailed(
                Text(
                    f"{self.url.host} answered with status {self.status}.",
                    f"{attach(self.url.host, '이/가')} 상태 코드 {attach(str(self.status), '으로/로')} 답했어요.",
                ),
                status=self.status,
            )


@dataclass(frozen=True)
class Fetched:
    """What was fetched, whole. `content` is empty where it went into a file."""

    url: Url
    media_type: str
    size: Bytes
    content: bytes = field(default=b"", repr=False)


def _nothing() -> None:
    """Nobody calls the request off."""


class Client:
    """Each request has a connection of its own, so nothing of one is left for another. No proxy is used, whatever the
    environment says: it would connect where nobody judges.

    `trusted`: URLs that the operator named: their host and port may be visited whatever the address, and they alone
    are told which trace a request belongs to. `resolve` gives the addresses of a name.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        trusted: tuple[Url, ...] = (),
        bounds: Bounds = PAGE,
        resolve: Resolver = system_resolver,
    ) -> None:
        self._allow_loopback = allow_loopback
        self._trusted = frozenset((url.host, url.port) for url in trusted)
        self._bounds = bounds
        self._resolve = resolve

    @classmethod
    def of(cls, settings: Settings, *, trusted: tuple[Url, ...] = (), bounds: Bounds = PAGE) -> Client:
        return cls(allow_loopback=settings.allow_loopback_urls, trusted=trusted, bounds=bounds)

    def fetch(self, url: str | Url, *, secrets: Mapping[str, str] | None = None) -> Fetched:
        """The body in memory. Raises a `NetworkError`; `FetchFailed` for a status that is no success."""
        with self.open("GET", url, secrets=secrets) as response:
            response.raise_for_status()
            content = response.read()
            return Fetched(response.url, response.media_type, Bytes(len(content)), content)

    def download(
        self,
        url: str | Url,
        path: Path,
        *,
        secrets: Mapping[str, str] | None = None,
        look: Callable[[], None] = _nothing,
    ) -> Fetched:
        """The body into a file, which is removed again where it does not come whole. Raises as `fetch` does."""
        with self.open("GET", url, secrets=secrets, look=look) as response:
            response.raise_for_status()
            size, bounds = 0, self._bounds
            try:
                with path.open("wb") as file:
                    for chunk in paced(response.chunks, bounds.pace, bounds.stretch, response.url.host):
                        look()
                        size += file.write(chunk)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
            return Fetched(response.url, response.media_type, Bytes(size))

    @contextmanager
    def open(
        self,
        method: str,
        url: str | Url,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        body: bytes = b"",
        bounds: Bounds | None = None,
        look: Callable[[], None] = _nothing,
    ) -> Iterator[Response]:
        """Ask, and follow redirects of a GET; an answer of any other status is handed on as it is.

        `secrets`: headers for the first URL's own origin, which no redirect carries to another. `look` is called
        several times a second while one waits; what it raises ends the request. Raises a `NetworkError`.
        """
        bounds = bounds or self._bounds
        watch = Watch(time.monotonic() + bounds.total, look)
        current = first = self.parse(url)
        for _ in range(MAX_REDIRECTS + 1):
            private = (secrets or {}) if current.origin == first.origin else {}
            sent = {"User-Agent": USER_AGENT, **(headers or {}), **private}
            with self._ask(method, current, sent, body, bounds, watch) as response:
                location = response.headers.get("location")
                if response.status not in REDIRECTS or location is None:
                    yield response
                    return
                if method != "GET":
                    raise _redirected(current)
                current = self.parse(current.join(location))
        raise FetchFailed(
            Text(
                f"{first.host} redirects more than {MAX_REDIRECTS} times.",
                f"{first.host}에서 {MAX_REDIRECTS}번 넘게 다른 주소로 넘겼어요.",
            )
        )

    def parse(self, url: str | Url) -> Url:
        """Raises `UnsafeAddress` for what may not be visited by its form alone."""
        if isinstance(url, Url) and (url.host, url.port) in self._trusted:
            return url
        return parse_url(str(url))

    @contextmanager
    def _ask(
        self, method: str, url: Url, headers: Mapping[str, str], body: bytes, bounds: Bounds, watch: Watch
    ) -> Iterator[Response]:
        told: telemetry.Attributes = {
            "http.request.method": method,
            "server.address": url.host,
            "server.port": url.port,
        }
        with telemetry.span(method, "client", told) as span:
            traced = telemetry.traceparent() if (url.host, url.port) in self._trusted else None
            sent = {**headers, "traceparent": traced} if traced is not None else headers
            with self._exchange(method, url, sent, body, bounds, watch) as response:
                span.set("http.response.status_code", response.status)
                if response.status >= HTTPStatus.BAD_REQUEST:
                    span.fail(str(response.status))
                yield response

    @contextmanager
    def _exchange(
        self, method: str, url: Url, headers: Mapping[str, str], body: bytes, bounds: Bounds, watch: Watch
    ) -> Iterator[Response]:
        import httpcore

        from pansori.net._dialing import Dialer

        request = _request(method, url, headers, body, bounds)
        dialer = Dialer(self._resolve, watch, allow_loopback=self._allow_loopback, trusted=self._trusted)
        tls = self._tls if url.scheme == "https" else None  # reading the authorities takes a while
        connection = httpcore.HTTPConnection(request.url.origin, ssl_context=tls, network_backend=dialer)
        with closing(connection), _named(url.host):
            answer = connection.handle_request(request)
            with closing(answer):
                yield _response(answer, url, bounds.size)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Checks certificates; SSL_CERT_FILE and SSL_CERT_DIR name other authorities."""
        import httpx

        return httpx.create_ssl_context()


def _request(method: str, url: Url, headers: Mapping[str, str], body: bytes, bounds: Bounds) -> httpcore.Request:
    import httpcore

    sent = {
        "Host": url.authority,
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
        **headers,
    }
    if body or method != "GET":
        sent["Content-Length"] = str(len(body))
    return httpcore.Request(
        method,
        httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target),
        headers=list(sent.items()),
        content=body,
        extensions={"timeout": {"connect": bounds.connect, "read": bounds.read, "write": bounds.read}},
    )


def _response(answer: httpcore.Response, url: Url, limit: Bytes) -> Response:
    import httpx

    lines = httpx.Headers(answer.headers)
    headers = {name.lower(): value for name, value in lines.items()}
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise too_large(limit)
    packed = bounded(answer.iter_stream(), limit)
    chunks = bounded(unpacked(packed, headers.get("content-encoding", "").strip().lower()), limit)
    return Response(answer.status, headers, _cookies(lines), url, _named_chunks(chunks, url.host))


def _cookies(headers: httpx.Headers) -> dict[str, str]:
    """Names and values alone: whoever keeps them knows how long and for whom."""
    pairs = (line.partition(";")[0].partition("=") for line in headers.get_list("set-cookie"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def _named_chunks(chunks: Iterator[bytes], host: str) -> Iterator[bytes]:
    with _named(host):
        yield from chunks


@contextmanager
def _named(host: str) -> Iterator[None]:
    """What the layer below raises, by our names."""
    import httpcore

    try:
        yield
    except httpcore.TimeoutException as error:
        raise timed_out(host) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise unreachable(host, error) from error


def _redirected(url: Url) -> FetchFailed:
    return FetchFailed(
        Text(
            f"{url.host} sends what was given to it elsewhere.",
            f"{attach(url.host, '이/가')} 요청을 다른 주소로 넘겼어요.",
        ),
    )

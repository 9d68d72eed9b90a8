"""The guarded client against real servers on loopback."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pansori.domain.errors import (
    Cancelled,
    FetchFailed,
    FetchTimedOut,
    NetworkError,
    ResponseTooLarge,
    Unreachable,
    UnsafeAddress,
)
from pansori.domain.units import Bytes, Seconds
from pansori.net import Bounds, Client, parse_url
from pansori.settings import Settings
from support.origin import Answer, Exchange, Origin, redirecting, serving

SMALL = Bounds(total=Seconds(120.0), size=Bytes(100_000))
HURRIED = Bounds(total=Seconds(0.6), size=Bytes(100_000))


@pytest.fixture
def origin() -> Iterator[Origin]:
    with serving() as served:
        yield served


@pytest.fixture
def client() -> Client:
    return Client(allow_loopback=True, bounds=SMALL)


def test_a_page_is_fetched(origin: Origin, client: Client) -> None:
    origin.routes["/노래".encode().decode()] = lambda exchange: exchange.answer()
    origin.routes["/a"] = lambda exchange: exchange.answer(body="봄".encode(), media_type="text/html; charset=utf-8")
    fetched = client.fetch(f"{origin.url}/a?b=c#d")
    assert fetched.content.decode() == "봄"
    assert (fetched.media_type, fetched.size) == ("text/html", 3)
    assert origin.requests[0].path == "/a?b=c"
    assert origin.requests[0].headers["Host"] == f"127.0.0.1:{origin.port}"


def test_loopback_is_visited_only_where_it_is_allowed(origin: Origin) -> None:
    with pytest.raises(UnsafeAddress) as raised:
        Client().fetch(origin.url)
    assert raised.value.cure is not None
    assert "PANSORI_ALLOW_LOOPBACK_URLS" in raised.value.cure.en
    assert not origin.requests


def test_what_the_operator_named_is_trusted_and_nothing_else(origin: Origin) -> None:
    origin.routes["/a"] = lambda exchange: exchange.answer(body=b"mine")
    with serving() as other:
        origin.routes["/b"] = redirecting(f"{other.url}/a")
        client = Client(trusted=(parse_url(origin.url),))
        assert client.fetch(f"{origin.url}/a").content == b"mine"
        with pytest.raises(UnsafeAddress):
            client.fetch(f"{origin.url}/b")
        assert not other.requests


def test_the_setting_allows_loopback(origin: Origin, tmp_path: Path) -> None:
    origin.routes["/"] = lambda exchange: exchange.answer(body=b"here")
    allowed = Settings(data_dir=tmp_path, allow_loopback_urls=True)
    assert Client.of(allowed).fetch(origin.url).content == b"here"


def test_a_name_that_changes_its_address_is_dialled_where_it_was_judged(origin: Origin) -> None:
    """DNS rebinding: the second answer would be forbidden, and nobody asks for it."""
    origin.routes["/"] = lambda exchange: exchange.answer(body=b"first")
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    client = Client(allow_loopback=True, resolve=resolve, bounds=SMALL)
    assert client.fetch(f"http://rebind.example:{origin.port}/").content == b"first"
    assert asked == ["rebind.example"]
    assert origin.requests[0].headers["Host"] == f"rebind.example:{origin.port}"
    with pytest.raises(UnsafeAddress):
        client.fetch(f"http://rebind.example:{origin.port}/")


def test_an_address_is_dialled_without_asking_for_its_name(origin: Origin) -> None:
    origin.routes["/"] = lambda exchange: exchange.answer(body=b"here")
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return [host]

    assert Client(allow_loopback=True, resolve=resolve).fetch(origin.url).content == b"here"
    with pytest.raises(UnsafeAddress):
        Client(resolve=resolve).fetch(origin.url)
    assert asked == []


def test_one_forbidden_address_among_several_forbids_the_name(origin: Origin) -> None:
    client = Client(allow_loopback=True, resolve=lambda host, port: ["127.0.0.1", "192.168.0.1"])
    with pytest.raises(UnsafeAddress):
        client.fetch(f"http://mixed.example:{origin.port}/")
    assert not origin.requests


def test_the_next_address_is_tried_where_one_does_not_answer(origin: Origin) -> None:
    origin.routes["/"] = lambda exchange: exchange.answer(body=b"second")
    client = Client(allow_loopback=True, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])
    assert client.fetch(f"http://two.example:{origin.port}/").content == b"second"


@pytest.mark.parametrize("failure", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_without_address_is_unreachable(failure: Exception) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        raise failure

    with pytest.raises(Unreachable):
        Client(resolve=resolve).fetch("http://nowhere.example/")


def test_nobody_listening_is_unreachable(client: Client) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable) as raised:
            client.fetch(f"http://127.0.0.1:{closed.getsockname()[1]}/")
    assert raised.value.retryable


def test_proxies_of_the_environment_are_not_used(
    origin: Origin, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.routes["/"] = lambda exchange: exchange.answer(body=b"direct")
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert client.fetch(origin.url).content == b"direct"


# -- redirects ------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(origin: Origin, client: Client, status: int) -> None:
    origin.routes["/a"] = redirecting("b", status)
    origin.routes["/b"] = lambda exchange: exchange.answer(body=b"b")
    fetched = client.fetch(f"{origin.url}/a")
    assert fetched.content == b"b"
    assert str(fetched.url) == f"{origin.url}/b"


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/latest/meta-data", "http://2130706433:22/", "//10.0.0.1/", "file:///etc/passwd",
     "http://user@127.0.0.1/", "http://[::ffff:10.0.0.1]/", "gopher://127.0.0.1/"],
)  # fmt: skip
def test_redirects_are_judged(origin: Origin, client: Client, location: str) -> None:
    origin.routes["/"] = redirecting(location)
    with pytest.raises(UnsafeAddress):
        client.fetch(origin.url)


def test_a_circle_of_redirects_ends(origin: Origin, client: Client) -> None:
    origin.routes["/"] = redirecting("/")
    with pytest.raises(FetchFailed):
        client.fetch(origin.url)
    assert len(origin.requests) == 6


def test_secrets_stay_with_their_origin(origin: Origin, client: Client) -> None:
    with serving({"/c": lambda exchange: exchange.answer()}) as other:
        origin.routes["/a"] = redirecting("/b")
        origin.routes["/b"] = redirecting(f"{other.url}/c")
        client.fetch(f"{origin.url}/a", secrets={"Authorization": "Bearer s3cret"})
        assert [request.headers.get("Authorization") for request in origin.requests] == ["Bearer s3cret"] * 2
        assert "Authorization" not in other.requests[0].headers


def test_what_is_posted_goes_nowhere_else(origin: Origin, client: Client) -> None:
    origin.routes["/"] = redirecting("/b", 307)
    with pytest.raises(FetchFailed), client.open("POST", origin.url, body=b"{}"):
        pass
    assert [request.path for request in origin.requests] == ["/"]


# -- bodies ------------


def test_a_status_that_is_no_success_is_told(origin: Origin, client: Client) -> None:
    with pytest.raises(FetchFailed) as raised:
        client.fetch(f"{origin.url}/missing")
    assert raised.value.status == 404


def _endless(exchange: Exchange) -> None:
    exchange.start()
    while not exchange.origin.ending.is_set():
        exchange.wfile.write(bytes(65_536))


def test_an_endless_body_stops_at_the_bound(origin: Origin, client: Client, tmp_path: Path) -> None:
    origin.routes["/"] = _endless
    with pytest.raises(ResponseTooLarge) as raised:
        client.download(origin.url, tmp_path / "x")
    assert "100000" in raised.value.message.en
    assert not (tmp_path / "x").exists()
    assert origin.gone.wait(60)


def test_a_body_that_says_it_is_too_large_is_not_read(origin: Origin, client: Client) -> None:
    origin.routes["/"] = lambda exchange: exchange.start(Content_Length="2147483648")
    with pytest.raises(ResponseTooLarge):
        client.fetch(origin.url)


def _deflate_raw(content: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate", "identity"])
def test_packed_bodies_are_unpacked(origin: Origin, client: Client, encoding: str) -> None:
    content = bytes(range(256)) * 300
    packers: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "raw deflate": _deflate_raw,
        "identity": bytes,
    }
    packed = packers[encoding](content)
    header = encoding.rpartition(" ")[2]
    origin.routes["/"] = lambda exchange: exchange.answer(body=packed, Content_Encoding=header)
    assert client.fetch(origin.url).content == content


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_packed_bomb_stops_at_the_bound(origin: Origin, client: Client, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(50_000_000))
    assert len(bomb) < SMALL.size
    header = "gzip" if pack is gzip.compress else "deflate"
    origin.routes["/"] = lambda exchange: exchange.answer(body=bomb, Content_Encoding=header)
    seen: list[int] = []
    with client.open("GET", origin.url) as response, pytest.raises(ResponseTooLarge):
        seen.extend(len(chunk) for chunk in response.chunks)
    assert sum(seen) <= SMALL.size


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"not gzip", "gzip"), (gzip.compress(bytes(5_000))[:-9], "gzip"), (b"x", "br"), (b"x", "gzip, gzip")],
    ids=["no gzip", "cut", "unknown", "twice"],  # a gzip's own bytes tell when it was made
)
def test_damaged_and_unknown_packing_is_refused(origin: Origin, client: Client, body: bytes, encoding: str) -> None:
    origin.routes["/"] = lambda exchange: exchange.answer(body=body, Content_Encoding=encoding)
    with pytest.raises(FetchFailed):
        client.fetch(origin.url)


def test_a_body_that_breaks_off_is_an_error(origin: Origin, client: Client, tmp_path: Path) -> None:
    def half(exchange: Exchange) -> None:
        exchange.start(Content_Length="1000")
        exchange.wfile.write(b"half")

    origin.routes["/"] = half
    with pytest.raises(Unreachable):
        client.download(origin.url, tmp_path / "x")
    assert not (tmp_path / "x").exists()


# -- time ------------


def _silent(exchange: Exchange) -> None:
    exchange.origin.ending.wait(120)


def _trickling(exchange: Exchange) -> None:
    """A byte now and then, each soon enough for any time-out between two bytes."""
    exchange.start()
    while not exchange.origin.ending.wait(0.05):
        exchange.wfile.write(b"x")


def _trickling_head(exchange: Exchange) -> None:
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not exchange.origin.ending.wait(0.05):
        exchange.wfile.write(b"x")


@pytest.mark.parametrize("answer", [_silent, _trickling, _trickling_head])
def test_slow_servers_are_given_up(origin: Origin, answer: Answer) -> None:
    origin.routes["/"] = answer
    with pytest.raises(FetchTimedOut):
        Client(allow_loopback=True, bounds=HURRIED).fetch(origin.url)


def test_silence_is_bounded_by_itself(origin: Origin) -> None:
    origin.routes["/"] = _silent
    bounds = Bounds(total=Seconds(600.0), size=Bytes(1000), read=Seconds(0.3))
    with pytest.raises(FetchTimedOut):
        Client(allow_loopback=True, bounds=bounds).fetch(origin.url)


def test_a_file_that_only_trickles_is_given_up(origin: Origin, tmp_path: Path) -> None:
    def slow(exchange: Exchange) -> None:
        exchange.start(Content_Length="60")
        for _ in range(60):
            exchange.origin.ending.wait(0.05)
            exchange.wfile.write(b"x")

    origin.routes["/slow"] = slow
    origin.routes["/fine"] = lambda exchange: exchange.answer(body=bytes(1000))
    bounds = Bounds(total=Seconds(600.0), size=Bytes(100_000), pace=1_000, stretch=Seconds(0.3))
    with pytest.raises(FetchTimedOut):
        Client(allow_loopback=True, bounds=bounds).download(f"{origin.url}/slow", tmp_path / "x")
    assert not (tmp_path / "x").exists()
    judged = replace(bounds, pace=1, stretch=Seconds(0.0))
    assert Client(allow_loopback=True, bounds=judged).download(f"{origin.url}/fine", tmp_path / "x").size == 1000


def test_a_resolver_that_hangs_is_given_up() -> None:
    released = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        released.wait(120)
        return []

    with pytest.raises(FetchTimedOut):
        Client(resolve=resolve, bounds=HURRIED).fetch("http://slow.example/")
    released.set()


def test_a_handshake_that_never_comes_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(FetchTimedOut):
        Client(allow_loopback=True, bounds=HURRIED).fetch(f"https://127.0.0.1:{mute.getsockname()[1]}/")


def test_what_is_no_tls_is_unreachable(origin: Origin, client: Client) -> None:
    with pytest.raises(Unreachable):
        client.fetch(f"https://127.0.0.1:{origin.port}/")


@pytest.mark.parametrize("answer", [_silent, _trickling])
def test_whoever_waits_can_be_called_off(origin: Origin, client: Client, tmp_path: Path, answer: Answer) -> None:
    origin.routes["/"] = answer

    def look() -> None:
        if origin.requests:
            raise Cancelled("called off")

    with pytest.raises(Cancelled):
        client.download(origin.url, tmp_path / "x", look=look)
    assert not (tmp_path / "x").exists()


def test_what_is_no_http_is_an_error(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(NetworkError):
            client.fetch(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()


def test_headers_without_end_are_an_error(origin: Origin, client: Client) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not exchange.origin.ending.is_set():
            exchange.wfile.write(b"X-Y: " + b"z" * 1000 + b"\r\n")

    origin.routes["/"] = endless
    with pytest.raises(NetworkError):
        client.fetch(origin.url)

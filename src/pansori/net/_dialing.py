"""Connecting: a name is resolved once, all its addresses are judged, and a judged address itself is dialled.

So a name that answers with another address a moment later (DNS rebinding) changes nothing. Waiting is done in short
slices, so that whoever waits can be called off.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import httpcore

from pansori.domain.errors import Text, UnsafeAddress
from pansori.domain.units import Seconds
from pansori.lexicon.particles import attach
from pansori.net._addresses import is_address, why_forbidden
from pansori.net._watch import Resolver, Watch, timed_out, unreachable

SLICE = Seconds(0.2)  #: how long one looks at the network before looking up again

Part = TypeVar("Part")
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class Dialer(httpcore.NetworkBackend):
    """Opens the connections of one request. `trusted`: hosts and ports that the operator named, whatever their
    addresses."""

    def __init__(
        self, resolve: Resolver, watch: Watch, *, allow_loopback: bool, trusted: frozenset[tuple[str, int]]
    ) -> None:
        self._resolve = resolve
        self._watch = watch
        self._allow_loopback = allow_loopback
        self._trusted = trusted

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises `UnsafeAddress`, `Unreachable`, `FetchTimedOut`."""
        refused: OSError | None = None
        for address in self._judged(host, port):
            try:
                connected = socket.create_connection((address, port), self._within(timeout, host))
            except OSError as error:
                refused = error
                continue
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return WatchedStream(connected, host, self._watch)
        self._watch.left(host)
        if isinstance(refused, TimeoutError):
            raise timed_out(host) from refused
        raise unreachable(host) from refused

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SocketOption] | None = None
    ) -> httpcore.NetworkStream:
        raise UnsafeAddress(f"{path} is not an address of the network.")

    def sleep(self, seconds: float) -> None:
        raise RuntimeError("nothing is tried twice here")

    def _within(self, timeout: float | None, host: str) -> float:
        left = self._watch.left(host)
        return left if timeout is None else min(timeout, left)

    def _judged(self, host: str, port: int) -> Sequence[str]:
        addresses = self._addresses(host, port)
        if (host, port) not in self._trusted:
            for address in addresses:
                _judge(host, address, allow_loopback=self._allow_loopback)
        return addresses

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """The resolver knows no time-out, so it is waited for from outside. What is an address needs none."""
        if is_address(host):
            return (host,)
        answer: list[Sequence[str] | OSError | UnicodeError] = []

        def ask() -> None:
            try:
                answer.append(self._resolve(host, port))
            except (OSError, UnicodeError) as error:  # the second: of a label that no name can have
                answer.append(error)

        asking = threading.Thread(target=ask, name="resolve", daemon=True)
        asking.start()
        while asking.is_alive():
            asking.join(min(SLICE, self._watch.left(host)))
            self._watch.look()
        found = answer[0]
        if isinstance(found, Exception) or not found:
            raise unreachable(host) from (found if isinstance(found, Exception) else None)
        return found


class WatchedStream(httpcore.NetworkStream):
    """A connection that gives up at the deadline, however slowly the other side goes on."""

    def __init__(self, connected: socket.socket, host: str, watch: Watch) -> None:
        self._socket = connected
        self._host = host
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._patiently(timeout, lambda: self._socket.recv(max_bytes))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        while rest:
            sent = self._patiently(timeout, lambda part=rest: self._socket.send(part))  # type: ignore[misc]
            rest = rest[sent:]

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._watch.left(self._host)
        self._socket.settimeout(left if timeout is None else min(timeout, left))
        try:
            self._socket = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except TimeoutError as error:
            self.close()
            raise timed_out(self._host) from error
        except OSError as error:  # a certificate that does not fit is one too
            self.close()
            raise unreachable(self._host, error) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._socket if info == "socket" else None

    def _patiently(self, timeout: float | None, act: Callable[[], Part]) -> Part:
        begun = time.monotonic()
        while True:
            left = self._watch.left(self._host)
            self._socket.settimeout(min(SLICE, left))
            try:
                return act()
            except TimeoutError as error:
                if timeout is not None and time.monotonic() - begun >= timeout:
                    raise timed_out(self._host) from error
            except OSError as error:
                raise unreachable(self._host, error) from error
            self._watch.look()


def _judge(host: str, address: str, *, allow_loopback: bool) -> None:
    kind = why_forbidden(address, allow_loopback=allow_loopback)
    if kind is None:
        return
    cure = Text("Give an address on the public Internet.", "인터넷에 공개된 주소를 적어 주세요.")
    if kind == "loopback":
        cure = Text(
            "Give an address on the public Internet; PANSORI_ALLOW_LOOPBACK_URLS=1 allows this machine's own.",
            "인터넷에 공개된 주소를 적어 주세요. 이 컴퓨터의 주소를 쓰려면 PANSORI_ALLOW_LOOPBACK_URLS=1로 설정하세요.",
        )
    raise UnsafeAddress(
        Text(
            f"{host} leads to {address}, which is not a public address ({kind}).",
            f"{host}의 주소 {attach(str(address), '은/는')} 공개된 주소가 아니에요.",
        ),
        cure=cure,
    )

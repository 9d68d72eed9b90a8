"""The guarded client and certificates: the name is what counts, and who vouches for it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from pansori.domain.errors import (
    Unreachable,
)
from pansori.net import Client
from support.certificates import Certificates, issued


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issued(tmp_path_factory.mktemp("tls"), "right.example")


@pytest.fixture
def secure(certificate: Certificates) -> Iterator[tuple[int, list[str | None]]]:
    """A server behind TLS that answers `safe`, with the names that its clients asked for."""
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.both)
    context.sni_callback = lambda connection, name, _: asked.append(name)

    def serve(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                plain, _ = server.accept()
                with suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(65_536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsafe")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        yield server.getsockname()[1], asked
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_the_certificate_is_the_names_and_not_the_addresses(
    secure: tuple[int, list[str | None]], certificate: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.ca))
    client = Client(allow_loopback=True, resolve=lambda host, port: ["127.0.0.1"])
    assert client.fetch(f"https://right.example:{port}/").content == b"safe"
    assert asked == ["right.example"]
    with pytest.raises(Unreachable) as raised:
        client.fetch(f"https://wrong.example:{port}/")
    assert "certificate" in raised.value.message.en.lower()


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: tuple[int, list[str | None]]) -> None:
    client = Client(allow_loopback=True, resolve=lambda host, port: ["127.0.0.1"])
    with pytest.raises(Unreachable):
        client.fetch(f"https://right.example:{secure[0]}/")

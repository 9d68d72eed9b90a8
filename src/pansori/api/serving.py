"""Serving until told to end: uvicorn with streams that close, workers that follow, and a sweeper."""

from __future__ import annotations

import contextlib
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterator
from functools import partial

import uvicorn
from fastapi import FastAPI

from pansori.api.app import create_app
from pansori.api.deps import Server as ServerState
from pansori.api.guard import is_loopback
from pansori.api.sendfile import Sendfile
from pansori.api.voice import SOCKETS
from pansori.domain.errors import ConfigurationError, Text
from pansori.domain.units import Seconds
from pansori.jobs import Counting, Supervisor, Sweeper, count_events
from pansori.library import Retention
from pansori.settings import Settings
from pansori.workflows import Services, clear_away, tell_ended

PATIENCE = 1  #: seconds that requests may take to finish once the server is told to end
KEEPING = Seconds(1.0)  #: that what is said may take to be kept after that
SIGNALS = (signal.SIGINT, signal.SIGTERM)
BACKLOG = 2048
WORKERS_GRACE = Seconds(2.8)


def serve(
    services: Services,
    *,
    only: Collection[str] | None = None,
    workers: Supervisor | None = None,
    extend: Callable[[FastAPI], None] | None = None,
    on_started: Callable[[str], None] = lambda url: None,
) -> None:
    """Answer requests until SIGTERM or SIGINT; a second SIGINT ends it without waiting for anybody.

    `extend` adds pages to the app. `workers` is started with the server and ended with it. `on_started` is told the
    address. Only from the main thread. Raises `ConfigurationError`, and `OSError` where the address cannot be had.
    """
    settings = services.settings
    check_exposure(settings)
    check_certificate(settings)
    app = create_app(services, only, extend=extend)
    with _listening(settings.host, settings.port) as listener, _in_background(services, workers) as end_workers:
        server = _Server(app, settings, end_workers)
        state: ServerState = app.state.server
        with server.capture_signals():  # from now on: whoever is told the address may end the server at once
            on_started(address(settings.host, listener.getsockname()[1], secure=settings.tls_cert is not None))
            try:
                server.run(sockets=[listener])
            finally:
                state.sessions.wait(KEEPING)


def check_exposure(settings: Settings) -> None:
    """In `open` mode whoever reaches the server may do anything, so others do only on purpose."""
    if settings.mode == "open" and not is_loopback(settings.host) and not settings.open_to_all:
        raise ConfigurationError(
            Text(
                f"Anybody who reaches {settings.host} could use this server: it has no login.",
                f"로그인이 없어서 {settings.host}에 닿는 누구나 이 서버를 쓸 수 있게 돼요.",
            ),
            field="PANSORI_HOST",
            cure=Text(
                "Listen on 127.0.0.1, or set PANSORI_OPEN_TO_ALL=true if that is meant.",
                "127.0.0.1을 쓰거나, 그래도 괜찮으면 PANSORI_OPEN_TO_ALL=true로 설정하세요.",
            ),
        )


def check_certificate(settings: Settings) -> None:
    """See that HTTPS can be spoken, where it is wanted."""
    if settings.tls_cert is None:
        if settings.tls_key is not None:
            raise ConfigurationError(
                Text("There is a key and no certificate.", "키만 있고 인증서가 없어요."),
                field="PANSORI_TLS_CERT",
                cure=Text("Set PANSORI_TLS_CERT (--tls-cert) too.", "PANSORI_TLS_CERT(--tls-cert)도 정해 주세요."),
            )
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.tls_cert, settings.tls_key, password=_no_password
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigurationError(
            Text(f"The certificate cannot be used: {reason}.", f"인증서를 쓸 수 없어요: {reason}."),
            field="PANSORI_TLS_CERT",
            cure=Text(
                "PANSORI_TLS_CERT and PANSORI_TLS_KEY (--tls-cert, --tls-key) name PEM files; the key has no password.",
                "PANSORI_TLS_CERT와 PANSORI_TLS_KEY(--tls-cert, --tls-key)에 암호 없는 PEM 파일을 적어 주세요.",
            ),
        ) from error


def _no_password() -> str:
    """Instead of a question at the terminal."""
    raise ValueError("its key has a password")


def address(host: str, port: int, *, secure: bool = False) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{'https' if secure else 'http'}://{name}:{port}"


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens, bound before anything else is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named, for asyncio sends at once (TCP_NODELAY) only on sockets that say what they are
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.set_inheritable(False)
        listener.listen(BACKLOG)  # whoever is told the address may call at once
        yield listener


@contextlib.contextmanager
def _in_background(services: Services, workers: Supervisor | None) -> Iterator[Callable[[], None]]:
    """The sweeper, who counts, and the workers. Yields what tells the workers to end, so that they do while requests
    finish."""
    retention = Retention(services.database, services.assets, services.settings)
    chores: list[Callable[[], object]] = [
        partial(count_events, services.database),  # before anything is deleted
        retention.apply,
        partial(clear_away, services),
        partial(tell_ended, services),
        services.uploads.expire,
    ]
    sweeper, counting = Sweeper(services.kernel, chores=chores), Counting(services.database)
    ending: list[threading.Thread] = []

    def end_workers() -> None:
        if workers is not None and not ending:
            ending.append(threading.Thread(target=workers.stop, args=(WORKERS_GRACE,), name="end-workers"))
            ending[0].start()

    try:
        if workers is not None:
            workers.start()
        sweeper.start()
        counting.start()
        yield end_workers
    finally:
        end_workers()
        sweeper.stop()
        counting.stop()
        for thread in ending:
            thread.join()


class _Server(uvicorn.Server):
    """Tells streams and workers of the end before it waits for its connections."""

    def __init__(self, app: FastAPI, settings: Settings, end_workers: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                Sendfile(app),
                http="h11",  # whose connections `Sendfile` knows
                log_config=None,
                log_level=settings.log_level,
                access_log=False,  # `Observed` keeps one, without what people wrote into addresses
                backlog=BACKLOG,
                forwarded_allow_ips=list(settings.forwarded_allow_ips),
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=PATIENCE,
                ssl_certfile=settings.tls_cert,
                ssl_keyfile=settings.tls_key,
                **SOCKETS,
            )
        )
        self._state: ServerState = app.state.server
        self._end_workers = end_workers

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_workers()
        self._state.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn would raise the signal again afterwards, and so end the process before its workers are gone."""
        before = {number: signal.signal(number, self.handle_exit) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

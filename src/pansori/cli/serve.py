"""`pansori serve` and `pansori worker`."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from pansori import bootstrap, settings, telemetry
from pansori.cli.language import say
from pansori.cli.logs import log_to_stderr
from pansori.domain.errors import ConfigurationError, InvalidRequest, Text
from pansori.domain.jobs import QUEUES, Queue

log = logging.getLogger(__name__)


def run_server(
    *,
    host: str | None,
    port: int | None,
    only: str | None,
    workers: int | None,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
) -> int:
    """Serve until told to end. What is None stays as the settings say."""
    given = {"host": host, "port": port, "workers": workers, "tls_cert": tls_cert, "tls_key": tls_key}
    loaded = settings.load(**{name: value for name, value in given.items() if value is not None})
    log_to_stderr(loaded)
    contracts = [name.strip() for name in only.split(",") if name.strip()] if only else None
    try:
        with telemetry.uncaught_logged():
            bootstrap.serve(loaded, only=contracts, on_started=_announce)
    except KeyboardInterrupt:
        return 0  # how the server passes on the signal that it has ended by, in good order
    except OSError as error:
        raise _no_address(f"{loaded.host}:{loaded.port}", error) from error
    return 0


def run_worker(*, queues: str, workers: int | None) -> int:
    """Carry out jobs until told to end."""
    loaded = settings.load(**({} if workers is None else {"workers": workers}))
    log_to_stderr(loaded)
    chosen = _queues(queues)
    log.info("working on the queues %s", ", ".join(chosen))
    with telemetry.uncaught_logged(), suppress(KeyboardInterrupt):  # told to end before it had begun, it is no failure
        bootstrap.work(loaded, chosen)
    return 0


def _announce(url: str) -> None:
    print(say(f"Pansori is at {url}   (API: {url}/docs)", f"판소리 주소: {url}   (API: {url}/docs)"), flush=True)
    print(say("Ctrl-C ends it.", "Ctrl-C로 끝내요."), flush=True)


def _no_address(address: str, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        Text(f"{address} cannot be listened on: {error.strerror}.", f"{address}에서 들을 수 없어요: {error.strerror}."),
        field="PORT",
        cure=Text(
            "Is a server running already? Else choose another --port.",
            "서버가 이미 켜져 있나요? 다른 --port를 고르세요.",
        ),
    )


def _queues(text: str) -> tuple[Queue, ...]:
    wanted = {name.strip() for name in text.split(",") if name.strip()}
    unknown = ", ".join(sorted(wanted - set(QUEUES)))
    if unknown or not wanted:
        raise InvalidRequest(
            Text(f"There is no queue “{unknown}”.", f"“{unknown}” 대기열은 없어요."),
            field="queues",
            cure=Text(f"Queues: {', '.join(QUEUES)}.", f"대기열: {', '.join(QUEUES)}."),
        )
    return tuple(queue for queue in QUEUES if queue in wanted)

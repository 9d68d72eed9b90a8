"""Letters on their way out: by SMTP, or to the log where no server is set."""

from __future__ import annotations

import logging
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formatdate, make_msgid, parseaddr
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from pansori.accounts._letters import Letter
from pansori.domain.errors import ConfigurationError, Text
from pansori.domain.units import Seconds

log = logging.getLogger(__name__)

PATIENCE = Seconds(10.0)  #: with a server, for each thing that it is asked
LAST_CALL = Seconds(5.0)  #: for letters that wait when the program ends
WAITING = 1000  #: letters that may wait; one more is dropped and logged
PORTS = {"smtp": 587, "smtps": 465}


class Mailer(Protocol):
    def send(self, letter: Letter) -> None:
        """Deliver it, or raise `OSError` or `smtplib.SMTPException`. May take a while."""


class LogMailer:
    """Writes letters to the log, for whoever runs the server to read."""

    def send(self, letter: Letter) -> None:
        log.warning("no SMTP server is set (PANSORI_SMTP_URL); a letter to %s:\n%s", letter.to, letter.body)


class SmtpMailer:
    """Hands letters to the server that `url` names. Raises `ConfigurationError` for one that cannot be."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._sender = sender
        self._tls = parts.scheme == "smtps"
        self._starttls = parse_qs(parts.query).get("starttls", ["0"])[-1].lower() in ("1", "true", "yes")
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        try:
            self._address = (parts.hostname or "", parts.port or PORTS[parts.scheme])
        except ValueError:
            self._address = ("", 0)
        if not self._address[0] or "@" not in parseaddr(sender)[1]:
            raise ConfigurationError(
                Text(
                    "The SMTP server or the sender of mails cannot be used.", "메일 서버나 보내는 사람을 쓸 수 없어요."
                ),
                field="PANSORI_SMTP_URL",
                cure=Text(
                    "Write smtp://user:password@host:587?starttls=1, and an address in PANSORI_MAIL_FROM.",
                    "smtp://user:password@host:587?starttls=1 처럼 적고, PANSORI_MAIL_FROM에 주소를 적으세요.",
                ),
            )

    def send(self, letter: Letter) -> None:
        host, port = self._address
        context = ssl.create_default_context()
        connect: Callable[[], smtplib.SMTP] = (
            (lambda: smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=context))
            if self._tls
            else (lambda: smtplib.SMTP(host, port, timeout=PATIENCE))
        )
        with connect() as server:
            if self._starttls:
                server.starttls(context=context)
            if self._login is not None:
                server.login(*self._login)
            server.send_message(compose(letter, self._sender))


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The letter as RFC 5322 has it. Raises `ValueError` where a header would begin another line."""
    policy = SMTP if letter.to.isascii() else SMTPUTF8
    message = EmailMessage(policy=policy)
    name, address = parseaddr(sender)
    message["From"] = Address(name, addr_spec=address)
    user, _, domain = letter.to.rpartition("@")
    message["To"] = Address(username=user, domain=domain)
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
    message.set_content(letter.body)
    return message


class Post:
    """Sends letters on a thread of its own, so that nobody waits for a mail server, nor fails with it."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self._waiting = threading.BoundedSemaphore(WAITING)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="post")
        self._last_call = float("inf")

    def send(self, letter: Letter) -> None:
        """Call after committing what it speaks of."""
        if not self._waiting.acquire(blocking=False):
            log.error("too many letters wait; one to %s is not sent", letter.to)
            return
        self._thread.submit(self._deliver, letter).add_done_callback(self._delivered)

    def close(self) -> None:
        """Send what waits, as far as that goes quickly. Nothing is sent afterwards."""
        self._last_call = time.monotonic() + LAST_CALL
        self._thread.shutdown(wait=True)

    def _deliver(self, letter: Letter) -> None:
        if time.monotonic() > self._last_call:
            raise TimeoutError("the program ends")
        self._mailer.send(letter)

    def _delivered(self, sending: Future[None]) -> None:
        self._waiting.release()
        error = sending.exception()
        if error is not None:
            log.error("a letter could not be sent, and can be asked for again: %s", error)

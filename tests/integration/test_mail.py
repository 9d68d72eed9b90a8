"""Letters, received by a real mail server."""

from __future__ import annotations

import queue
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from pansori.accounts import Accounts, Letter
from pansori.accounts._mail import SmtpMailer, compose
from pansori.db import Database, upgrade
from pansori.domain.errors import ConfigurationError
from pansori.settings import load
from support.accounts import CHEAP, HOME, PASSWORD
from support.certificates import issued
from support.members import Member, serving_accounts
from support.services import free_port
from support.waiting import PATIENCE, eventually

FROM = "판소리 <pansori@music.example>"
LETTER = Letter(
    "mina@mail.example", "이메일 주소를 확인해 주세요", "안녕하세요.\n\nhttps://music.example/?token=" + "x" * 43 + "\n"
)


class Box:
    """Keeps what a mail server receives. `refuses`: with what it answers instead."""

    def __init__(self, refuses: str = "") -> None:
        self._refuses = refuses
        self._letters: queue.Queue[tuple[list[str], EmailMessage]] = queue.Queue()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self._refuses:
            return self._refuses
        assert isinstance(envelope.content, bytes)
        parsed = message_from_bytes(envelope.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        self._letters.put((envelope.rcpt_tos, parsed))
        return "250 OK"

    def next(self) -> EmailMessage:
        return self._letters.get(timeout=120)[1]


def serving(box: Box, **options: Any) -> Controller:
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), ready_timeout=PATIENCE, **options)
    controller.start()
    return controller


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def post(box: Box) -> Iterator[Controller]:
    controller = serving(box)
    yield controller
    controller.stop()


def test_a_letter_arrives_as_it_was_written(box: Box, post: Controller) -> None:
    SmtpMailer(f"smtp://127.0.0.1:{post.port}", FROM).send(LETTER)
    received = box.next()
    assert received["Subject"] == LETTER.subject
    assert received["To"] == LETTER.to
    assert received["From"] == FROM
    assert received["Auto-Submitted"] == "auto-generated"
    assert received["Message-ID"].endswith("@music.example>")
    assert received.get_content().replace("\r\n", "\n") == LETTER.body


def test_korean_addresses(box: Box, post: Controller) -> None:
    """aiosmtpd speaks SMTPUTF8 as RFC 6531 has it."""
    SmtpMailer(f"smtp://127.0.0.1:{post.port}", FROM).send(Letter("민아@메일.한국", "제목", "글\n"))
    assert box.next()["To"] == "민아@메일.한국"


def test_the_login_is_sent_over_tls_alone(tmp_path: Path, box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = issued(tmp_path, "localhost")
    seen: list[LoginPassword] = []

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        seen.append(data)
        return AuthResult(success=data.login == b"band" and data.password == b"p@ss/word")

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.both)
    controller = serving(box, tls_context=context, require_starttls=True, auth_required=True, authenticator=check)
    url = f"smtp://band:p%40ss%2Fword@localhost:{controller.port}"
    try:
        with pytest.raises(ssl.SSLCertVerificationError):
            SmtpMailer(f"{url}?starttls=1", FROM).send(LETTER)
        assert seen == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.ca))
        SmtpMailer(f"{url}?starttls=1", FROM).send(LETTER)
    finally:
        controller.stop()
    assert box.next()["Subject"] == LETTER.subject
    assert len(seen) == 1


@pytest.mark.parametrize("field", ["to", "subject"])
@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r"])
def test_no_header_begins_another_line(field: str, break_: str) -> None:
    values = {"to": LETTER.to, "subject": LETTER.subject, "body": "text\n"}
    values[field] = f"{values[field]}{break_}Bcc: everybody@mail.example"
    try:
        written = compose(Letter(**values), FROM)
    except ValueError:
        return
    assert written["Bcc"] is None
    assert b"\nBcc:" not in bytes(written)


@pytest.mark.parametrize("url", ["smtp://", "smtp://:25", "smtp://host:port", "smtps://host:99999"])
def test_a_mail_server_that_cannot_be_is_told_at_start(url: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        SmtpMailer(url, FROM)
    assert raised.value.field == "PANSORI_SMTP_URL"


def test_a_mail_server_that_fails_breaks_no_sign_up(
    tmp_path: Path, box: Box, post: Controller, caplog: pytest.LogCaptureFixture
) -> None:
    """The letter can be asked for again, and comes when the server is back."""
    refusing = serving(Box(refuses="451 come back later"))
    database = Database(f"sqlite:///{tmp_path / 'pansori.db'}")
    upgrade(database)
    for port in (refusing.port, free_port()):
        settings = {"mode": "accounts", "password_memory": CHEAP, "smtp_url": f"smtp://127.0.0.1:{port}"}
        accounts = Accounts(database, load(**settings))
        accounts.sign_up.begin("mina@mail.example", PASSWORD, "", HOME)
        accounts.close()
    eventually(lambda: caplog.text.count("could not be sent") == 2)
    refusing.stop()
    assert PASSWORD not in caplog.text
    back = {"mode": "accounts", "password_memory": CHEAP, "smtp_url": f"smtp://127.0.0.1:{post.port}"}
    accounts = Accounts(database, load(**back))
    accounts.sign_up.resend("mina@mail.example", HOME)
    assert box.next()["To"] == "mina@mail.example"
    accounts.close()
    database.close()


def test_two_servers_of_one_database(tmp_path: Path, box: Box, post: Controller) -> None:
    """A link from one is followed at the other; what is ended at one is over at the other at once."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    shared = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shared.db'}",
        "PANSORI_SMTP_URL": f"smtp://127.0.0.1:{post.port}",
        "PANSORI_WORKERS": "0",
    }
    with (
        serving_accounts(tmp_path / "one", shared, until_ready=False) as one,
        serving_accounts(tmp_path / "two", shared, until_ready=False) as two,
    ):
        sign_up = {"email": "mina@mail.example", "password": PASSWORD}
        assert one.post("/v1/auth/signup", json=sign_up, headers={"Accept-Language": "ko"}).status_code == 202
        written = box.next()
        assert written["Subject"] == "이메일 주소를 확인해 주세요"
        token = written.get_content().partition("token=")[2].split()[0]
        assert two.post("/v1/auth/verify", json={"token": token}).status_code == 200
        login = one.post("/v1/auth/login", json=sign_up).json()["token"]
        here, there = Member(one, "", login), Member(two, "", login)
        key = here.post("/v1/account/keys", json={"name": "x"}).json()
        program = Member(two, "", key["key"])
        assert (there.get("/v1/jobs").status_code, program.get("/v1/jobs").status_code) == (200, 200)
        assert here.ask("DELETE", f"/v1/account/keys/{key['id']}").status_code == 204
        assert program.get("/v1/jobs").status_code == 401
        assert here.post("/v1/auth/logout").status_code == 204
        assert there.get("/v1/jobs").status_code == 401

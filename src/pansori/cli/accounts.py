"""`pansori accounts`: what its commands do, on the database itself."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import asdict
from datetime import datetime

from rich import box
from rich.table import Table

from pansori.cli.consoles import plain_console
from pansori.cli.exits import CANCELLED
from pansori.cli.language import say
from pansori.cli.services import opened
from pansori.workflows import close_account


def show_list(as_json: bool) -> int:
    with opened() as services, services.database.read() as session:
        members, guests = services.accounts.office.listing(session)
    if as_json:
        listed = [asdict(member) for member in members]
        print(json.dumps({"accounts": listed, "guests": guests}, ensure_ascii=False, indent=2, default=_plain))
        return 0
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("#", say("address", "주소"), say("name", "이름"), say("kind", "종류"), say("made", "만든 때")):
        table.add_column(heading, no_wrap=True)
    for member in members:
        made = f"{member.created_at.astimezone():%Y-%m-%d %H:%M}"
        table.add_row(str(member.alias), member.email or "–", member.name, member.kind, made)
    plain_console().print(table)
    print(say(f"Guests: {guests}", f"게스트: {guests}명"))
    return 0


def create_account(email: str, name: str, *, local: bool) -> int:
    with opened() as services:
        account = services.accounts.office.create(email, _password(), name, local=local)
    print(say(f"{account.email} is account {account.alias}.", f"{account.email}의 계정 번호는 {account.alias}이에요."))
    return 0


def reset_password(email: str) -> int:
    with opened() as services:
        account = services.accounts.office.set_password(email, _password())
    print(say(f"{account.email} has a new password.", f"{account.email}의 비밀번호를 바꿨어요."))
    return 0


def delete_account(email: str, *, sure: bool) -> int:
    with opened() as services:
        with services.database.read() as session:
            account = services.accounts.office.find(session, email)
        if not sure and not _confirmed(email):
            return CANCELLED
        close_account(services, account.id)
    print(say(f"{email} is deleted, with all it owned.", f"{email} 계정과 그 안의 모든 것을 지웠어요."))
    return 0


def _plain(value: object) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)


def _password() -> str:
    """Typed twice at a terminal, else a line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked = say("Password: ", "비밀번호: ")
    while True:
        first, second = getpass.getpass(asked), getpass.getpass(say("Again: ", "한 번 더: "))
        if first == second:
            return first
        print(say("They differ; once more.", "서로 달라요. 다시 입력해 주세요."), file=sys.stderr)


def _confirmed(email: str) -> bool:
    if not sys.stdin.isatty():
        return False
    question = say(
        f"Delete {email} and everything it owns? Type yes: ", f"{email} 계정과 모든 것을 지울까요? yes 입력: "
    )
    return input(question).strip().lower() == "yes"

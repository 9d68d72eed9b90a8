"""`pansori accounts`: what whoever runs a server does with its accounts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pansori.cli.exits import CANCELLED, CONFLICT, NOT_FOUND, USAGE
from support.accounts import CHEAP, PASSWORD
from support.command import Inside

MINA = "mina@mail.example"


@pytest.fixture
def shell(tmp_path: Path) -> Inside:
    return Inside(tmp_path, {"PANSORI_DATA_DIR": str(tmp_path / "data"), "PANSORI_PASSWORD_MEMORY": str(CHEAP)})


def listed(shell: Inside) -> Any:
    return json.loads(shell.run("accounts", "list", "--json").stdout)


def test_an_account_is_made_shown_and_deleted(shell: Inside) -> None:
    made = shell.run("accounts", "create", MINA, "--name", "미나 [/]", stdin=f"{PASSWORD}\n")
    assert (made.returncode, made.stdout) == (0, f"{MINA} is account 11.\n")
    [account] = listed(shell)["accounts"]
    assert (account["email"], account["name"], account["alias"], account["kind"]) == (MINA, "미나 [/]", 11, "local")
    assert account["created_at"].endswith("Z")
    assert f"{MINA}   미나 [/]   local" in shell.run("accounts", "list").stdout
    assert shell.run("accounts", "delete", MINA).returncode == CANCELLED  # nobody has said that it is meant
    assert shell.run("accounts", "delete", MINA, "--yes").returncode == 0
    assert listed(shell) == {"accounts": [], "guests": 0}


def test_what_was_made_without_logins_becomes_somebodys(shell: Inside) -> None:
    assert shell.run("song", "--genre", "folk", PANSORI_COMPOSE_ENGINE="debug").returncode == 0
    assert shell.run("accounts", "create", MINA, "--local", stdin=f"{PASSWORD}\n").returncode == 0
    assert [account["alias"] for account in listed(shell)["accounts"]] == [10]
    assert shell.run("song", "--genre", "folk", PANSORI_COMPOSE_ENGINE="debug").returncode == 0
    assert len(listed(shell)["accounts"]) == 1


def test_a_password_is_set_anew(shell: Inside) -> None:
    shell.run("accounts", "create", MINA, stdin=f"{PASSWORD}\n")
    answer = shell.run("accounts", "reset-password", MINA, stdin="another password\n", PANSORI_LANG="ko")
    assert (answer.returncode, answer.stdout) == (0, f"{MINA}의 비밀번호를 바꿨어요.\n")


@pytest.mark.parametrize(
    ("arguments", "password", "code"),
    [
        (("create", "mina"), PASSWORD, USAGE),
        (("create", "jun@mail.example"), "short", USAGE),
        (("create", "jun@mail.example"), "", USAGE),
        (("create", MINA), PASSWORD, CONFLICT),
        (("reset-password", "nobody@mail.example"), PASSWORD, NOT_FOUND),
        (("delete", "nobody@mail.example", "--yes"), "", NOT_FOUND),
    ],
)
def test_what_cannot_be_done_is_told(shell: Inside, arguments: tuple[str, ...], password: str, code: int) -> None:
    shell.run("accounts", "create", MINA, stdin=f"{PASSWORD}\n")
    answer = shell.run("accounts", *arguments, stdin=f"{password}\n")
    assert (answer.returncode, answer.stdout) == (code, "")
    assert answer.stderr.startswith("pansori: ")

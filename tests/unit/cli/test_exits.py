"""Every error has an exit code, and is told in one line."""

from __future__ import annotations

import pytest

from pansori.cli.exits import CODES, MEANINGS, exit_code, exit_code_of, tell, tell_kept
from pansori.domain.errors import (
    DatabaseTooNew,
    EngineUnavailable,
    IdempotencyMismatch,
    NotFound,
    PansoriError,
    Text,
    UnknownKind,
    WorkerLost,
    error_types,
)
from pansori.domain.jobs import ErrorInfo


@pytest.mark.parametrize("kind", list(error_types()))
def test_every_error_ends_with_a_documented_code(kind: type[PansoriError]) -> None:
    assert exit_code(kind) in MEANINGS
    assert exit_code(kind) != 0


def test_every_documented_code_is_used() -> None:
    assert set(MEANINGS) == {0, *CODES.values()}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (PansoriError, 1), (WorkerLost, 1), (UnknownKind, 2), (NotFound, 3), (IdempotencyMismatch, 4),
        (EngineUnavailable, 5), (DatabaseTooNew, 6),
    ],
)  # fmt: skip
def test_the_nearest_kind_decides(kind: type[PansoriError], code: int) -> None:
    assert exit_code(kind) == code
    assert exit_code_of(ErrorInfo.of(kind("no"))) == code


def test_an_error_is_one_line_with_its_cure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = NotFound(Text("There is\nno job.", "작업이 없어요."), cure=Text("Look again.", "다시 보세요."))
    monkeypatch.setenv("PANSORI_LANG", "en")
    assert tell(error) == 3
    assert capsys.readouterr().err == "pansori: There is no job. — Look again.\n"
    monkeypatch.setenv("PANSORI_LANG", "ko")
    tell(error)
    assert capsys.readouterr().err == "pansori: 작업이 없어요. — 다시 보세요.\n"
    tell_kept(ErrorInfo.of(error))
    assert capsys.readouterr().err == "pansori: 작업이 없어요. — 다시 보세요.\n"


def test_a_code_from_a_newer_version_is_a_failure() -> None:
    assert exit_code_of(ErrorInfo(code="unheard_of", message="no", message_ko="아니요")) == 1

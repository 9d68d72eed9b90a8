"""The documented server that answers: what it is asked, and what it may not answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pansori.domain.errors import FetchFailed, GarbledAnswer, NetworkError
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import ReplyTask
from pansori.engines.write.ttot import TtotWriter, TtotWriterOptions
from pansori.settings import Settings
from support.context import MemoryContext
from support.origin import Origin, serving


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with serving() as origin:
        yield origin


def reply(origin: Origin, folder: Path, body: bytes, status: int = 200, user: int | None = None) -> str:
    origin.routes["/generate"] = lambda exchange: exchange.answer(status, body, "application/json")
    engine = TtotWriter(Settings(data_dir=folder, ttot_url=f"{origin.url}/"))
    context = MemoryContext(seed=1, scratch=folder)
    return "".join(engine.reply(ReplyTask(text="안녕"), TtotWriterOptions(user_id=user), context))


@pytest.mark.parametrize(
    ("user", "asked"),
    [(None, {"text": "안녕"}), (10, {"text": "안녕", "user_id": 10}), (0, {"text": "안녕", "user_id": 0})],
)
def test_it_is_told_who_speaks(origin: Origin, tmp_path: Path, user: int | None, asked: JsonDict) -> None:
    body = json.dumps({"user_id": user, "ttot_text": "반가워요"}).encode()
    assert reply(origin, tmp_path, body, user=user) == "반가워요"
    assert json.loads(origin.requests[-1].body) == asked


@pytest.mark.parametrize(
    ("body", "status", "error", "words"),
    [
        (b'{"detail": "\\u274c \\uc11c\\ubc84 \\uc624\\ub958"}', 500, FetchFailed, "500: ❌ 서버 오류"),
        (b'{"ttot_text": null}', 200, GarbledAnswer, "a reply"),
        (b'{"ttot_text": " "}', 200, GarbledAnswer, "a reply"),
        (b'{"reply": "hi"}', 200, GarbledAnswer, "a reply"),
        (b"<html>", 200, GarbledAnswer, "JSON"),
    ],
)
def test_what_is_no_reply_is_told_apart(
    origin: Origin, tmp_path: Path, body: bytes, status: int, error: type[NetworkError], words: str
) -> None:
    with pytest.raises(error, match=words) as failed:
        reply(origin, tmp_path, body, status)
    assert "TTOT_URL" in str(failed.value.cure)

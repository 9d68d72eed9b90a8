"""`pansori ask` as people use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.chat import model, says
from support.command import Inside
from support.shelf import Shelf


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    return Inside(tmp_path, {"PANSORI_DATA_DIR": str(tmp_path / "data")})


def test_it_answers_and_does_what_it_is_told(inside: Inside) -> None:
    done = inside.run("ask", "비에 대한 슬픈 노래 만들어 줘")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("‘비에 대한 슬픈 노래’를 만들기 시작했어요.")
    assert "serve" in done.stderr
    told = json.loads(inside.run("ask", "how is my song doing?", "--json").stdout)
    assert (told["engine"], told["reply"], told["done"]) == ("assistant", "Your song is waiting for its turn.", [])
    told = json.loads(inside.run("ask", "-", "--json", stdin="cancel my song").stdout)
    assert [deed["name"] for deed in told["done"]] == ["cancel_song"]


def test_of_what_is_cancelled_nobody_has_to_work(inside: Inside) -> None:
    inside.run("ask", "make a sad song about rain")
    done = inside.run("ask", "cancel my song")
    assert (done.stdout, done.stderr) == ("I stopped making it.\n", "")


def test_a_song_to_be_played_is_heard_elsewhere(inside: Inside) -> None:
    data = inside.folder / "data"
    data.mkdir()
    shelf = Shelf(inside.folder, f"sqlite+pysqlite:///{data / 'pansori.db'}")
    shelf.fill([{"title": "Rain"}])
    shelf.database.close()
    done = inside.run("ask", "play my last song")
    assert done.stdout == "Here is “Rain”.\n"
    assert "Library" in done.stderr


def test_a_language_model_answers_where_one_is_set(inside: Inside) -> None:
    with model(says("Once ", "upon a time.")) as server:
        done = inside.run("ask", "Tell me a story.", "--engine", "openai", PANSORI_OPENAI_URL=server.url)
    assert (done.returncode, done.stdout) == (0, "Once upon a time.\n"), done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("hello", "--engine", "songsmith"), 5, "assistant"),
        (("hello", "--engine", "openai"), 5, "PANSORI_OPENAI_URL"),
        (("hello", "--engine", "nobody"), 2, "assistant"),
        (("hello", "--language", "xx"), 2, "--language: There is no language “xx”. — Choose one of: ko, en."),
        (("hello", "--language", "한국어"), 2, "--language"),
        (("  ",), 2, "text"),
    ],
)
def test_what_cannot_be_answered_is_told(arguments: tuple[str, ...], code: int, complaint: str, inside: Inside) -> None:
    done = inside.run("ask", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert complaint in done.stderr

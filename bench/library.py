"""A library of 10,000 tracks: its pages as functions and over HTTP, against bare queries of the same rows.

The bare query reads the same columns of the first fifty rows by the same index, through the same driver, with nothing
made of them.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from sqlalchemy import text

from bench.report import Figure, against, at_most, beside, percentile
from bench.servers import serving
from pansori.domain.jobs import JsonDict
from pansori.library import tracks
from support.services import running_postgres
from support.shelf import Shelf

TRACKS = 10_000
TIMES = 100
WORDS = "바다 여름 밤 노래 비 바람 별 summer night river song love train city jazz ballad piano guitar"
COMMON, RARE = "바다", "nowhere"
BARE = text("SELECT * FROM tracks WHERE owner = :owner ORDER BY created_at DESC, id DESC LIMIT 50")
GOAL = 50.0  #: milliseconds, at the 95th percentile


def run() -> list[Figure]:
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.fill(entries())
        figures += functions("SQLite", shelf)
        shelf.database.close()
    with running_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        url = postgres.fresh_database().replace("postgresql://", "postgresql+psycopg://")
        shelf = Shelf(Path(folder), url)
        shelf.fill(entries())
        with shelf.database.write() as session:
            session.execute(text("ANALYZE tracks"))
        figures += functions("PostgreSQL", shelf)
        shelf.database.close()
    return figures + over_http()


def entries() -> list[JsonDict]:
    """Tracks with texts as long as people's."""
    chance = random.Random(1)

    def prose(words: int) -> str:
        return " ".join(chance.choices(WORDS.split(), k=words))

    return [
        {"title": prose(3), "prompt": prose(12), "expanded_prompt": prose(40), "lyrics": prose(120)}
        for _ in range(TRACKS)
    ]


def functions(name: str, shelf: Shelf) -> list[Figure]:
    def find(**options: object) -> Callable[[], object]:
        def act() -> object:
            with shelf.database.read() as session:
                return tracks.find(session, shelf.owner, **options)  # type: ignore[arg-type]

        return act

    deep = {"sort": "title", "cursor": cursor_in_the_middle(shelf)}
    peer, value = "bare query", p95(bare_query(shelf))
    return [
        Figure(f"bare query, {name}, p95", value, "ms"),
        against(f"first page, {name}, p95", p95(find()), "ms", peer, value),
        against(f"page in the middle, by title, {name}, p95", p95(find(**deep)), "ms", peer, value),
        against(f"search for a common word, {name}, p95", p95(find(search=COMMON)), "ms", peer, value),
        against(f"search for a rare word, {name}, p95", p95(find(search=RARE)), "ms", peer, value),
    ]


def bare_query(shelf: Shelf) -> Callable[[], object]:
    def act() -> object:
        with shelf.database.read() as session:
            owner = shelf.owner.hex if shelf.database.dialect == "sqlite" else shelf.owner
            return session.execute(BARE, {"owner": owner}).all()

    return act


def cursor_in_the_middle(shelf: Shelf) -> str | None:
    cursor = None
    with shelf.database.read() as session:
        for _ in range(TRACKS // tracks.LARGEST_PAGE // 2):
            page = tracks.find(session, shelf.owner, sort="title", limit=tracks.LARGEST_PAGE, cursor=cursor)
            cursor = page.next_cursor
    return cursor


def over_http() -> list[Figure]:
    """The same library, as programs and readers ask a server for it."""
    with serving() as server:
        folder = Path(server.settings["PANSORI_DATA_DIR"])
        shelf = Shelf(folder, f"sqlite+pysqlite:///{folder / 'pansori.db'}")
        shelf.fill(entries())
        peer = p95(bare_query(shelf))
        shelf.database.close()
        with httpx.Client(base_url=server.url, headers={"Accept": "text/html, application/json"}) as client:

            def asked(path: str, **query: str) -> Callable[[], object]:
                return lambda: client.get(path, params=query).raise_for_status()

            figures = [Figure("bare query, SQLite, p95", peer, "ms")]
            for path in ("/v1/library", "/app/library"):
                for what, query in ((f"`GET {path}`", {}), (f"`GET {path}?q={COMMON}`", {"q": COMMON})):
                    figure = at_most(f"{what}, p95", p95(asked(path, **query)), "ms", GOAL)
                    figures.append(beside(figure, "bare query", peer))
            return figures


def p95(act: Callable[[], object]) -> float:
    act()
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    return percentile(taken, 0.95)

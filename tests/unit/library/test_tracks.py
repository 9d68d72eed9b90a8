"""A library's tracks: found, paged through, changed and deleted, through a real database and a real folder."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pansori.db.tables import Artifact, Asset, Event, Job, Step, Track
from pansori.domain.errors import InvalidRequest, NotFound
from pansori.domain.jobs import JobState
from pansori.library import tracks
from support.shelf import FIRST, Shelf

TITLES = st.text(alphabet="aAbB가나다Éß %_\\1", min_size=1, max_size=6)
MOST_ADDED = 4  #: while one pages through, or it might never end
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "title": TITLES,
            "duration": st.sampled_from([1.0, 2.5, 12.0, 12.000000000000002]),
            "created_at": st.integers(0, 3).map(lambda second: FIRST + timedelta(seconds=second)),
        }
    ),
    max_size=14,
)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """One database for many examples, each with an account of its own."""
    made = Shelf(tmp_path_factory.mktemp("shelf"))
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def lasting_on_postgres(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Shelf]:
    server = request.getfixturevalue("postgres_server")
    url = server.fresh_database()
    made = Shelf(tmp_path_factory.mktemp("shelf"), url.replace("postgresql://", "postgresql+psycopg://"))
    yield made
    made.database.close()
    server.drop(url)


def page_through(shelf: Shelf, owner: UUID, sort: str, limit: int) -> Iterator[list[UUID]]:
    cursor = None
    while True:
        with shelf.database.read() as session:
            page = tracks.find(session, owner, sort=sort, limit=limit, cursor=cursor)
        yield [track.id for track in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return


# -- paging ------------


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(entries=ENTRIES, sort=st.sampled_from(tracks.ORDERS), limit=st.integers(1, 5), data=st.data())
def test_every_track_that_stays_comes_exactly_once(
    lasting: Shelf, entries: list[dict[str, object]], sort: str, limit: int, data: st.DataObject
) -> None:
    """Whatever is added and deleted between two pages."""
    check_paging(lasting, entries, sort, limit, data)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(entries=ENTRIES, sort=st.sampled_from(tracks.ORDERS), limit=st.integers(1, 5), data=st.data())
def test_the_same_on_postgresql(
    lasting_on_postgres: Shelf, entries: list[dict[str, object]], sort: str, limit: int, data: st.DataObject
) -> None:
    check_paging(lasting_on_postgres, entries, sort, limit, data)


def check_paging(shelf: Shelf, entries: list[dict[str, object]], sort: str, limit: int, data: st.DataObject) -> None:
    owner = shelf.another_account()
    ids = shelf.fill(entries, owner)
    staying = set(ids)
    seen: list[UUID] = []
    added = 0
    for page in page_through(shelf, owner, sort, limit):
        assert len(page) <= limit
        seen += page
        gone = data.draw(st.sampled_from([None, *ids]), label="delete")
        if gone is not None:
            shelf.delete(gone, owner=owner)
            staying.discard(gone)
        if added < MOST_ADDED and data.draw(st.booleans(), label="add one"):
            shelf.fill([{"title": data.draw(TITLES)}], owner)
            added += 1
    assert len(seen) == len(set(seen))
    assert staying <= set(seen)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(entries=ENTRIES, sort=st.sampled_from(tracks.ORDERS))
def test_the_order_is_the_one_asked_for(lasting: Shelf, entries: list[dict[str, object]], sort: str) -> None:
    owner = lasting.another_account()
    lasting.fill(entries, owner)
    with lasting.database.read() as session:
        page = tracks.find(session, owner, sort=sort, limit=200)
    name = sort.removeprefix("-")
    values = [
        unicodedata.normalize("NFKC", track.title.casefold()).encode() if name == "title" else getattr(track, name)
        for track in page.items
    ]
    assert values == sorted(values, reverse=sort.startswith("-"))
    assert page.total == len(entries)


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "W10", "WyJ0aXRsZSIsIDEsICJ4Il0", "é", "W" * 5000, "bnVsbA"])
def test_cursors_of_others_are_refused(shelf: Shelf, cursor: str) -> None:
    with shelf.database.read() as session, pytest.raises(InvalidRequest) as refused:
        tracks.find(session, shelf.owner, cursor=cursor)
    assert refused.value.field == "cursor"


def test_a_cursor_belongs_to_its_order(shelf: Shelf) -> None:
    shelf.fill([{}, {}])
    with shelf.database.read() as session:
        cursor = tracks.find(session, shelf.owner, limit=1).next_cursor
        with pytest.raises(InvalidRequest):
            tracks.find(session, shelf.owner, sort="title", cursor=cursor)
        with pytest.raises(InvalidRequest) as refused:
            tracks.find(session, shelf.owner, sort="colour")
    assert refused.value.field == "sort"


# -- searching ------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 4),
        ("   ", 4),
        ("바다", 1),
        ("다로", 1),
        (unicodedata.normalize("NFD", "바다로"), 1),
        ("SUMMER", 1),
        ("ｓｕｍｍｅｒ", 1),
        ("strasse", 1),
        ("STRAßE", 1),
        ("summer night", 1),
        ("night summer", 1),
        ("summer 바다", 0),
        ("100%", 1),
        ("1000", 0),
        ("%", 1),
        ("_", 1),
        ("\\", 1),
        ("house_band", 1),
        ("a\0b", 0),
        ("nothing of the kind", 0),
        ("'; DROP TABLE tracks; --", 0),
        ("🎵", 1),
        ("라 " * 2000, 1),
    ],
)
def test_words_are_found_wherever_they_are(shelf: Shelf, query: str, found: int) -> None:
    shelf.fill(
        [
            {"title": "바다로 가자", "lyrics": "라라라"},
            {"title": "Summer", "prompt": "a Night on the Straße"},
            {"title": "100% 🎵", "engine": "house_band"},
            {"title": "back\\slash", "engine": "debug"},
        ]
    )
    with shelf.database.read() as session:
        page = tracks.find(session, shelf.owner, search=query)
    assert (len(page.items), page.total) == (found, found)


def test_takes_are_counted_among_those_of_their_title(shelf: Shelf, lasting_on_postgres: Shelf) -> None:
    for one in (shelf, lasting_on_postgres):
        owner = one.another_account()
        first, lone, second, third = one.fill([{"title": title} for title in ("Rain", "Sun", "rain", "Rain")], owner)
        one.fill([{"title": "Sun"}], one.another_account())
        with one.database.read() as session:
            assert tracks.takes(session, owner, [lone, second, third]) == {second: 2, third: 3}
            assert tracks.takes(session, owner, [first]) == {first: 1}
            assert tracks.takes(session, owner, []) == {}


@pytest.mark.parametrize("query", ["100%", "a_c", "\\", "바다", "바다 %"])
def test_words_are_found_as_they_are_on_both_databases(shelf: Shelf, lasting_on_postgres: Shelf, query: str) -> None:
    found = []
    for one in (shelf, lasting_on_postgres):
        owner = one.another_account()
        one.fill([{"title": title} for title in ("100% 바다", "1000 바다", "a_c", "abc", "a\\c")], owner)
        with one.database.read() as session:
            found.append(sorted(track.title for track in tracks.find(session, owner, search=query).items))
    assert found[0] == found[1]
    assert found[0] == [
        title
        for title in sorted(["100% 바다", "1000 바다", "a_c", "abc", "a\\c"])
        if all(word in title for word in query.split())
    ]


def test_favourites_alone(shelf: Shelf) -> None:
    first, _ = shelf.fill([{}, {}])
    with shelf.database.write() as session:
        assert tracks.set_favourite(session, first, shelf.owner, favourite=True).favourite
    with shelf.database.read() as session:
        page = tracks.find(session, shelf.owner, favourites=True)
    assert ([track.id for track in page.items], page.total) == ([first], 1)


# -- reading and changing ------------


def test_a_track_has_what_was_made_with_it(shelf: Shelf) -> None:
    made = shelf.make("노래")
    with shelf.database.read() as session:
        track = tracks.get(session, made, shelf.owner)
        listed = tracks.find(session, shelf.owner).items[0]
    assert (track.title, track.prompt, track.engine, track.seed) == ("노래", "a prompt", "debug", 1)
    assert track.artifacts.keys() == {"song", "master"}
    assert track.facts["lines"] == [{"text": "la"}]
    assert "lines" not in listed.facts
    assert listed.model_copy(update={"facts": {}}) == track.model_copy(update={"facts": {}})


def test_another_title_is_found_and_sorted_by(shelf: Shelf) -> None:
    _, second = shelf.fill([{"title": "b"}, {"title": "c"}])
    with shelf.database.write() as session:
        assert tracks.rename(session, second, shelf.owner, "  A  new\tname ").title == "A new name"
    with shelf.database.read() as session:
        assert tracks.find(session, shelf.owner, sort="title").items[0].id == second
        assert tracks.find(session, shelf.owner, search="new").total == 1


def test_titles_that_grow_when_they_are_compared(lasting_on_postgres: Shelf) -> None:
    shelf = lasting_on_postgres
    made = shelf.make("ﷺ" * 200)
    with shelf.database.write() as session:
        assert tracks.get(session, made, shelf.owner).title == "ﷺ" * 200
        assert tracks.rename(session, made, shelf.owner, "ﷺ" * 199).title == "ﷺ" * 199


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        (" a\n\tb ", "a b"),
        ("\n", "a prompt"),
        ("long " * 100, ("long " * 40).strip()),
        ("song\u202egpj.exe", "songgpj.exe"),
        ("\u2067노래\x1b[31m\u2069 \u200b\u0085", "노래[31m"),
        ("\u202e \u200f", "a prompt"),
        ("👩\u200d🎤", "👩\u200d🎤"),
    ],
)
def test_a_title_is_one_line_of_what_can_be_seen(shelf: Shelf, title: str, shown: str) -> None:
    made = shelf.make(title)
    with shelf.database.write() as session:
        assert tracks.get(session, made, shelf.owner).title == shown
        if shown != "a prompt" and len(title) <= 200:
            assert tracks.rename(session, made, shelf.owner, title).title == shown


@pytest.mark.parametrize("title", ["", "   ", "\u202e\u200b", "a" * 201, "a\0b"])
def test_titles_that_are_none(shelf: Shelf, title: str) -> None:
    (made,) = shelf.fill([{}])
    with shelf.database.write() as session, pytest.raises(InvalidRequest) as refused:
        tracks.rename(session, made, shelf.owner, title)
    assert refused.value.field == "title"


def test_what_is_anothers_is_not_there(shelf: Shelf) -> None:
    made, other = shelf.make(), shelf.another_account()
    with shelf.database.write() as session:
        assert tracks.find(session, other).total == 0
        with pytest.raises(NotFound):
            tracks.get(session, made, other)
        with pytest.raises(NotFound):
            tracks.rename(session, made, other, "mine")
        with pytest.raises(NotFound):
            tracks.set_favourite(session, made, other, favourite=True)
    assert shelf.delete(made, owner=other) == []
    with shelf.database.read() as session:
        assert tracks.get(session, made, shelf.owner).title == "A song"


# -- deleting ------------


def test_deleting_takes_the_file_and_the_job_along(shelf: Shelf) -> None:
    made, kept = shelf.make(), shelf.make()
    assert shelf.delete(made) == [made]
    assert [shelf.count(table) for table in (Track, Job, Step, Event)] == [1, 1, 1, 0]
    assert (shelf.count(Asset), shelf.files()) == (2, 2)
    assert shelf.delete(made, uuid4()) == []
    assert shelf.delete(kept, made, kept) == [kept]
    assert (shelf.count(Asset), shelf.files(), shelf.count(Job)) == (0, 0, 0)


def test_what_another_track_uses_stays_until_that_is_deleted_too(shelf: Shelf) -> None:
    first = shelf.make()
    second = shelf.make(reused=shelf.job_of(first))
    assert shelf.files() == 3
    shelf.delete(first)
    assert shelf.files() == 2
    with shelf.database.read() as session:
        assert tracks.get(session, second, shelf.owner).artifacts.keys() == {"song", "master"}
    shelf.delete(second)
    assert (shelf.files(), shelf.count(Asset), shelf.count(Artifact)) == (0, 0, 0)


def test_a_track_is_deleted_by_the_id_of_its_generation_too(shelf: Shelf) -> None:
    job = shelf.job_of(shelf.make())
    assert shelf.delete(job) == [job]
    assert shelf.count(Track) == 0


def test_what_is_being_made_is_cancelled(shelf: Shelf) -> None:
    job = shelf.begin()
    assert shelf.delete(job) == [job]
    with shelf.database.read() as session:
        assert session.get_one(Job, job).state == JobState.CANCELLED
    assert shelf.delete(job) == []


def test_work_that_makes_no_track_is_not_touched(shelf: Shelf) -> None:
    other = shelf.begin(kind="song")
    assert shelf.delete(other) == []
    with shelf.database.read() as session:
        assert session.get_one(Job, other).state == JobState.QUEUED


def test_what_is_played_is_played_to_its_end(shelf: Shelf) -> None:
    shelf.file.write_bytes(bytes(3 * 1024 * 1024))
    made = shelf.make()
    with shelf.database.read() as session:
        info = shelf.assets.info(session, tracks.get(session, made, shelf.owner).asset_id)
    body = iter(shelf.assets.read(info))
    first = next(body)
    shelf.delete(made)
    assert shelf.files() == 0
    assert len(first) + sum(map(len, body)) == 3 * 1024 * 1024


def test_tracks_without_their_job_are_deleted_with_their_file(shelf: Shelf) -> None:
    made = shelf.fill([{}, {}])
    assert shelf.delete(*made) == made
    assert (shelf.count(Asset), shelf.count(Track)) == (0, 0)


def test_tracks_are_known_by_their_jobs(shelf: Shelf) -> None:
    made, waiting = shelf.make(), shelf.begin()
    with shelf.database.read() as session:
        assert tracks.of_jobs(session, [shelf.job_of(made), waiting]) == {shelf.job_of(made): made}

"""Scripts, actors and tokens in a real database of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from pansori.db.tables import Actor, AnalysisResult, Artifact, Asset, Job, Track
from pansori.domain.errors import Conflict, InvalidRequest, NotFound
from pansori.library.voices import (
    ActorDraft,
    NewToken,
    ScriptDraft,
    ScriptLine,
    TokenDraft,
    actors,
    attempts,
    scripts,
    tokens,
)
from support.shelf import FIRST, Shelf


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder = tmp_path_factory.mktemp("voices")
    if request.param == "sqlite":
        made = Shelf(folder)
        yield made
        made.database.close()
        return
    server = request.getfixturevalue("postgres_server")
    url = server.installation()
    made = Shelf(folder, url.replace("postgresql://", "postgresql+psycopg://"))
    yield made
    made.database.close()
    server.drop(url)


@settings(max_examples=12)
@given(st.lists(st.integers(0, 2), max_size=9), st.integers(1, 4))
def test_paging_meets_everybody_once_the_newest_first(shelf: Shelf, seconds: list[int], limit: int) -> None:
    owner = shelf.another_account()
    made: list[tuple[int, UUID]] = []
    with shelf.database.write() as session:
        for second in seconds:
            one = actors.add(session, owner, ActorDraft(name="누구")).id
            session.execute(update(Actor).where(Actor.id == one).values(created_at=FIRST + timedelta(seconds=second)))
            made.append((second, one))
    met: list[UUID] = []
    cursor = None
    while True:
        with shelf.database.read() as session:
            page = actors.find(session, owner, limit=limit, cursor=cursor)
        assert page.total == len(made)
        met += [one.id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    at = {one: second for second, one in made}
    assert sorted(met) == sorted(at)
    assert [at[one] for one in met] == sorted((second for second, _ in made), reverse=True)


def test_every_word_has_to_be_there_however_it_is_written(shelf: Shelf) -> None:
    owner, other = shelf.another_account(), shelf.another_account()
    with shelf.database.write() as session:
        lines = [ScriptLine(text="Straße im 100%_Regen", role="하니")]
        script = scripts.add(session, owner, ScriptDraft(title="산새", lines=lines, notes="둘"))
        for found, search in ((1, "STRASSE 산새"), (1, "100%_ 하니 둘"), (0, "산새 없음"), (0, "100_")):
            page = scripts.find(session, owner, search=search)
            assert [one.id for one in page.items] == [script.id] * found, search
        assert scripts.find(session, other, search="산새").total == 0


def test_an_id_is_one_accounts(shelf: Shelf) -> None:
    mine, theirs = shelf.another_account(), shelf.another_account()
    token_id = f"lesson-{mine.hex[:8]}"
    with shelf.database.write() as session:
        assert tokens.ensure(session, token_id, mine).id == token_id
        assert tokens.ensure(session, token_id, mine).id == token_id
    for deed in (
        lambda session: tokens.ensure(session, token_id, theirs),
        lambda session: tokens.put(session, token_id, theirs, TokenDraft()),
        lambda session: tokens.get(session, token_id, theirs),
        lambda session: tokens.delete(session, shelf.assets, token_id, theirs),
        lambda session: tokens.set_reference(session, shelf.assets, token_id, theirs, shelf.owner, own=False),
    ):
        with pytest.raises(NotFound), shelf.database.write() as session:
            deed(session)
    with pytest.raises(Conflict), shelf.database.write() as session:
        tokens.add(session, theirs, NewToken(id=token_id))


def test_what_is_anothers_cannot_be_referred_to(shelf: Shelf) -> None:
    mine, theirs = shelf.another_account(), shelf.another_account()
    with shelf.database.write() as session:
        actor = actors.add(session, theirs, ActorDraft(name="누구"))
        script = scripts.add(session, theirs, ScriptDraft(title="산새"))
    [track] = shelf.fill([{}], theirs)
    with shelf.database.read() as session:
        asset = session.scalars(select(Track.asset_id).where(Track.id == track)).one()
    for draft, field in ((TokenDraft(actor_id=actor.id), "actor_id"), (TokenDraft(script_id=script.id), "script_id")):
        with pytest.raises(InvalidRequest) as refused, shelf.database.write() as session:
            tokens.put(session, f"x-{mine.hex[:8]}", mine, draft)
        assert refused.value.field == field
    with shelf.database.write() as session:
        token = tokens.add(session, mine, NewToken())
    with pytest.raises(InvalidRequest) as refused, shelf.database.write() as session:
        tokens.set_reference(session, shelf.assets, token.id, mine, asset, own=False)
    assert refused.value.field == "asset_id"


def test_a_clip_outlives_the_job_that_made_it(shelf: Shelf) -> None:
    track = shelf.make("A song")
    with shelf.database.write() as session:
        of_job = select(Artifact.asset_id).where(Artifact.job_id == Track.job_id, Artifact.role == "master")
        asset = session.scalars(of_job.where(Track.id == track)).one()
        token = tokens.add(session, shelf.owner, NewToken())
        tokens.set_reference(session, shelf.assets, token.id, shelf.owner, asset, own=False)
    shelf.delete(track)
    with shelf.database.write() as session:
        found = tokens.get(session, token.id, shelf.owner).reference
        assert found is not None
        assert found.asset_id == asset
        tokens.delete(session, shelf.assets, token.id, shelf.owner)
        assert session.get(Asset, asset) is not None, "it was not sent for the token"


def test_attempts_are_those_of_the_token_and_the_account(shelf: Shelf) -> None:
    owner, other = shelf.another_account(), shelf.another_account()
    job, theirs = shelf.begin(owner, kind="analysis"), shelf.begin(other, kind="analysis")
    with shelf.database.write() as session:
        for one in (job, theirs):
            session.execute(update(Job).where(Job.id == one).values(task={"token_id": "t"}))
    with shelf.database.read() as session:
        [found] = attempts.find(session, owner, "t")
        assert (found.id, found.score) == (job, None)
        assert attempts.find(session, owner, "another") == []
        assert attempts.counts(session, owner, ["t", "another"]) == {"t": 1}


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({"imitation": {"overall": {"score": 81.5}, "reference": {"sha256": "ab"}}}, (81.5, "ab")),
        ({"imitation": {"overall": {"score": None, "refused": {}}, "reference": {"sha256": "ab"}}}, (None, "ab")),
        ({"imitation": {"overall": {"score": "many"}, "reference": [1]}}, (None, "")),
        ({"imitation": "well"}, (None, "")),
        ({"tempo": 96}, (None, "")),
        ({}, (None, "")),
    ],
)
def test_scores_are_read_from_whatever_was_found(
    shelf: Shelf, result: dict[str, object], told: tuple[float | None, str]
) -> None:
    owner = shelf.another_account()
    job = shelf.begin(owner, state="succeeded", kind="analysis")
    with shelf.database.write() as session:
        session.execute(update(Job).where(Job.id == job).values(task={"token_id": "t"}))
        session.add(AnalysisResult(job_id=job, owner=owner, token_id="t", name="x", result=result, created_at=FIRST))
    with shelf.database.read() as session:
        [found] = attempts.find(session, owner, "t")
    assert (found.score, found.reference) == told
    assert found.unfinished is None

"""One helper says whose rows a statement is about."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased

from pansori.db import owned, owned_tables
from pansori.db.tables import Account, Artifact, Asset, Job, PromptTemplate, Track

OWNER = uuid4()


def restricted(statement: object) -> list[str]:
    """Columns that a statement compares with the owner."""
    text = str(statement).partition("WHERE")[2]
    return sorted(part.split()[-1] for part in text.split(" = ")[:-1] if part.endswith(".owner"))


def test_every_table_with_an_owner_is_found() -> None:
    names = [table.name for table in owned_tables()]
    assert {"assets", "jobs", "tracks", "prompt_templates"} <= set(names)
    assert names.index("assets") < names.index("tracks")  # which refers to it


@pytest.mark.parametrize("model", [Job, Asset, Track, PromptTemplate])
def test_what_is_read_changed_or_deleted_is_the_owners(model: type[Job]) -> None:
    column = f"{model.__tablename__}.owner"
    assert restricted(owned(select(model), OWNER)) == [column]
    assert restricted(owned(select(func.count()).select_from(model), OWNER)) == [column]
    assert restricted(owned(update(model).values(owner=OWNER), OWNER)) == [column]
    assert restricted(owned(delete(model), OWNER)) == [column]


def test_of_joined_tables_each_is_the_owners() -> None:
    both = select(Track.id, Asset.key).join(Asset, Asset.id == Track.asset_id)
    assert restricted(owned(both, OWNER)) == ["assets.owner", "tracks.owner"]
    through = select(Asset.id).join(Artifact, Artifact.asset_id == Asset.id)
    assert restricted(owned(through, OWNER)) == ["assets.owner"]


def test_tables_that_are_named_in_passing_are_the_owners_as_well() -> None:
    assert restricted(owned(select(Artifact.id).where(Artifact.job_id == Job.id), OWNER)) == ["jobs.owner"]
    assert restricted(owned(select(func.sum(Asset.size)), OWNER)) == ["assets.owner"]
    other = aliased(Track)
    twice = select(Track.id).join(other, other.job_id == Track.job_id)
    assert restricted(owned(twice, OWNER)) == ["tracks.owner", "tracks_1.owner"]


def test_a_subquery_says_itself_whose_it_reads() -> None:
    nobodys = select(Artifact.asset_id).where(Artifact.job_id == Job.id).correlate(None)
    inside = select(Asset.id).where(Asset.id.in_(nobodys))
    assert restricted(owned(inside, OWNER)) == ["assets.owner"]
    assert restricted(owned(select(select(Job.id, Job.owner).subquery("mine").c.id), OWNER)) == ["mine.owner"]


def test_conditions_that_are_there_stay() -> None:
    one = owned(select(Job.id).where(Job.kind == "song").order_by(Job.id).limit(5), OWNER)
    assert "jobs.kind = " in str(one)
    assert restricted(one) == ["jobs.owner"]


def test_the_program_itself_reads_everybodys() -> None:
    assert restricted(owned(select(Job.id), None)) == []


def test_what_belongs_to_nobody_is_a_mistake() -> None:
    for owner in (OWNER, None):
        with pytest.raises(TypeError):
            owned(select(Account.id), owner)

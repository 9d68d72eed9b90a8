"""Engines enter by entry points; one that is broken, missing or misspelt is a status or a typed error."""

from __future__ import annotations

from pathlib import Path

import pytest

from pansori.domain.errors import EngineUnavailable, UnknownEngine
from pansori.domain.tasks import Family
from pansori.engines.registry import Registry
from pansori.settings import Settings

FOREIGN = """
from pansori.domain.tasks import Family
from pansori.engines.base import Card, Engine, Status

class Absent(Engine):
    name = "absent"
    family = Family.COMPOSE
    def card(self):
        return Card(summary="Needs a model.", code_licence="MIT")
    def status(self):
        return Status(state="missing", reason="its model is not here", cure="Run fetch-model.")
    def run(self, task, options, context):
        raise AssertionError("is never run")
"""


HEAVY = """
import library_that_nobody_has.models
class Heavy: ...
"""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry on a machine where somebody installed engines of their own: one is damaged, and of two that need
    libraries one has an extra that brings them."""
    info = tmp_path / "foreign_engines-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: foreign-engines\nVersion: 1.0\nProvides-Extra: heavy-duty\n"
    )
    (info / "entry_points.txt").write_text(
        "[pansori.engines]\ncompose.absent = foreign_engines:Absent\ncompose.damaged = foreign_engines_gone:Engine\n"
        "compose.heavy_duty = foreign_heavy:Heavy\ncompose.other = foreign_heavy:Heavy\n"
    )
    (tmp_path / "foreign_heavy.py").write_text(HEAVY)
    (tmp_path / "foreign_engines.py").write_text(FOREIGN)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Registry(Settings(data_dir=tmp_path))


def test_bundled_and_foreign_engines_are_listed_alike(registry: Registry) -> None:
    assert {"absent", "damaged", "debug", "house_band"} <= set(registry.names(Family.COMPOSE))


def test_a_ready_engine_is_given(registry: Registry) -> None:
    assert registry.get(Family.COMPOSE, "debug") is registry.get(Family.COMPOSE, "debug")


def test_a_damaged_engine_is_a_status_with_its_reason(registry: Registry) -> None:
    described = {engine["name"]: engine for engine in registry.descriptions()}
    assert described["damaged"]["state"] == "broken"
    assert "foreign_engines_gone" in described["damaged"]["reason"]
    assert described["damaged"]["cure"]
    with pytest.raises(EngineUnavailable, match="foreign_engines_gone"):
        registry.get(Family.COMPOSE, "damaged")


def test_a_missing_engine_names_its_cure(registry: Registry) -> None:
    with pytest.raises(EngineUnavailable) as raised:
        registry.get(Family.COMPOSE, "absent")
    assert raised.value.cure is not None
    assert raised.value.cure.en == "Run fetch-model."


def test_an_engine_whose_library_is_not_installed_names_what_brings_it(registry: Registry) -> None:
    described = {engine["name"]: engine for engine in registry.descriptions()}
    for name, cure in (
        ("heavy_duty", "Install it: `pip install 'foreign-engines[heavy-duty]'`"),
        ("other", "Install it: `pip install 'library-that-nobody-has'`"),
    ):
        assert described[name]["state"] == "missing"
        assert described[name]["reason"] == "library_that_nobody_has is not installed"
        assert described[name]["cure"] == cure
        with pytest.raises(EngineUnavailable, match="library_that_nobody_has") as raised:
            registry.get(Family.COMPOSE, name)
        assert raised.value.cure is not None
        assert raised.value.cure.en == cure


def test_an_unknown_engine_names_the_known_ones(registry: Registry) -> None:
    with pytest.raises(UnknownEngine) as raised:
        registry.get(Family.COMPOSE, "orchestra")
    assert raised.value.cure is not None
    assert "house_band" in raised.value.cure.en
    assert "space" not in raised.value.cure.en  # none is set, so it could not be chosen


def test_whatever_can_or_cannot_be_used_is_seen_with_its_status_in_both_languages(registry: Registry) -> None:
    seen = {f"{family}.{name}": (card, status) for family, name, card, status in registry.seen()}
    card, status = seen["compose.debug"]
    assert card is not None
    assert card.summary_ko
    assert status.state == "ready"
    assert seen["compose.absent"][1].reason == "its model is not here"
    card, status = seen["compose.heavy_duty"]
    assert card is None
    assert (status.state, bool(status.reason_ko), bool(status.cure_ko)) == ("missing", True, True)


def test_another_server_that_analyses_is_listed_and_ready_where_it_is_named(registry: Registry) -> None:
    named = Registry(Settings.model_validate({"target_server_url": "http://analysis.example/analyze-voice"}))
    for installed, state in ((registry, "missing"), (named, "ready")):
        [told] = [one for one in installed.descriptions() if one["name"] == "remote"]
        assert (told["family"], told["state"]) == ("analyze", state)
        assert ("TARGET_SERVER_URL" in told["cure"]) == (state == "missing")
        assert told["options"]["additionalProperties"] is True
        with pytest.raises(EngineUnavailable):  # nothing of it runs here
            installed.get(Family.ANALYZE, "remote")

"""Finds engines by the entry point `pansori.engines`, whose names read `family.name`.

An engine that cannot be imported is a status with its reason, never a crash at start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from pansori.domain.errors import EngineUnavailable, Text, UnknownEngine
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Family
from pansori.engines.base import ABILITIES, Card, Engine, Offer, Status, describe, not_installed
from pansori.lexicon.particles import attach
from pansori.settings import Settings

GROUP = "pansori.engines"
Ability = TypeVar("Ability")


class Registry:
    """The engines of this installation, each made when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._points: dict[str, EntryPoint] = {point.name: point for point in entry_points(group=GROUP)}
        self._loaded: dict[str, Offer | Status] = {}

    def names(self, family: Family) -> tuple[str, ...]:
        prefix = f"{family.value}."
        return tuple(sorted(key.removeprefix(prefix) for key in self._points if key.startswith(prefix)))

    def get(self, family: Family, name: str) -> Engine[Any, Any, Any]:
        """The engine called `name`. Raises `UnknownEngine`, and `EngineUnavailable` naming the cure for one that
        cannot be used, or not here."""
        engine = self._usable(family, name)
        if not isinstance(engine, Engine):
            key = f"{family.value}.{name}"
            raise EngineUnavailable(
                Text(f"Engine {key} works on another server.", f"{key} 엔진은 다른 서버에서 일해요."), field="engine"
            )
        return engine

    def _usable(self, family: Family, name: str) -> Offer:
        key = f"{family.value}.{name}"
        if key not in self._points:
            known = ", ".join(name for name in self.names(family) if self._is_ready(f"{family.value}.{name}"))
            raise UnknownEngine(
                Text(
                    f"There is no {family.value} engine “{name}”.",
                    f"{family.value} 엔진 {attach(f'“{name}”', '이/가')} 없어요.",
                ),
                field="engine",
                cure=Text(f"Choose one of: {known}.", f"다음 중에서 고르세요: {known}."),
            )
        engine = self._load(key)
        status = engine if isinstance(engine, Status) else engine.status()
        if isinstance(engine, Status) or status.state != "ready":
            raise EngineUnavailable(
                Text(
                    f"Engine {key} is {status.state}: {status.reason.rstrip('.')}.",
                    f"{key} 엔진을 쓸 수 없어요: {(status.reason_ko or status.reason).rstrip('.')}.",
                ),
                field="engine",
                cure=Text(status.cure, status.cure_ko or status.cure),
            )
        return engine

    def find(self, family: Family, name: str, what: type[Ability]) -> Ability:
        """The engine called `name`, which has to be able to do `what`, a class of the family. Raises as `get` does."""
        engine = self._usable(family, name)
        if not isinstance(engine, what):
            able = ", ".join(other for other in self.names(family) if isinstance(self._load(f"{family}.{other}"), what))
            raise EngineUnavailable(
                _unable(f"{family.value}.{name}", engine.card()),
                field="engine",
                cure=Text(f"Choose one of: {able}.", f"다음 중에서 고르세요: {able}."),
            )
        return engine

    def descriptions(self) -> Iterator[JsonDict]:
        """Every engine there is, with card and status, broken ones included."""
        for key in sorted(self._points):
            family, _, name = key.partition(".")
            engine = self._load(key)
            if isinstance(engine, Status):
                yield {"name": name, "family": family, **engine.model_dump(), "card": None, "options": None}
            else:
                yield describe(engine)

    def seen(self) -> Iterator[tuple[str, str, Card | None, Status]]:
        """Family, name, card and status of every engine there is. No card: it cannot be loaded, the status says why."""
        for key in sorted(self._points):
            family, _, name = key.partition(".")
            engine = self._load(key)
            if isinstance(engine, Status):
                yield family, name, None, engine
            else:
                yield family, name, engine.card(), engine.status()

    def _is_ready(self, key: str) -> bool:
        engine = self._load(key)
        return not isinstance(engine, Status) and engine.status().state == "ready"

    def _load(self, key: str) -> Offer | Status:
        if key not in self._loaded:
            try:
                self._loaded[key] = self._points[key].load()(self._settings)
            except Exception as error:  # noqa: BLE001 - whatever a foreign package raises becomes its status
                self._loaded[key] = _status_of(self._points[key], error)
        return self._loaded[key]


def _unable(key: str, card: Card) -> Text:
    """That an engine cannot do what it was wanted for, and what it is for."""
    known = [ABILITIES[one] for one in card.abilities if one in ABILITIES]
    if not known:
        return Text(f"Engine {key} does not do this.", f"{key} 엔진은 이 일을 하지 않아요.")
    en, ko = (", ".join(words) for words in ((one.en for one in known), (one.ko for one in known)))
    return Text(f"Engine {key} does not do this; it is for {en}.", f"{key} 엔진은 이 일을 하지 않아요. 하는 일: {ko}.")


def _status_of(point: EntryPoint, error: Exception) -> Status:
    """Why an engine cannot be imported. What it builds on may only not be installed: heavy engines leave theirs to an
    extra of their package, called like the engine."""
    library = error.name if isinstance(error, ModuleNotFoundError) else None
    if library is None or library.partition(".")[0] == point.module.partition(".")[0]:
        reason = f"{type(error).__name__}: {error}"
        cure_ko = f"{point.name} 엔진을 고치거나 제거하세요."
        return Status(state="broken", reason=reason, cure=f"Repair or remove {point.name}.", cure_ko=cure_ko)
    engine = point.name.rpartition(".")[2]
    extras = {_canonical(extra) for extra in point.dist.metadata.get_all("Provides-Extra", ())} if point.dist else set()
    needed = f"{point.dist.name}[{engine}]" if point.dist and _canonical(engine) in extras else library
    return not_installed(library, needed)


def _canonical(extra: str) -> str:
    """As installers compare names (PEP 685)."""
    return re.sub(r"[-_.]+", "-", extra).lower()

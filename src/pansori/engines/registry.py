"""Finds engines by the entry point `pansori.engines`, whose names read `family.name`.

An engine that cannot be imported is a status with its reason, never a crash at start.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pansori.domain.errors import EngineUnavailable, Text, UnknownEngine
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Family
from pansori.engines.base import Engine, Status, describe
from pansori.settings import Settings

GROUP = "pansori.engines"


class Registry:
    """The engines of this installation, each made when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._points: dict[str, EntryPoint] = {point.name: point for point in entry_points(group=GROUP)}
        self._loaded: dict[str, Engine[Any, Any, Any] | Status] = {}

    def names(self, family: Family) -> tuple[str, ...]:
        prefix = f"{family.value}."
        return tuple(sorted(key.removeprefix(prefix) for key in self._points if key.startswith(prefix)))

    def get(self, family: Family, name: str) -> Engine[Any, Any, Any]:
        """The engine called `name`. Raises `UnknownEngine`, and `EngineUnavailable` naming the cure for one that
        cannot be used."""
        key = f"{family.value}.{name}"
        if key not in self._points:
            known = ", ".join(self.names(family))
            raise UnknownEngine(
                Text(f"There is no {family.value} engine “{name}”.", f"{family.value} 엔진 “{name}”이(가) 없어요."),
                field="engine",
                cure=Text(f"Choose one of: {known}.", f"다음 중에서 고르세요: {known}."),
            )
        engine = self._load(key)
        status = engine if isinstance(engine, Status) else engine.status()
        if isinstance(engine, Status) or status.state != "ready":
            raise EngineUnavailable(
                Text(f"Engine {key} is {status.state}: {status.reason}", f"{key} 엔진을 쓸 수 없어요: {status.reason}"),
                field="engine",
                cure=status.cure,
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

    def _load(self, key: str) -> Engine[Any, Any, Any] | Status:
        if key not in self._loaded:
            try:
                self._loaded[key] = self._points[key].load()(self._settings)
            except Exception as error:  # noqa: BLE001 - whatever a foreign package raises becomes its status
                reason = f"{type(error).__name__}: {error}"
                self._loaded[key] = Status(state="broken", reason=reason, cure=f"Repair or remove {key}.")
        return self._loaded[key]

"""The house band: composes by rules and sings by re-pitched formant speech; no weights, no GPU, no network.

The engine is imported when it is asked for: the process that speaks lives in this package and needs none of it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pansori.engines.compose.house_band.engine import HouseBand, HouseBandOptions

__all__ = ["HouseBand", "HouseBandOptions"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pansori.engines.compose.house_band import engine

    return getattr(engine, name)

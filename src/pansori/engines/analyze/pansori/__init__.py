"""The embedded analyser: signal, loudness, stereo, voice and music, measured here."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pansori.engines.analyze.pansori.engine import PansoriAnalyzer, PansoriAnalyzerOptions

__all__ = ["PansoriAnalyzer", "PansoriAnalyzerOptions"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pansori.engines.analyze.pansori import engine

    return getattr(engine, name)

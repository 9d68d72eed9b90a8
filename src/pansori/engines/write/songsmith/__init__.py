"""The songsmith: understands prompts, completes them, and writes lyrics by grammar, rhyme and meter."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pansori.engines.write.songsmith.engine import Songsmith, SongsmithOptions

__all__ = ["Songsmith", "SongsmithOptions"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pansori.engines.write.songsmith import engine

    return getattr(engine, name)

"""Songs by a Gradio Space: reads what the Space asks for, fills it in, and brings its sound home.

The engine is imported when it is asked for, and what it needs when it runs.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pansori.engines.compose.space.engine import SpaceComposer, SpaceOptions

__all__ = ["SpaceComposer", "SpaceOptions"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pansori.engines.compose.space import engine

    return getattr(engine, name)

"""The Memoria Music API: songs by REST, with their states as server-sent events."""

from pansori.api.contracts.memoria._routes import MESSAGE, ORIGIN, router

__all__ = ["MESSAGE", "ORIGIN", "router"]

"""Routes by which one logs in, and manages one's account."""

from pansori.api.auth import _account, _entry, _texttune
from pansori.api.routing import Router

ROUTERS: tuple[Router, ...] = (_texttune.router, _entry.router, _account.router)

__all__ = ["ROUTERS"]

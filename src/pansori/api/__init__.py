"""HTTP in and out: the contracts, our own routes, and the server that answers them."""

from pansori.api.app import CONTRACTS, create_app
from pansori.api.openapi import render
from pansori.api.serving import serve

__all__ = ["CONTRACTS", "create_app", "render", "serve"]

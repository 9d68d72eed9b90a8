"""The pages of a server, and what an address without one says to a reader."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.routing import Route

from pansori.api.deps import Server
from pansori.api.problems import Failure
from pansori.settings import Settings
from pansori.web.assets import PageAssets
from pansori.web.frame import Page, Site
from pansori.web.pages import PAGES
from pansori.web.pages.wrong import show_failure


def install(app: FastAPI) -> None:
    """Add every page to the app. Raises `ConfigurationError` where the files of the pages were not fetched."""
    before = len(app.router.routes)
    for page in PAGES:
        page.router.add_to(app)
    routes = app.router.routes
    routes[:] = routes[before:] + routes[:before]  # `/` is also JSON, to whoever does not ask for a page
    paths = frozenset(route.path for page in PAGES for route in page.router.routes if isinstance(route, Route))
    server: Server = app.state.server
    app.state.site = Site(PageAssets(), paths, files_origin(server.services.settings))
    server.show = _show


def files_origin(settings: Settings) -> str:
    """Where browsers are sent for files, as a source of a content security policy. Empty: nowhere but here."""
    if not settings.s3_redirect:
        return ""
    endpoint = urlsplit(settings.aws_endpoint_url)
    return f"{endpoint.scheme}://{endpoint.netloc}" if endpoint.netloc else "https://*.amazonaws.com"


def _show(request: Request, failed: Failure) -> Response:
    return show_failure(Page(request), failed)

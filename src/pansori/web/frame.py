"""A page of one request: its language, its looks, and the frame around it."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from pansori import __version__, jobs
from pansori.accounts import NOBODY, Viewer
from pansori.api.cookies import session_cookie
from pansori.api.deps import Server, VisitorDep
from pansori.api.edge import SAFETY
from pansori.api.language import LANGUAGE_COOKIE, language_of
from pansori.db import AWAY
from pansori.domain.errors import Language
from pansori.web.assets import PageAssets, takes_gzip
from pansori.web.fonts import Fonts, preload
from pansori.web.measures import near_words
from pansori.web.told import FILTERS
from pansori.web.words import FRAME, Told, Words

THEME_COOKIE = "pansori_theme"
YEAR = 365 * 86_400
SMALL = 1024  #: bytes below which compressing is not worth it
NO_CACHE = "private, no-store"

Theme = Literal["auto", "light", "dark"]


@dataclass(frozen=True)
class Place:
    """An entry of the top bar. `icon`: name of a symbol in `_icons.html`."""

    name: str
    path: str
    icon: str
    also: tuple[str, ...] = ()
    """Where other pages of it begin."""

    def holds(self, path: str) -> bool:
        """Whether the page at `path` is one of it."""
        return path.startswith((self.path, *self.also))


VOICES = ("/app/tokens", "/app/new-token", "/app/attempts", "/app/scripts", "/app/actors")
PLACES = (
    Place("make", "/app/make", "make"),
    Place("analyse", "/app/analyse", "analyse", also=VOICES),
    Place("talk", "/app/talk", "microphone"),
    Place("library", "/app/library", "library"),
    Place("templates", "/app/templates", "templates"),
    Place("engines", "/app/engines", "engines"),
)
"""In their order. One whose page is not there is not shown."""


@dataclass
class Site:
    """What all pages of a server share."""

    assets: PageAssets
    paths: frozenset[str] = frozenset()
    """Of every page."""
    files_at: str = ""
    """The origin that the bytes of files come from, where that is another one than this server's."""
    environment: Environment = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.environment = Environment(
            loader=PackageLoader("pansori.web"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,  # as scripts and styles, which are read once too
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters.update(FILTERS)
        self.environment.globals.update(asset=self.assets.path, version=__version__)

    @cached_property
    def fonts(self) -> Fonts:
        return Fonts(self.assets)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        return tuple(place for place in PLACES if place.path in self.paths)


class Page:
    """What a route answers a reader with: `return page.render("library.html", WORDS, tracks=tracks)`."""

    def __init__(self, request: Request, viewer: Viewer | None = None) -> None:
        """`viewer`: None where nobody has asked who reads, as on pages of errors."""
        self.request = request
        self.viewer = viewer or NOBODY
        self._is_known = viewer is not None
        self.server: Server = request.app.state.server
        self.site: Site = request.app.state.site
        asked = request.query_params.get("lang")
        self.asked: Language | None = "ko" if asked == "ko" else "en" if asked == "en" else None
        self.language: Language = self.asked or language_of(request)
        chosen = request.cookies.get(THEME_COOKIE)
        self.theme: Theme = "light" if chosen == "light" else "dark" if chosen == "dark" else "auto"
        self.nonce = secrets.token_urlsafe(12)

    # -- what templates ask for ------------

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def address(self) -> str:
        """Path and query, without a language: where to come back to."""
        query = [(name, value) for name, value in parse_qsl(self.request.url.query) if name != "lang"]
        return self.path + (f"?{urlencode(query)}" if query else "")

    def has(self, path: str) -> bool:
        """Whether there is such a page: nothing links to what is not there."""
        return path in self.site.paths

    def in_language(self, language: Language) -> str:
        """This page's address in that language."""
        return f"{self.address}{'&' if '?' in self.address else '?'}lang={language}"

    @property
    def near_words(self) -> Mapping[str, str]:
        return near_words(self.language)

    def again(self) -> Page:
        """The same page, looked at anew."""
        return Page(self.request, self.viewer)

    @cached_property
    def queue(self) -> jobs.Counts | None:
        """How many jobs the reader has waiting and running. None: nobody knows."""
        owner = self.owner
        if owner is None:
            return None
        try:
            with self.server.services.database.read() as session:
                return jobs.counts(session, owner=owner)
        except AWAY:
            return None

    @property
    def is_in(self) -> bool:
        """Whether the reader has an account to look at. Where nobody has asked, the cookie says."""
        if not self._is_known:
            return self.server.is_open or session_cookie(self.request) is not None
        return self.server.is_open or (self.viewer.account is not None and not self.viewer.account.is_guest)

    @property
    def is_nobodys(self) -> bool:
        """Whether it was asked who reads, and it is nobody who is known: a first song makes a guest."""
        return self._is_known and self.viewer.account is None

    @property
    def owner(self) -> UUID | None:
        """The reader's account. None: not known."""
        return self.viewer.account.id if self.viewer.account else None

    # -- answers ------------

    def render(self, template: str, words: Words, *, status: int = 200, **values: Any) -> Response:
        """The template as a page. It gets `t` for the words, `page` for this, and the values."""
        html = self.fragment(template, words, **values)
        headers = {
            "Cache-Control": NO_CACHE,
            "Vary": "Accept, Accept-Language, Cookie, Accept-Encoding",
            "Content-Language": self.language,
            "Content-Security-Policy": self.policy,
        }
        if "hx-request" not in self.request.headers:  # a page in which others are swapped has its fonts
            headers["Link"] = preload(self.site.fonts.of(html))
        body = html.encode(errors="replace")
        if len(body) > SMALL and takes_gzip(self.request):
            body, headers["Content-Encoding"] = gzip.compress(body, 5), "gzip"
        response = HTMLResponse(body, status, headers)
        if self.asked:
            self.remember(response, LANGUAGE_COOKIE, self.asked)
        return response

    def fragment(self, template: str, words: Words, **values: Any) -> str:
        """A part of a page, for streams and for swaps."""
        context: Mapping[str, Any] = {"page": self, "t": Told(self.language, words, FRAME), **values}
        return self.site.environment.get_template(template).render(context)

    @property
    def policy(self) -> str:
        """As strict as everywhere; the nonce is for the style of the waveform, which its library brings in itself."""
        policy = SAFETY["Content-Security-Policy"].replace("style-src 'self'", f"style-src 'self' 'nonce-{self.nonce}'")
        for source in ("media-src 'self'", "connect-src 'self'"):
            policy = policy.replace(source, f"{source} {self.site.files_at}".rstrip())
        return policy

    def go(self, path: str) -> Response:
        """After a form was posted: on to a page of ours (303, so that reloading it posts nothing)."""
        return RedirectResponse(own_path(path), 303, {"Cache-Control": NO_CACHE})

    def remember(self, response: Response, cookie: str, value: str) -> None:
        secure = self.request.url.scheme == "https"
        response.set_cookie(cookie, value, max_age=YEAR, path="/", secure=secure, httponly=True, samesite="lax")


def own_path(path: str) -> str:
    """`path` where it leads to a page of this server; else the first page, wherever it would have led."""
    parts = urlsplit(path)
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if fine and path.isprintable() and "\\" not in path else "/"


async def _page(request: Request, viewer: VisitorDep) -> Page:
    return Page(request, viewer)


PageDep = Annotated[Page, Depends(_page)]

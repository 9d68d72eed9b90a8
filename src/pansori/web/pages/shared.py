"""A track for whoever holds a link to it."""

from __future__ import annotations

from fastapi.responses import Response

from pansori.api.reading import ReadTrackDep
from pansori.api.routing import Router
from pansori.web.frame import PageDep
from pansori.web.pages.track import facts_of
from pansori.web.pages.track_words import WORDS

router = Router(include_in_schema=False)


@router.get("/app/shared/{track_id}")
def show(page: PageDep, track: ReadTrackDep) -> Response:
    """Its owner, who needs no link, may look at it as others do."""
    response = page.render("shared.html", WORDS, **facts_of(page, track.view, track.query))
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is a key
    return response

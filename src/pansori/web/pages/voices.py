"""What the pages of scripts, actors and tokens share: lists that are searched, forms that are saved, deletions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from fastapi.responses import Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from pansori.api.contracts.audio_analysis import check_unchanged
from pansori.domain.errors import PansoriError
from pansori.library.voices import Entries
from pansori.web.forms import Given, Wrong, wrong_with
from pansori.web.frame import Page
from pansori.web.pages.voices_words import WORDS

PAGE: Final = 40
DONE: Final = ("saved", "gone", "clip", "unclip")
SURE: Final = "sure"  #: the form's field of a deletion that was asked about
VERSION: Final = "version"  #: the form's field that says what was read

View = TypeVar("View", bound=BaseModel)


def listing(
    page: Page, template: str, found: Entries[Any], *, q: str, cursor: str | None, done: str = "", **told: Any
) -> Response:
    """A list, with where its next part is."""
    query = {"q": q, "cursor": found.next_cursor}
    more = f"{page.path}?{urlencode({name: one for name, one in query.items() if one})}" if found.next_cursor else ""
    known = done if done in DONE else ""
    return page.render(
        template, WORDS, found=found, q=q, more=more, older=cursor is not None, done=known, path=page.path, **told
    )


def nothing() -> Entries[Any]:
    """The list of a reader whom nobody knows."""
    return Entries((), None, 0)


def saved(
    page: Page,
    given: Given,
    fields: tuple[str, ...],
    save: Callable[[Session], str],
    again: Callable[[Given, Wrong, int], Response],
) -> Response:
    """On to where `save` says, or the form `again`, with what is wrong at its fields."""
    try:
        with page.server.services.database.write() as session:
            path = save(session)
    except (ValidationError, PansoriError) as error:
        wrong, status = wrong_with(error, page.language, fields)
        return again(given, wrong, status)
    return page.go(path)


def same_as_read(view: BaseModel, given: Given) -> None:
    """Raises `Outdated` where it is another than the form was filled with."""
    check_unchanged(view, [given[VERSION]] if given.get(VERSION) else None)


def ask_first(page: Page, title: str, path: str, back: str, what: str) -> Response:
    """Whether it should really go: for readers whose browser cannot take it back. `what`: name of the words that say
    what goes with it."""
    return page.render("voice_delete.html", WORDS, title=title, path=path, back=back, what=what)

"""What forms bring, and what is wrong with it, by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fastapi import Request
from pydantic import ValidationError

from pansori.api.problems import failure
from pansori.domain.errors import Language, PansoriError

FIELDS_AT_MOST = 100
WHOLE = ""  #: where what is wrong with no single field stands

Given = dict[str, str]
Wrong = Mapping[str, str]


async def read_form(request: Request, names: Iterable[str]) -> Given:
    """The fields that have these names, as text; those that are missing, and files, are empty."""
    form = await request.form(max_files=0, max_fields=FIELDS_AT_MOST)
    return {name: value.replace("\r\n", "\n") if isinstance(value := form.get(name, ""), str) else "" for name in names}


def wrong_with(error: PansoriError | ValidationError, language: Language, names: Iterable[str]) -> tuple[Wrong, int]:
    """What to show at each of the form's fields, and the status of the page that does. What is wrong with none of
    `names` is said of the form as a whole, with what would cure it."""
    failed, known = failure(error, language), set(names)
    inside = isinstance(error, ValidationError)  # of a model, whose places do not begin with a part of the request
    places = (".".join(map(str, one.place)) if inside else one.field or "" for one in failed.issues)
    at_fields = {place.removeprefix("body."): one.message for place, one in zip(places, failed.issues, strict=True)}
    found = {name: message for name, message in at_fields.items() if name in known}
    if not found:
        found[WHOLE] = f"{failed.detail} {failed.cure}" if failed.cure else failed.detail
    return found, failed.status

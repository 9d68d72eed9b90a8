"""Texts as they are compared: one form for what looks alike, whoever typed it."""

from __future__ import annotations

import unicodedata

NUL = "\0"


def folded(text: str) -> str:
    """Composed, compatibility forms resolved (NFKC), case-folded: 한글 typed on a Mac, `ＡＢＣ` and `Straße` are found
    by 한글, `abc` and `strasse`."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def search_text(*texts: str) -> str:
    """What is searched of an entry; its parts stay apart, so that no term is found across them."""
    return "\n".join(folded(text) for text in texts if text)


def search_terms(query: str, most: int) -> list[str]:
    """The words of a query, all of which have to be found; the first `most` count."""
    return folded(query).split()[:most]

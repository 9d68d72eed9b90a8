"""The templates as they are written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

SpokenLanguage = Literal["ko", "en"]

INTENTS: Final = (
    "make_song", "song_status", "cancel_song", "play_last", "analyse_last", "slower", "faster", "louder", "quieter",
    "repeat", "help", "time", "date", "stop", "thanks", "hello", "goodbye",
)  # fmt: skip


@dataclass(frozen=True)
class Templates:
    """Of one language. Everything but names is in hassil's syntax, with spaces between what is spoken as words."""

    language: SpokenLanguage
    rules: Mapping[str, str]
    """What stands for `<name>`."""
    lists: Mapping[str, tuple[str, ...]]
    """What may stand for `{name}`."""
    open: tuple[str, ...]
    """Names of lists that take whatever was said."""
    heard: Mapping[str, tuple[str, ...]]
    """What is listened for in place of an open list, where a grammar has to name it. A sentence with an open list that
    is not here is not listened for."""
    intents: Mapping[str, tuple[str, ...]]
    """The sentences of each intent, by its name in `INTENTS`."""


@cache
def heard(language: SpokenLanguage) -> Templates:
    """What is listened for where words are told by their sound alone: fewer sentences, each understood as the intent
    that it stands under here. No list is open."""
    told = tomllib.loads(files(__package__).joinpath(f"heard_{language}.toml").read_text("utf-8"))
    return Templates(
        language=language,
        rules=told["rules"],
        lists={**templates(language).heard, **_frozen(told["lists"])},
        open=(),
        heard={},
        intents=_frozen(told["intents"]),
    )


@cache
def templates(language: SpokenLanguage) -> Templates:
    told = tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))
    return Templates(
        language=language,
        rules=told["rules"],
        lists=_frozen(told["lists"]),
        open=tuple(told["open"]),
        heard=_frozen(told["heard"]),
        intents=_frozen(told["intents"]),
    )


def _frozen(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in lists.items()}

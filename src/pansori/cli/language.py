"""Which language the command line speaks."""

from __future__ import annotations

import os

from pansori.domain.errors import Language, Text

VARIABLES = ("PANSORI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  #: the first one that is set decides, as in gettext


def language() -> Language:
    """Korean where the environment says so, English everywhere else."""
    chosen = next((value for name in VARIABLES if (value := os.environ.get(name))), "")
    return "ko" if chosen.lower().startswith("ko") else "en"


def say(en: str, ko: str) -> str:
    """The one of two texts that the user reads."""
    return Text(en, ko).in_language(language())

"""Which language the command line speaks."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from dotenv import dotenv_values

from pansori.domain.errors import Language, Text

SETTING = "PANSORI_LANG"
PROGRAM = "pansori"
_COMMANDS = re.compile(
    r"(?<![\w./-])(?:pansori(?= (?:assets|backup|db|doctor|engines|jobs|models|serve|worker)\b)|pip(?= install\b))"
)
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  #: the first one that is set decides, as in gettext


def language() -> Language:
    """The setting's language, else the locale's: Korean where that is Korean, English everywhere else.

    Read here and not from `Settings`, since what is wrong with the settings has to be told too.
    """
    setting = os.environ.get(SETTING) or dotenv_values(".env").get(SETTING)
    chosen = setting or next((value for name in LOCALE if (value := os.environ.get(name))), "")
    return "ko" if chosen.lower().startswith("ko") else "en"


def say(en: str, ko: str) -> str:
    """The one of two texts that the user reads."""
    return Text(en, ko).in_language(language())


def typable(text: Text) -> str:
    """A message of the program in the user's language, with its commands such as can be typed here: where this program
    is not on the path, neither is the pip of its environment."""
    said, command = text.in_language(language()), command_as_typed()
    beside = {PROGRAM: command} if command == PROGRAM else {PROGRAM: command, "pip": _beside(command, "pip")}
    return _COMMANDS.sub(lambda found: beside.get(found[0], found[0]), said)


def _beside(command: str, name: str) -> str:
    path = Path(command).with_name(name)
    return str(path) if path.is_file() else name


def command_as_typed() -> str:
    """How this program was called, so that what we suggest to type can be typed."""
    called = Path(sys.argv[0])
    found = shutil.which(PROGRAM)
    if called.name != PROGRAM or (found is not None and Path(found).resolve() == called.resolve()):
        return PROGRAM
    return str(called)

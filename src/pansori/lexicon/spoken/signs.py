"""What is on paper alone: marks of layout, pictures, addresses. In every language the same but for its words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pansori.lexicon.spoken.reading import Rule

_PICTURES: Final = (
    "\U0001f000-\U0001faff\U0001fb00-\U0001fbff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff\u25a0-\u25ff\u2190-\u21ff"
    "\ufe0e\ufe0f\u200d\u20e3\U000e0020-\U000e007f"
)
PICTURE = re.compile(f"[{_PICTURES}]+")
_ADDRESS: Final = r"[A-Za-z0-9](?:[\w.+-]*[A-Za-z0-9_])?@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
_HOST: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+"
_KNOWN_ENDS: Final = "com|org|net|edu|gov|io|dev|app|ai|me|tv|info|kr|uk|de|fr|jp|cn|eu|us|xyz|co"
_REST: Final = r"(?::\d+)?(?:[/?#][^\s<>\"'”’)\]]*)?"
_URL: Final = (
    rf"(?:https?|ftp)://[^\s<>\"'”’)\]]+|www\.{_HOST}[A-Za-z]{{2,}}{_REST}|(?<![\w@.]){_HOST}(?:{_KNOWN_ENDS})\b{_REST}"
)
_PARTS_SAID: Final = 3  #: of the path
_TRAILING = ".,;:!?…。"


def layout() -> list[Rule]:
    """Marks of Markdown: what they mark is said, they are not."""
    return [
        (re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*$", re.M), lambda _: ""),
        (re.compile(r"^[ \t]*([-*_=])(?:[ \t]*\1){2,}[ \t]*$", re.M), lambda _: ""),
        (re.compile(r"^[ \t]*\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+[ \t:-]*$", re.M), lambda _: ""),
        (re.compile(r"!?\[(?=[^\[\]\n]{1,500}\]\((?:[^()\s]|\([^()\s]*\))+\))"), lambda _: ""),
        (re.compile(r"(?<=[^\[\s])\]\((?:[^()\s]|\([^()\s]*\))+\)"), lambda _: ""),
        (re.compile(r"^[ \t]*(?:#{1,6}|>+|[-*+•◦▪‣·])[ \t]+(?:\[[ xX]\][ \t]+)?", re.M), lambda _: ""),
        (re.compile(r"`+|\*\*+|__+|~~+"), lambda _: ""),
        (re.compile(r"(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)"), lambda _: ""),
        (re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]{0,200})?/?>"), lambda _: " "),
        (re.compile(r"&(?:nbsp|lt|gt|quot|#39);"), lambda _: " "),
    ]


def pictures() -> list[Rule]:
    """Emoji and the like are not said; what is around them stays apart."""
    return [(re.compile(rf" *{PICTURE.pattern}(?= *[.,!?…。])"), lambda _: ""), (PICTURE, lambda _: " ")]


def picture_name(text: str) -> str:
    """The English name of the first picture of `text`; empty: there is none."""
    found = PICTURE.search(text)
    return unicodedata.name(found.group()[0], "").lower() if found else ""


def addresses(words: Mapping[str, str], called: Mapping[str, str] = MappingProxyType({})) -> list[Rule]:
    """Web and e-mail addresses, with `words` for their signs and digits; what is `called` otherwise than it is written.
    The protocol, `www` and what is asked for (`?…`) are not said."""

    def said(text: str) -> str:
        spaced = "".join(f" {words[sign]} " if sign in words else sign if sign.isalpha() else " " for sign in text)
        return " ".join(called.get(one, one) for one in spaced.lower().split())

    def web(match: re.Match[str]) -> str:
        address = match.group()
        kept = address.rstrip(_TRAILING)
        bare = re.sub(r"^(?:(?:https?|ftp)://)?(?:www\.)?", "", kept, flags=re.I)
        host, *parts = re.split(r"[?#]", bare)[0].rstrip("/").split("/")
        return said("/".join((host, *parts[:_PARTS_SAID]))) + address[len(kept) :]

    return [(re.compile(_ADDRESS), lambda match: said(match.group())), (re.compile(_URL, re.I), web)]

"""A subset of the Speech Synthesis Markup Language (W3C SSML 1.1), read without what makes XML dangerous: a document
type, and with it every entity but XML's own five, is refused, and depth, pauses and elements are bounded."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final
from xml.parsers import expat

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.units import Seconds
from pansori.engines.speak.manner import BadValue, Manner, emphasised, pause_of, prosody
from pansori.lexicon.particles import attach
from pansori.lexicon.spoken.telling import KINDS

DEEPEST: Final = 32
MOST_ELEMENTS: Final = 2_000
LONGEST_SILENCE: Final = Seconds(60.0)  #: of all pauses together
ELEMENTS: Final = (
    "speak", "p", "s", "break", "prosody", "emphasis", "say-as", "sub", "phoneme", "lang", "voice", "mark", "w",
)  # fmt: skip
_ENDING: Final = frozenset({"p", "s", "speak"})
_WITHOUT_SOUND: Final = frozenset({"mark"})


@dataclass(frozen=True)
class Marked:
    """Text in one manner, from index `first` up to `last`."""

    first: int
    last: int
    manner: Manner
    line: int  #: of the markup, for what is said against it
    told: str = ""  #: of `KINDS`: what it is said as
    form: str = ""
    alias: str | None = None  #: said in its place
    ipa: str = ""

    @property
    def is_whole(self) -> bool:
        return bool(self.told or self.ipa) or self.alias is not None


@dataclass(frozen=True)
class Pause:
    at: int  #: index of the character that it comes before
    seconds: Seconds


@dataclass(frozen=True)
class Document:
    text: str  #: what it says, its spaces joined
    language: str  #: BCP 47 tag of it all; empty where it does not tell
    pieces: tuple[Marked | Pause, ...]
    ends: tuple[int, ...]  #: indices where a paragraph or sentence is over


@dataclass
class _State:
    """Of an open element."""

    name: str
    manner: Manner
    told: str = ""
    form: str = ""
    alias: str | None = None
    ipa: str = ""
    filled: bool = False


@lru_cache(maxsize=8)
def parse(text: str) -> Document:
    """Raises `InvalidRequest`, naming the line and what stands there."""
    return _Reader().read(unicodedata.normalize("NFC", text))


@dataclass
class _Reader:
    stack: list[_State] = field(default_factory=list)
    pieces: list[Marked | Pause] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    length: int = 0
    elements: int = 0
    silence: float = 0.0
    language: str = ""

    def read(self, text: str) -> Document:
        parser = self._parser = expat.ParserCreate("utf-8")  # whatever its declaration says of what it once was
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.buffer_text = True
        try:
            parser.Parse(text.encode(), True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            raise self._wrong(f"this is no XML: {what}", f"XML이 아니에요: {what}", error.lineno) from error
        said = "".join(self.text)
        if not said.strip():
            raise self._wrong("nothing is said", "말할 내용이 없어요", 1)
        return Document(said, self.language, tuple(self.pieces), tuple(self.ends))

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self.elements += 1
        if name not in ELEMENTS:
            known = ", ".join(ELEMENTS)
            raise self._wrong(
                f"<{name}> is not known; these are: {known}", f"{attach(f'<{name}>', '은/는')} 몰라요. 아는 것: {known}"
            )
        if bool(self.stack) == (name == "speak"):
            raise self._wrong("<speak> is around it all, and nowhere else", "<speak>은 맨 바깥에 한 번만 써요")
        if len(self.stack) >= DEEPEST or self.elements > MOST_ELEMENTS:
            raise self._wrong("there are too many elements", "요소가 너무 많아요")
        try:
            self._open(name, attributes)
        except BadValue as error:
            raise self._wrong(f"<{name}>: {error.message.en}", f"<{name}>: {error.message.ko}") from error

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        outer = self.stack[-1] if self.stack else _State("", Manner())
        if outer.told or outer.ipa or outer.alias is not None:
            raise self._wrong(f"there is text alone inside <{outer.name}>", f"<{outer.name}> 안에는 글만 쓸 수 있어요")
        state = replace(outer, name=name, filled=False)
        if language := attributes.get("xml:lang"):
            _check_language(language)
            state.manner = state.manner.in_language(language)
            if name == "speak":
                self.language = language
        if name in _ENDING:
            self._paragraph(name)
        elif name == "break":
            self._pause(pause_of(attributes))
        elif name == "prosody":
            state.manner = prosody(state.manner, attributes)
        elif name == "emphasis":
            state.manner = emphasised(state.manner, attributes.get("level", "moderate"))
        else:
            _special(name, attributes, state)
        self.stack.append(state)

    def _end(self, name: str) -> None:
        state = self.stack.pop()
        if state.alias is not None and not state.filled and state.name == "sub":
            self._add("￼", state)  # what is said has to stand somewhere
        if state.name in _ENDING:
            self._paragraph(state.name)

    def _say(self, data: str) -> None:
        state = self.stack[-1]
        if state.name in ("break", *_WITHOUT_SOUND):
            if data.strip():
                raise self._wrong(f"<{state.name}> has no text", f"<{state.name}> 안에는 글이 없어요")
            return
        last = self.text[-1][-1:] if self.text else " "
        joined = re.sub(r"\s+", " ", data)
        self._add(joined.lstrip() if last.isspace() else joined, state)

    def _add(self, text: str, state: _State) -> None:
        if not text:
            return
        first, last = self.length, self.length + len(text)
        state.filled = True
        before = self.pieces[-1] if self.pieces else None
        piece = Marked(
            first, last, state.manner, self._parser.CurrentLineNumber, state.told, state.form, state.alias, state.ipa
        )
        if isinstance(before, Marked) and before.last == first and _is_same(before, piece):
            self.pieces[-1] = replace(before, last=last)
        else:
            self.pieces.append(piece)
        self.text.append(text)
        self.length = last

    def _paragraph(self, name: str) -> None:
        """A space between what `<p>` and `<s>` part, which ends a sentence."""
        if not self.length or name == "speak":
            return
        if not self.text[-1][-1:].isspace():
            self._add("\n" if name == "p" else " ", _State("", Manner()))
        elif name == "p":
            self.text[-1] = f"{self.text[-1][:-1]}\n"
        if self.ends[-1:] != [self.length]:
            self.ends.append(self.length)

    def _pause(self, seconds: Seconds | None) -> None:
        if seconds is None:
            return
        self.silence += seconds
        if self.silence > LONGEST_SILENCE:
            raise self._wrong(
                f"pauses have {LONGEST_SILENCE:g} s together at most",
                f"쉬는 시간은 모두 합해 {LONGEST_SILENCE:g}초까지예요",
            )
        self.pieces.append(Pause(self.length, seconds))

    def _refuse_doctype(self, *_: object) -> None:
        raise self._wrong("a document type is not allowed", "문서 형식 선언(DOCTYPE)은 쓸 수 없어요")

    def _wrong(self, en: str, ko: str, line: int | None = None) -> InvalidRequest:
        number = line or self._parser.CurrentLineNumber
        return InvalidRequest(Text(f"SSML, line {number}: {en}.", f"SSML {number}번째 줄: {ko}."), field="text")


def _is_same(before: Marked, piece: Marked) -> bool:
    return not before.is_whole and not piece.is_whole and before.manner == piece.manner


def _special(name: str, attributes: dict[str, str], state: _State) -> None:
    """`say-as`, `sub`, `phoneme`, `voice`."""
    if name == "say-as":
        kind = attributes.get("interpret-as", "")
        if kind not in KINDS:
            raise BadValue("interpret-as", kind, ", ".join(KINDS))
        state.told, state.form = kind, attributes.get("format", "")
    elif name == "sub":
        state.alias = attributes.get("alias", "")
        if not state.alias.strip():
            raise BadValue("alias", "", "…")
    elif name == "phoneme":
        if attributes.get("alphabet", "ipa") != "ipa":
            raise BadValue("alphabet", attributes["alphabet"], "ipa")
        state.ipa = attributes.get("ph", "").strip()
        if not state.ipa:
            raise BadValue("ph", "", "IPA")
    elif name == "voice" and "name" in attributes:
        state.manner = replace(state.manner, voice=attributes["name"])


def _check_language(tag: str) -> None:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", tag):
        raise BadValue("xml:lang", tag, "ko, en-US …")

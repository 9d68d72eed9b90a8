"""HTML as a browser would take it apart, for tests that need no browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Element:
    """`text`: what stands directly in it."""

    name: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Markup:
    """The elements of a document in their order."""

    elements: list[Element] = field(default_factory=list)

    def named(self, *names: str) -> list[Element]:
        return [one for one in self.elements if one.name in names]

    def by_id(self, name: str) -> Element | None:
        return next((one for one in self.elements if one.attributes.get("id") == name), None)

    @property
    def scripts(self) -> list[Element]:
        """Those that a browser would run."""
        data = ("application/json", "importmap", "speculationrules")
        return [one for one in self.named("script") if one.attributes.get("type", "") not in data]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.markup = Markup()
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.markup.elements.append(element)
        self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.markup.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().name != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data


def read_markup(html: str) -> Markup:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.markup

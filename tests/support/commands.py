"""Sentences with what is meant by them, from tables in `tests/data`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True)
class Sentence:
    """`intent`: empty: it is no command. `prompt`: what the song is asked to be; empty: the table does not say."""

    intent: str
    text: str
    prompt: str = ""


def sentences(table: str) -> Iterator[Sentence]:
    for line in (DATA / table).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            intent, text, *prompt = line.split("\t")
            yield Sentence("" if intent == "-" else intent, text, *prompt)

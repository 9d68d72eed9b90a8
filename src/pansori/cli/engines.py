"""`pansori engines`."""

from __future__ import annotations

import json

from rich import box
from rich.console import Console
from rich.table import Table

from pansori import settings
from pansori.cli.language import say
from pansori.domain.jobs import JsonDict
from pansori.engines.registry import Registry


def show_engines(as_json: bool) -> int:
    engines = list(Registry(settings.load()).descriptions())
    if as_json:
        print(json.dumps({"engines": engines}, ensure_ascii=False, indent=2))
        return 0
    console = Console()
    console.print(_table(engines))
    for engine in engines:
        parts = (engine["card"] or {}).get("parts", {})
        for name, what in parts.items():
            console.print(f"{engine['family']}.{engine['name']}  {name}: {what}", highlight=False, soft_wrap=True)
    return 0


def _table(engines: list[JsonDict]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (say("Engine", "엔진"), say("State", "상태"), say("What it is", "설명"), say("Languages", "언어")):
        table.add_column(heading, overflow="fold")
    for engine in engines:
        card = engine["card"] or {}
        abilities = ", ".join(card.get("abilities", ()))
        trouble = ". ".join(part for part in (engine["reason"].rstrip("."), engine["cure"]) if part)
        table.add_row(
            f"{engine['family']}.{engine['name']}",
            engine["state"],
            "\n".join(part for part in (card.get("summary", ""), abilities, trouble) if part),
            ", ".join(card.get("languages", ())),
        )
    return table

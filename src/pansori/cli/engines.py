"""`pansori engines`: those that are used, in a few lines; or their cards."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from pansori import settings
from pansori.cli.consoles import plain_console
from pansori.cli.language import command_as_typed, say, typable
from pansori.domain.errors import NotFound, Text
from pansori.engines.base import Card, Status
from pansori.engines.registry import Registry
from pansori.settings import Settings

MANY = 12  #: languages that are named
NAMES = 2  #: columns that hold a name and a state, which are not broken


@dataclass(frozen=True)
class Seen:
    """An engine. `key`: its family and its name. `card`: None where it cannot be loaded."""

    key: str
    card: Card | None
    status: Status

    @property
    def trouble(self) -> str:
        """Why it is not ready, and the cure."""
        status = self.status
        reason = say(status.reason, status.reason_ko or status.reason)
        cure = typable(Text(status.cure, status.cure_ko or status.cure))
        return ". ".join(part for part in (reason.rstrip("."), cure) if part)

    @property
    def about(self) -> Iterator[str]:
        if self.card is not None:
            yield say(self.card.summary, self.card.summary_ko or self.card.summary)
            if self.card.abilities:
                yield ", ".join(self.card.abilities)


def show_engines(name: str | None, *, whole: bool, as_json: bool) -> int:
    """`name`: of an engine, alone or after its family's; or of a family. Raises `NotFound`."""
    loaded = settings.load()
    registry = Registry(loaded)
    seen = {
        f"{family}.{own}": Seen(f"{family}.{own}", card, status)
        for family, own, card, status in registry.seen()
        if name in (None, family, own, f"{family}.{own}")
    }
    if not seen:
        raise NotFound(
            Text(f"There is no engine “{name}”.", f"“{name}” 엔진은 없어요."),
            cure=Text("See: pansori engines --all", "목록: pansori engines --all"),
        )
    if as_json:
        engines = [one for one in registry.descriptions() if f"{one['family']}.{one['name']}" in seen]
        print(json.dumps({"engines": engines}, ensure_ascii=False, indent=2))
    elif name is not None or whole:
        _print_cards(list(seen.values()))
    else:
        _print_used(list(seen.values()), used(loaded))
    return 0


def used(loaded: Settings) -> frozenset[str]:
    """The engines that work where a request names none."""
    from pansori.workflows import default_engine  # with all that works, which cards do without

    return frozenset(
        {
            f"analyze.{loaded.analyze_engine}",
            f"compose.{default_engine(loaded)}",
            f"speak.{loaded.speak_engine}",
            f"transcribe.{loaded.transcribe_engine}",
            f"write.{loaded.write_engine}",
            f"write.{loaded.reply_engine}",
        }
    )


def _print_used(engines: Sequence[Seen], chosen: frozenset[str]) -> None:
    console = plain_console()
    table = _table(say("Used", "쓰는 엔진"), say("State", "상태"))
    known = {one.key: one for one in engines}
    for key in sorted(chosen):
        table.add_row(key, known[key].status.state if key in known else say("unknown", "모름"))
    console.print(table)
    for key in sorted(chosen):
        if key not in known:
            console.print(say(f"{key}  The settings name it.", f"{key}  설정에 적혀 있어요."))
    _print_troubles(console, [known[key] for key in sorted(chosen) if key in known])
    others = [one for one in engines if one.key not in chosen]
    ready = ", ".join(one.key for one in others if one.status.state == "ready")
    absent = ", ".join(one.key for one in others if one.status.state != "ready")
    for heading, names in (
        (say("Ready too", "그 밖에 쓸 수 있는 엔진"), ready),
        (say("Not here", "아직 없는 엔진"), absent),
    ):
        if names:
            console.print(f"{heading}: {names}")
    more = f"{command_as_typed()} engines --all"
    console.print(say(f"What they are, and what they take: {more}", f"엔진마다 설명과 필요한 일: {more}"))


def _print_cards(engines: Sequence[Seen]) -> None:
    console = plain_console()
    table = _table(say("Engine", "엔진"), say("State", "상태"), say("What it is", "설명"), say("Languages", "언어"))
    for one in engines:
        languages = one.card.languages if one.card else ()
        more = (f"+ {len(languages) - MANY}",) if len(languages) > MANY else ()
        table.add_row(one.key, one.status.state, "\n".join(one.about), ", ".join((*languages[:MANY], *more)))
    console.print(table)
    _print_troubles(console, engines)
    for one in engines:
        for name, what in (one.card.parts if one.card else {}).items():
            console.print(f"{one.key}  {name}: {what}", soft_wrap=True)


def _print_troubles(console: Console, engines: Sequence[Seen]) -> None:
    """A line each, which no column breaks: commands in it are there to be copied."""
    for one in engines:
        if one.trouble:
            console.print(f"{one.key}  {one.trouble}", soft_wrap=True)


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=number < NAMES)
    return table

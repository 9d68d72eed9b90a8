"""What people say against an analysis by the forms of its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pansori.engines.analyze.said import Corrections
from pansori.web.told import clock
from pansori.web.words import Told

METRES: Final = ("2/4", "3/4", "4/4", "5/4", "6/8", "7/8", "9/8", "12/8")
SLOWEST, FASTEST = 0.25, 4.0  #: times the measured tempo
Said = dict[str, Any]  #: as `Corrections` are read
Given = dict[str, str]
TEMPO: Final = ("tempo", "tempo_factor", "taps")  #: ways to say it, of which one counts


def said_of(before: Corrections, given: Given) -> Corrections:
    """What was said before, changed by a form: `do` says how. Raises `ValidationError` for what makes no sense."""
    told: Said = before.model_dump(exclude_defaults=True)
    do, _, what = given.get("do", "").partition(".")
    if do == "undo":
        return Corrections.model_validate(_without(told, *UNDONE[what]) if what in UNDONE else {})
    deed = DEEDS.get(do)
    return Corrections.model_validate(deed(told, before, given) if deed is not None else told)


def _twice(told: Said, before: Corrections, given: Given) -> Said:
    return _sped(told, before, 2.0)


def _half(told: Said, before: Corrections, given: Given) -> Said:
    return _sped(told, before, 0.5)


def _sped(told: Said, before: Corrections, times: float) -> Said:
    if before.tempo is not None:
        return {**told, "tempo": before.tempo * times}
    factor = min(max(before.tempo_factor * times, SLOWEST), FASTEST)
    return {**_without(told, *TEMPO), "tempo_factor": factor}


def _tempo(told: Said, before: Corrections, given: Given) -> Said:
    value = given.get("tempo", "").strip().replace(",", ".")
    return {**_without(told, *TEMPO), **({"tempo": value} if value else {})}


def _taps(told: Said, before: Corrections, given: Given) -> Said:
    return {**_without(told, *TEMPO), "taps": given.get("taps", "").split()}


def _earlier(told: Said, before: Corrections, given: Given) -> Said:
    return {**told, "downbeat_shift": before.downbeat_shift - 1}


def _later(told: Said, before: Corrections, given: Given) -> Said:
    return {**told, "downbeat_shift": before.downbeat_shift + 1}


def _metre(told: Said, before: Corrections, given: Given) -> Said:
    return {**_without(told, "metre"), **({"metre": given["metre"]} if given.get("metre") else {})}


def _key(told: Said, before: Corrections, given: Given) -> Said:
    return {**_without(told, "key"), **({"key": given["key"]} if given.get("key") else {})}


def _sections(told: Said, before: Corrections, given: Given) -> Said:
    """Names as `name.0`, marks as `merge.1`; a name that is as it was measured, in `was.0`, says nothing."""
    names, merged = {}, []
    for field, value in given.items():
        kind, _, number = field.partition(".")
        if not number.isdecimal():
            continue
        if kind == "name" and value.strip() and value.strip() != given.get(f"was.{number}", ""):
            names[int(number)] = value
        elif kind == "merge":
            merged.append(int(number))
    kept = _without(told, "section_names", "section_merges")
    return {**kept, "section_names": names, "section_merges": merged}


def _without(told: Said, *names: str) -> Said:
    return {name: value for name, value in told.items() if name not in names}


DEEDS: Final[dict[str, Callable[[Said, Corrections, Given], Said]]] = {
    "twice": _twice,
    "half": _half,
    "tempo": _tempo,
    "taps": _taps,
    "earlier": _earlier,
    "later": _later,
    "metre": _metre,
    "key": _key,
    "sections": _sections,
}
UNDONE: Final = {
    "tempo": TEMPO,
    "metre": ("metre", "downbeat_shift"),
    "key": ("key",),
    "sections": ("section_names", "section_merges"),
}
"""What goes together."""


def shown_of(said: Corrections, t: Told) -> dict[str, str]:
    """What was said, by what goes together in `UNDONE`."""
    found: dict[str, str] = {}
    if said.tempo is not None:
        found["tempo"] = f"{said.tempo:g} BPM"
    elif said.tempo_factor != 1.0:
        found["tempo"] = f"×{said.tempo_factor:g}"
    elif said.taps:
        found["tempo"] = t("taps_said", n=len(said.taps), start=clock(said.taps[0]))
    if said.metre is not None or said.downbeat_shift:
        shift = f"{said.downbeat_shift:+d}".replace("-", "−") if said.downbeat_shift else ""
        found["metre"] = " · ".join(filter(None, (said.metre, shift)))
    if said.key is not None:
        found["key"] = t.key(said.key)
    if said.section_names or said.section_merges:
        found["sections"] = t("sections_said", n=len(said.section_names) + len(said.section_merges))
    return found

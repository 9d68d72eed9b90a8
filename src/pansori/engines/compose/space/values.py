"""Bringing a value into what an input takes: range, step, choices."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pansori.domain.media import Quality
from pansori.engines.compose.space.model import Parameter
from pansori.engines.compose.space.vocabulary import QUALITIES, Concept, hertz_of, is_wide, seconds_of, words_of

TEXTS = frozenset({"textbox", "code", "markdown", "richtextbox"})
NUMBERS = frozenset({"slider", "number"})
PICKS = frozenset({"radio", "dropdown", "checkboxgroup"})
SWITCH = "checkbox"
SEEDS_WITHOUT_MAXIMUM = 2**31  #: what fits a signed 32-bit integer, which most generators take
SHARES = {Quality.DRAFT: 0.0, Quality.STANDARD: 0.5, Quality.HIGH: 1.0}  #: of a slider's range

READERS: dict[Concept, Callable[[str], float | None]] = {
    Concept.DURATION: seconds_of,
    Concept.SAMPLE_RATE: hertz_of,
    Concept.SEED: hertz_of,
}
NUMERIC = frozenset(READERS)
SWITCHES = frozenset({Concept.RANDOM_SEED, Concept.INSTRUMENTAL})


@dataclass(frozen=True)
class Fitted:
    """What is sent. `changed`: it is not quite what was asked for."""

    value: Any
    changed: bool = False


def fit(concept: Concept, value: Any, parameter: Parameter) -> Fitted | None:
    """`value` as `parameter` takes it; None where it can take nothing like it."""
    if parameter.component in PICKS:
        return _pick(concept, value, parameter)
    if concept in SWITCHES:
        return Fitted(bool(value)) if parameter.component == SWITCH else None
    if parameter.component in NUMBERS:
        return _number(concept, value, parameter)
    if parameter.component in TEXTS:
        return Fitted(_plain(value) if concept in NUMERIC else str(value))
    return None


def _number(concept: Concept, value: Any, parameter: Parameter) -> Fitted | None:
    if concept is Concept.QUALITY:
        return _share(Quality(value), parameter)
    if concept not in NUMERIC:
        return None
    wanted = _folded(int(value), parameter) if concept is Concept.SEED else float(value)
    sent = on_grid(wanted, parameter)
    return Fitted(_whole(sent) if parameter.whole or float(sent).is_integer() else sent, changed=sent != value)


def _share(quality: Quality, parameter: Parameter) -> Fitted | None:
    if parameter.minimum is None or parameter.maximum is None:
        return None
    wanted = parameter.minimum + SHARES[quality] * (parameter.maximum - parameter.minimum)
    sent = float(on_grid(wanted, parameter))
    return Fitted(_whole(sent) if parameter.whole or sent.is_integer() else sent)


def on_grid(value: float, parameter: Parameter) -> float:
    """The nearest value within the range that lies on a step, counted from the minimum."""
    low = -math.inf if parameter.minimum is None else parameter.minimum
    high = math.inf if parameter.maximum is None else parameter.maximum
    value = min(max(value, low), max(low, high))
    step = 1.0 if parameter.whole else parameter.step or 0.0
    if step > 0 and (parameter.component == "slider" or parameter.whole):
        base = 0.0 if math.isinf(low) else low
        steps = round((value - base) / step)
        if base + steps * step > high:
            steps -= 1
        value = round(base + steps * step, 9)
    return value


def _folded(seed: int, parameter: Parameter) -> float:
    """A seed into the range that the Space takes: another seed there for nearly every seed here."""
    low = math.ceil(parameter.minimum) if parameter.minimum is not None else 0
    high = math.floor(parameter.maximum) if parameter.maximum is not None else low + SEEDS_WITHOUT_MAXIMUM - 1
    return float(seed if low <= seed <= high else low + seed % max(high - low + 1, 1))


def _pick(concept: Concept, value: Any, parameter: Parameter) -> Fitted | None:
    found = _nearest(concept, value, parameter) if concept in NUMERIC else _worded(concept, value, parameter)
    if found is None and parameter.custom and not parameter.multiple and concept not in SWITCHES:
        return Fitted(_plain(value) if concept in NUMERIC else str(value))
    if found is None:
        return None
    return Fitted([found.value], found.changed) if parameter.multiple else found


def _nearest(concept: Concept, value: Any, parameter: Parameter) -> Fitted | None:
    """The choice whose number is nearest; of two equally near ones the smaller."""
    read = READERS[concept]
    numbers = [(number, sent) for shown, sent in parameter.choices if (number := read(shown)) is not None]
    if not numbers:
        return None
    number, sent = min(numbers, key=lambda choice: (abs(choice[0] - float(value)), choice[0]))
    return Fitted(sent, changed=number != float(value))


def _worded(concept: Concept, value: Any, parameter: Parameter) -> Fitted | None:
    if concept is Concept.QUALITY:
        return _quality(Quality(value), parameter)
    text = words_of(str(value))
    named = [(words_of(shown), sent) for shown, sent in parameter.choices]
    inside = [(shown, sent) for shown, sent in named if shown and is_within(shown, text)]
    if not inside:
        return None
    shown, sent = max(inside, key=lambda choice: len(choice[0]))
    return Fitted(sent, changed=shown != text)


def _quality(quality: Quality, parameter: Parameter) -> Fitted | None:
    for shown, sent in parameter.choices:
        words = words_of(shown)
        if any(is_within(word, words) for word in sorted(QUALITIES[quality], key=len, reverse=True)):
            return Fitted(sent)
    return None


def is_within(word: str, text: str) -> bool:
    """Whether `text` has `word` in it: as words of its own, or anywhere where the script has no spaces."""
    if is_wide(word):
        return word.replace(" ", "") in text.replace(" ", "")
    return f" {word} " in f" {text} "


def _plain(value: Any) -> str:
    return str(_whole(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _whole(value: float) -> int:
    return round(value)

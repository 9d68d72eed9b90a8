"""Which of our values goes into which input of a Space: the assignment of the highest score, one to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.compose.space.model import Endpoint, Parameter
from pansori.engines.compose.space.values import PICKS, TEXTS, Fitted, fit, is_within
from pansori.engines.compose.space.vocabulary import NAMES, Concept, seconds_of, words_of

EXACT_NAME, EXACT_LABEL, IN_LABEL, IN_NAME, BY_KIND = 100.0, 80.0, 50.0, 45.0, 20.0
LIKELY = 8.0  #: for a range that goes with what it is
CARRIERS = (Concept.PROMPT, Concept.STYLE, Concept.LYRICS)  #: an endpoint that takes none of these makes no music
USUAL_NAMES = ("generate", "predict", "infer", "music", "song", "compose", "run", "create", "synth", "audio")
OPTIONAL = ("optional", "선택", "선택사항", "任意", "可选", "可選")
SHOWN_CHARACTERS = 80
USUAL_DURATION, USUAL_RATE = Seconds(30.0), SampleRateHz(44_100)  #: for an input that must have one, where nobody says


@dataclass(frozen=True)
class Wish:
    """A value that we have. `notable`: the user gave it, and is told where it goes nowhere; `stopgap`: nobody gave it,
    and only inputs that must have some get it."""

    concept: Concept
    value: Any
    notable: bool = False
    stopgap: bool = False


@dataclass(frozen=True)
class Filled:
    parameter: Parameter
    value: Any
    source: str
    """A concept's name, `default`, `given` (by the user, by name) or `empty`."""
    changed: bool = False
    """Whether the user asked for something else, to which this is the nearest."""


@dataclass(frozen=True)
class Call:
    """How an endpoint would be called. `missing`: what it needs and nobody has; `unused`: wishes that it has no input
    for; `score`: how well it fits."""

    endpoint: Endpoint
    filled: tuple[Filled, ...]
    missing: tuple[Parameter, ...]
    unused: tuple[Wish, ...]
    score: float

    @property
    def usable(self) -> bool:
        says = any(entry.source in (*CARRIERS, "given") and entry.value for entry in self.filled)
        return says and not self.missing

    @property
    def data(self) -> list[Any]:
        """What is sent, in the order of the inputs."""
        by_name = {id(entry.parameter): entry.value for entry in self.filled}
        return [by_name.get(id(parameter)) for parameter in self.endpoint.parameters]

    @property
    def shown(self) -> str:
        return f"/{self.endpoint.name}" if self.endpoint.name else f"#{self.endpoint.index}"

    def report(self) -> JsonDict:
        """What went where, for the track."""
        return {
            "endpoint": self.shown,
            "inputs": [
                {
                    "parameter": entry.parameter.name,
                    "label": entry.parameter.label,
                    "component": entry.parameter.component,
                    "from": entry.source,
                    "value": _shown(entry.value),
                    "changed": entry.changed,
                }
                for entry in self.filled
            ],
            "missing": [parameter.shown for parameter in self.missing],
            "unused": [wish.concept.value for wish in self.unused],
        }


def wishes_of(task: ComposeTask, seed: int) -> tuple[Wish, ...]:
    """What a task has to say to a Space."""
    wishes = [
        Wish(Concept.PROMPT, task.genre, notable=True),
        Wish(Concept.STYLE, task.genre),
        Wish(Concept.LYRICS, task.lyrics, notable=bool(task.lyrics)),
        Wish(Concept.SEED, seed, notable=task.seed is not None),
        Wish(Concept.QUALITY, task.quality.value),
        Wish(Concept.NEGATIVE, ""),
        Wish(Concept.RANDOM_SEED, False),
        Wish(Concept.INSTRUMENTAL, not task.lyrics),
    ]
    if task.title:
        wishes.append(Wish(Concept.TITLE, task.title))
    open_duration, open_rate = task.duration is None, task.sample_rate is None
    duration, rate = task.duration or USUAL_DURATION, task.sample_rate or USUAL_RATE
    wishes.append(Wish(Concept.DURATION, float(duration), notable=not open_duration, stopgap=open_duration))
    wishes.append(Wish(Concept.SAMPLE_RATE, int(rate), notable=not open_rate, stopgap=open_rate))
    return tuple(wishes)


def choose(endpoints: Sequence[Endpoint], wishes: Sequence[Wish], given: Mapping[str, Any]) -> list[Call]:
    """Every endpoint that gives sound, or where none says so, that may; the best first, usable ones before others."""
    likeliest = max((endpoint.gives_sound for endpoint in endpoints), default=0.0)
    mapped = [map_endpoint(endpoint, wishes, given) for endpoint in endpoints if endpoint.gives_sound == likeliest > 0]
    return sorted(mapped, key=lambda mapping: (mapping.usable, mapping.score), reverse=True)


def map_endpoint(endpoint: Endpoint, wishes: Sequence[Wish], given: Mapping[str, Any]) -> Call:
    """`given`: values by the name or label of an input, which are sent as they are."""
    named = {id(parameter): given[key] for parameter in endpoint.parameters if (key := _key(parameter, given))}
    open_ = [parameter for parameter in endpoint.parameters if id(parameter) not in named and not parameter.hidden]
    chosen, total = _assign(wishes, open_)
    filled, missing = [], []
    for parameter in endpoint.parameters:
        entry = (
            Filled(parameter, named[id(parameter)], "given")
            if id(parameter) in named
            else chosen.get(id(parameter)) or _left_alone(parameter)
        )
        if entry is not None:
            filled.append(entry)
        elif not parameter.hidden:
            missing.append(parameter)
    used = {entry.source for entry in filled}
    if Concept.STYLE in used:  # it says what the prompt says
        used.add(Concept.PROMPT)
    unused = tuple(wish for wish in wishes if wish.notable and wish.concept not in used)
    usual = any(name in words_of(endpoint.name) for name in USUAL_NAMES)
    score = total + (10.0 if usual else 0.0) - 100.0 * len(missing)
    return Call(endpoint, tuple(filled), tuple(missing), unused, score)


def _key(parameter: Parameter, given: Mapping[str, Any]) -> str | None:
    return next((key for key in given if not parameter.hidden and key in (parameter.name, parameter.label)), None)


def _assign(wishes: Sequence[Wish], parameters: Sequence[Parameter]) -> tuple[dict[int, Filled], float]:
    """The one-to-one assignment of the highest sum of scores (Kuhn–Munkres); pairs that score nothing stay apart."""
    if not wishes or not parameters:
        return {}, 0.0
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    scores = np.zeros((len(wishes), len(parameters)))
    fitted: dict[tuple[int, int], Fitted] = {}
    for row, wish in enumerate(wishes):
        for column, parameter in enumerate(parameters):
            if wish.stopgap and not parameter.required:
                continue
            value = fit(wish.concept, wish.value, parameter)
            if value is not None and (points := score_of(wish.concept, parameter)) > 0:
                scores[row, column], fitted[row, column] = points, value
    chosen: dict[int, Filled] = {}
    total = 0.0
    for row, column in zip(*linear_sum_assignment(scores, maximize=True), strict=True):
        found = fitted.get((int(row), int(column)))
        if found is not None:
            wish, parameter = wishes[row], parameters[column]
            chosen[id(parameter)] = Filled(parameter, found.value, wish.concept.value, found.changed and wish.notable)
            total += float(scores[row, column])
    return chosen, total


def score_of(concept: Concept, parameter: Parameter) -> float:
    """How likely an input is meant for this: by the parameter's exact name, then its label, then its kind. 0: not at
    all."""
    name, label = words_of(parameter.name), words_of(parameter.label)
    known = NAMES[concept]
    points = _by_words(known, name, label)
    if points == 0.0:
        return _by_kind(concept, parameter)
    return points + (LIKELY if _is_likely(concept, parameter) else 0.0)


def _by_words(known: Sequence[str], name: str, label: str) -> float:
    if name in known:
        return EXACT_NAME
    if label in known:
        return EXACT_LABEL
    in_label = [word for word in known if is_within(word, label)]
    if in_label:
        return IN_LABEL + 10.0 * max(map(len, in_label)) / len(label)
    in_name = [word for word in known if is_within(word, name)]
    return IN_NAME + 5.0 * max(map(len, in_name)) / len(name) if in_name else 0.0


def _by_kind(concept: Concept, parameter: Parameter) -> float:
    """An input whose words say nothing may still show what it is for."""
    if concept is Concept.PROMPT and parameter.component in TEXTS and parameter.required:
        return BY_KIND if not parameter.label else BY_KIND / 4
    if concept is Concept.DURATION and parameter.component in PICKS and len(parameter.choices) > 1:
        named = [shown for shown, _ in parameter.choices if any(not mark.isdigit() for mark in shown)]
        times = [shown for shown in named if seconds_of(shown) is not None and len(shown) <= len("10 seconds")]
        return BY_KIND if len(times) == len(parameter.choices) else 0.0
    return 0.0


def _is_likely(concept: Concept, parameter: Parameter) -> bool:
    high = parameter.maximum
    if concept is Concept.DURATION:
        return high is None or 1 < high <= 3600
    if concept is Concept.SEED:
        return high is None or high >= 99
    if concept is Concept.SAMPLE_RATE:
        return high is None or high >= 8_000
    return parameter.component in TEXTS


def _left_alone(parameter: Parameter) -> Filled | None:
    """An input that none of our values is for. None where it must have one."""
    if not parameter.required and not parameter.hidden:
        return Filled(parameter, parameter.default, "default")
    says_so = any(word in parameter.label.casefold() for word in OPTIONAL)
    if says_so and not parameter.hidden:
        return Filled(parameter, "" if parameter.component in TEXTS else None, "empty")
    return None


def _shown(value: Any) -> Any:
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        return value[:SHOWN_CHARACTERS] + "…"
    return value if isinstance(value, str | int | float | bool | None) else str(value)[:SHOWN_CHARACTERS]

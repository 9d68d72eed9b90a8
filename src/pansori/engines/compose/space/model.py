"""What a Gradio app says of itself: its components and endpoints, read from `/config` and `/info`.

Both come from a stranger, so whatever is not as expected is left out or refused, and never trusted to be there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pansori.domain.errors import SpaceFailed, Text
from pansori.engines.compose.space import faults

STATE = "state"
MAX_COMPONENTS = 5_000
SOUND_OUTPUTS = ("audio",)
#: Components of which some put sound into the page, as a link or a file.
POSSIBLE_OUTPUTS = ("file", "downloadbutton", "video", "html", "json", "textbox", "markdown", "uploadbutton", "files")


@dataclass(frozen=True)
class Parameter:
    """One input of an endpoint. `choices`: what is shown and what is sent, of components that offer some."""

    name: str
    label: str
    component: str
    required: bool
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    whole: bool = False
    """Whether it takes whole numbers alone."""
    choices: tuple[tuple[str, Any], ...] = ()
    multiple: bool = False
    custom: bool = False
    """Whether it takes what is not among its choices, too."""
    hidden: bool = False
    """It is the app's own business (a state, a button): it has no value of ours."""

    @property
    def shown(self) -> str:
        """As people know it."""
        return self.label or self.name


@dataclass(frozen=True)
class Endpoint:
    """A function of the app. `index`: as its queue knows it; `outputs`: types of the components it fills."""

    index: int
    name: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[str, ...] = ()

    @property
    def gives_sound(self) -> float:
        """How likely: 1 for an audio component, less for others that may carry sound, 0 for none."""
        if any(output in SOUND_OUTPUTS for output in self.outputs):
            return 1.0
        return 0.3 if any(output in POSSIBLE_OUTPUTS for output in self.outputs) else 0.0


@dataclass(frozen=True)
class App:
    version: str
    protocol: str
    prefix: str
    """Path before the API's routes: empty before Gradio 5."""
    endpoints: tuple[Endpoint, ...] = ()
    offers_login: bool = False
    """Whether its page says “Sign in” somewhere."""


def read_json(text: str | bytes) -> Any:
    """Numbers that JSON does not know (NaN, Infinity) are null. Raises `ValueError`, as for what is nested too deep."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def number_of(value: Any) -> float | None:
    """None for what is no number, and for those that are larger than any."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def read_app(config: Any, info: Any) -> App:
    """`config`: of `/config`; `info`: of `/info`, None where the app does not tell. Raises `SpaceFailed` for what is no
    Gradio app."""
    if not isinstance(config, Mapping) or not isinstance(config.get("dependencies"), list):
        raise SpaceFailed(
            Text("What answers there is no Gradio app.", "그 주소에 있는 것은 Gradio 앱이 아니에요."),
            cure=Text("Give the address of a Gradio app.", "Gradio 앱의 주소를 적어 주세요."),
        )
    listed = config.get("components")
    components = {
        component.get("id"): component
        for component in (listed if isinstance(listed, list) else [])[:MAX_COMPONENTS]
        if isinstance(component, Mapping) and isinstance(component.get("id"), int)
    }
    named = info.get("named_endpoints", {}) if isinstance(info, Mapping) else {}
    endpoints = tuple(
        endpoint
        for position, dependency in enumerate(config["dependencies"])
        if isinstance(dependency, Mapping)
        and (endpoint := _endpoint(position, dependency, components, named)) is not None
    )
    prefix = config.get("api_prefix")
    return App(
        version=str(config.get("version", "")),
        protocol=str(config.get("protocol", "ws")),
        prefix=prefix.strip("/") if isinstance(prefix, str) else "",
        endpoints=endpoints,
        offers_login=any(_offers_login(component) for component in components.values()),
    )


def _offers_login(component: Mapping[str, Any]) -> bool:
    given = component.get("props")
    props: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    said = (props.get("value"), props.get("label"))
    is_login = component.get("type") == "loginbutton"
    return is_login or any(isinstance(words, str) and faults.SIGN_IN.search(words) is not None for words in said)


def _endpoint(
    position: int, dependency: Mapping[str, Any], components: Mapping[Any, Mapping[str, Any]], named: Any
) -> Endpoint | None:
    """None for what only the page itself calls."""
    name = dependency.get("api_name")
    if name is False or dependency.get("api_visibility") == "private" or dependency.get("backend_fn") is False:
        return None
    name = name if isinstance(name, str) else ""
    told = named.get(f"/{name}") if isinstance(named, Mapping) else None
    described = told.get("parameters") if isinstance(told, Mapping) else None
    inputs = [components.get(number, {}) for number in _numbers(dependency.get("inputs"))]
    outputs = [components.get(number, {}) for number in _numbers(dependency.get("outputs"))]
    index = dependency.get("id")
    return Endpoint(
        index=index if isinstance(index, int) else position,
        name=name,
        parameters=_parameters(inputs, described if isinstance(described, list) else []),
        outputs=tuple(str(output.get("type", "")) for output in outputs),
    )


def _numbers(value: Any) -> Sequence[int]:
    return [number for number in value if isinstance(number, int)] if isinstance(value, list) else []


def _parameters(inputs: Sequence[Mapping[str, Any]], described: Sequence[Any]) -> tuple[Parameter, ...]:
    """`described` holds one entry for each input that the API shows, in the same order."""
    rest = iter(entry for entry in described if isinstance(entry, Mapping))
    return tuple(
        _parameter(component, {} if _is_hidden(component) else next(rest, {}), position)
        for position, component in enumerate(inputs)
    )


def _is_hidden(component: Mapping[str, Any]) -> bool:
    return component.get("skip_api") is True or component.get("type") == STATE


def _parameter(component: Mapping[str, Any], told: Mapping[str, Any], position: int) -> Parameter:
    given = component.get("props")
    props: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    default = told["parameter_default"] if told.get("parameter_has_default") else props.get("value")
    hidden = _is_hidden(component)
    wanted = told.get("type")
    return Parameter(
        name=str(told.get("parameter_name") or f"param_{position}"),
        label=str(told.get("label") or props.get("label") or ""),
        component=str(component.get("type", "")).lower(),
        required=not hidden and default is None and not told.get("parameter_has_default"),
        default=None if hidden else default,
        minimum=number_of(props.get("minimum")),
        maximum=number_of(props.get("maximum")),
        step=number_of(props.get("step")),
        whole=props.get("precision") == 0 or (isinstance(wanted, Mapping) and wanted.get("type") == "integer"),
        choices=tuple(_choices(props.get("choices"))),
        multiple=component.get("type") == "checkboxgroup" or props.get("multiselect") is True,
        custom=props.get("allow_custom_value") is True,
        hidden=hidden,
    )


def _choices(value: Any) -> Sequence[tuple[str, Any]]:
    """Pairs since Gradio 4, plain values before."""
    if not isinstance(value, list):
        return []
    pairs = [tuple(entry) if isinstance(entry, list) and len(entry) == 2 else (entry, entry) for entry in value]
    return [(str(shown), sent) for shown, sent in pairs]

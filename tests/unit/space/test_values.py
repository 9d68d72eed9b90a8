"""Bringing values into what inputs take, and choosing which input each is for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.media import Quality
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import Seconds
from pansori.engines.compose.space.mapping import map_endpoint, wishes_of
from pansori.engines.compose.space.model import Endpoint, Parameter, read_app, read_json
from pansori.engines.compose.space.outputs import Link, RawSamples, find_sound
from pansori.engines.compose.space.values import fit
from pansori.engines.compose.space.vocabulary import NAMES, Concept, hertz_of, seconds_of, words_of

TASK = ComposeTask(genre="jazz ballad", lyrics="la la", duration=Seconds(12.5), seed=42, sample_rate=44_100)


def _parameter(label: str = "", component: str = "textbox", *, name: str = "param_0", **more: Any) -> Parameter:
    return Parameter(name=name, label=label, component=component, required=more.pop("required", True), **more)


def _mapped(*parameters: Parameter, task: ComposeTask = TASK) -> dict[str, Any]:
    call = map_endpoint(Endpoint(0, "predict", parameters, ("audio",)), wishes_of(task, 42), {})
    return {entry.parameter.shown: (entry.source, entry.value) for entry in call.filled}


# -- values ------------


@settings(deadline=None)
@given(
    value=st.floats(-1e6, 1e6, allow_nan=False),
    low=st.integers(-1000, 1000),
    span=st.integers(0, 5000),
    step=st.sampled_from([0.0, 0.1, 0.5, 1.0, 5.0, 7.0]),
    whole=st.booleans(),
)
def test_a_number_stays_in_its_range_and_on_its_steps(
    value: float, low: int, span: int, step: float, whole: bool
) -> None:
    slider = _parameter(component="slider", minimum=low, maximum=low + span, step=step or None, whole=whole)
    fitted = fit(Concept.DURATION, value, slider)
    assert fitted is not None
    assert low <= fitted.value <= low + span
    used = 1.0 if whole else step
    if used:
        steps = (fitted.value - low) / used
        assert steps == pytest.approx(round(steps), abs=1e-6)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), low=st.integers(-10, 10), span=st.one_of(st.none(), st.integers(0, 2**33)))
def test_a_seed_stays_in_its_range_and_as_it_is_where_it_can(seed: int, low: int, span: int | None) -> None:
    high = None if span is None else low + span
    fitted = fit(Concept.SEED, seed, _parameter(component="number", minimum=low, maximum=high, whole=True))
    assert fitted is not None
    assert isinstance(fitted.value, int)
    assert low <= fitted.value <= (low + 2**31 if high is None else high)
    if low <= seed <= (low + 2**31 - 1 if high is None else high):
        assert fitted.value == seed


@settings(deadline=None)
@given(
    seconds=st.floats(1, 600),
    offered=st.lists(st.integers(1, 600), min_size=1, max_size=8, unique=True),
    unit=st.sampled_from(["{}s", "{} seconds", "{}초", "{}秒", "{} sec", "{}"]),
)
def test_of_durations_to_choose_from_the_nearest_is_taken(seconds: float, offered: list[int], unit: str) -> None:
    choices = tuple((unit.format(number), unit.format(number)) for number in offered)
    fitted = fit(Concept.DURATION, seconds, _parameter(component="radio", choices=choices))
    assert fitted is not None
    taken = seconds_of(fitted.value)
    assert taken is not None
    assert abs(taken - seconds) == min(abs(number - seconds) for number in offered)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10s", 10), ("30초", 30), ("1분 30초", 90), ("1:30", 90), ("2 minutes", 120), ("15秒", 15), ("1.5 min", 90),
     ("500 ms", 0.5), ("20", 20), ("2分", 120), ("30秒钟", 30), ("pop", None)],
)  # fmt: skip
def test_seconds_are_read(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("text", "hertz"), [("44.1 kHz", 44_100), ("44,100 Hz", 44_100), ("22050", 22_050), ("48k", 48_000)]
)
def test_hertz_are_read(text: str, hertz: float) -> None:
    assert hertz_of(text) == pytest.approx(hertz)


@pytest.mark.parametrize("quality", list(Quality))
def test_quality_finds_its_word_or_its_place(quality: Quality) -> None:
    words = {Quality.DRAFT: "빠른 초안", Quality.STANDARD: "표준", Quality.HIGH: "고음질"}
    radio = _parameter(component="radio", choices=tuple((word, word) for word in words.values()))
    fitted = fit(Concept.QUALITY, quality.value, radio)
    assert fitted is not None
    assert fitted.value == words[quality]
    slider = fit(Concept.QUALITY, quality.value, _parameter(component="slider", minimum=0, maximum=10, step=1))
    assert slider is not None
    assert slider.value == {Quality.DRAFT: 0, Quality.STANDARD: 5, Quality.HIGH: 10}[quality]


def test_what_lets_one_choose_several_gets_a_list() -> None:
    choices = (("Jazz", "jazz"), ("Rock", "rock"))
    fitted = fit(Concept.STYLE, "a jazz ballad", _parameter(component="checkboxgroup", choices=choices, multiple=True))
    assert fitted is not None
    assert fitted.value == ["jazz"]


# -- which is which ------------


def test_every_name_is_found_in_its_compared_form() -> None:
    for names in NAMES.values():
        assert names == tuple(dict.fromkeys(names))
        assert all(words_of(name) == name for name in names)


@pytest.mark.parametrize(
    ("text", "words"),
    [("Audio Length (s)", "audio length"), ("audioLength", "audio length"), ("ＰＲＯＭＰＴ：", "prompt"),
     ("長さ（秒）", "長さ"), ("(초)", "초")],
)  # fmt: skip
def test_words_are_compared_without_marks(text: str, words: str) -> None:
    assert words_of(text) == words


def test_names_go_before_labels_and_labels_before_kinds() -> None:
    mapped = _mapped(
        _parameter("Anything", name="prompt"),
        _parameter("Prompt strength", "slider", minimum=0, maximum=1, required=False, default=0.5),
        _parameter("Negative prompt"),
        _parameter("Song length", "slider", minimum=5, maximum=60, step=1),
        _parameter("Randomize seed", "checkbox", required=False, default=True),
        _parameter("Random seed", "number", required=False, default=0, whole=True),
    )
    assert mapped == {
        "Anything": ("prompt", "jazz ballad"),
        "Prompt strength": ("default", 0.5),
        "Negative prompt": ("negative_prompt", ""),
        "Song length": ("duration", 13),
        "Randomize seed": ("random_seed", False),
        "Random seed": ("seed", 42),
    }


def test_style_and_lyrics_stand_for_a_prompt() -> None:
    mapped = _mapped(_parameter("Tags"), _parameter("Lyrics", required=False), _parameter("Instrumental", "checkbox"))
    assert mapped == {
        "Tags": ("style", "jazz ballad"),
        "Lyrics": ("lyrics", "la la"),
        "Instrumental": ("instrumental", False),
    }


def test_an_only_text_takes_the_prompt_whatever_it_is_called() -> None:
    assert _mapped(_parameter("What shall we play?")) == {"What shall we play?": ("prompt", "jazz ballad")}


def test_what_nobody_asked_for_is_filled_in_only_where_it_must_be() -> None:
    rates = (("22050", "22050"), ("48000", "48000"))
    open_task = ComposeTask(genre="jazz")
    wanted, left = (
        _parameter("Sample rate", "dropdown", choices=rates, required=required, default=None if required else "22050")
        for required in (True, False)
    )
    assert _mapped(wanted, task=open_task) == {"Sample rate": ("sample_rate", "48000")}
    assert _mapped(left, task=open_task) == {"Sample rate": ("default", "22050")}


def test_choices_without_a_label_may_be_durations() -> None:
    choices = (("10s", "10s"), ("20s", "20s"))
    assert _mapped(_parameter("Prompt"), _parameter("", "radio", name="param_1", choices=choices))["param_1"] == (
        "duration",
        "10s",
    )


labels = st.sampled_from([name for names in NAMES.values() for name in names] + ["Temperature", "온도", "Model"])
components = st.sampled_from(["textbox", "slider", "number", "checkbox", "radio", "audio", "state"])


@settings(deadline=None)
@given(st.lists(st.tuples(labels, components), max_size=10))
def test_each_value_goes_to_one_input_at_most(inputs: list[tuple[str, str]]) -> None:
    parameters = tuple(
        _parameter(label, component, name=f"param_{index}", choices=(("10s", "10s"), ("High", "high")))
        for index, (label, component) in enumerate(inputs)
    )
    call = map_endpoint(Endpoint(0, "x", parameters, ("audio",)), wishes_of(TASK, 42), {})
    sources = [entry.source for entry in call.filled if entry.source not in ("default", "empty", "given")]
    assert len(sources) == len(set(sources))
    assert len(call.filled) + len(call.missing) == len(parameters)
    assert len(call.data) == len(parameters)


# -- what Spaces say ------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["id", "type", "props", "components", "dependencies", "inputs", "outputs", "api_name", "label",
                         "choices", "value", "path", "url", "data", "meta", "named_endpoints", "parameters"]),
        inner, max_size=6,
    ),
    max_leaves=30,
)  # fmt: skip


@settings(deadline=None)
@given(json_values, json_values, st.lists(json_values, max_size=4))
def test_whatever_a_space_says_of_itself_is_read_or_left_out(
    components: Any, info: Any, dependencies: list[Any]
) -> None:
    app = read_app({"components": components, "dependencies": dependencies}, info)
    for endpoint in app.endpoints:
        map_endpoint(endpoint, wishes_of(TASK, 42), {}).report()


@pytest.mark.parametrize("number", ["1" * 400, "1e999", "-1e999", "NaN", "1e308", "-1e308", "0"])
@pytest.mark.parametrize("label", ["Seed", "Duration", "Quality", "Sample rate"])
@pytest.mark.parametrize("bound", ["minimum", "maximum", "step"])
def test_numbers_without_measure_spoil_nothing(label: str, bound: str, number: str) -> None:
    given = {"label": label, "minimum": 0, "maximum": 10, "step": 1, "precision": 0, bound: 0}
    props = read_json(json.dumps(given).replace(f'"{bound}": 0', f'"{bound}": {number}'))
    component = {"id": 1, "type": "slider", "props": props}
    dependency = {"inputs": [1], "outputs": [], "api_name": "predict"}
    (endpoint,) = read_app({"components": [component], "dependencies": [dependency]}, None).endpoints
    json.dumps(map_endpoint(endpoint, wishes_of(TASK, 3_000_000_123), {}).data, allow_nan=False)


@settings(deadline=None)
@given(st.lists(json_values, max_size=5))
def test_whatever_a_space_answers_is_looked_through(values: list[Any]) -> None:
    find_sound(values, ["audio", "textbox"])


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["done", "http://a.example/x.wav"], Link(url="http://a.example/x.wav")),
        ([{"path": "/tmp/a.png"}, {"path": "/tmp/b.mp3"}], Link(path="/tmp/b.mp3")),
        ([{"path": "/tmp/b", "url": "http://a.example/b", "mime_type": "audio/wav"}],
         Link(url="http://a.example/b", path="/tmp/b")),
        ([{"path": "s/r/3", "url": "http://a.example/stream/s/r/3/playlist.m3u8", "is_stream": True}],
         Link(url="http://a.example/stream/s/r/3/playlist-file")),
        (["data:image/png;base64,AA", "data:audio/wav;base64,AA"], Link(url="data:audio/wav;base64,AA")),
        (['{"audio": {"url": "https://a.example/z"}}'], Link(url="https://a.example/z")),
        ([[{"name": "/tmp/x.flac", "is_file": True, "data": None}]], Link(path="/tmp/x.flac")),
        (["<a href='https://a.example/get?f=x.wav'>x</a>"], Link(url="https://a.example/get?f=x.wav")),
        ([[22_050, [[0.0, 0.1]] * 100]], RawSamples(22_050, [[0.0, 0.1]] * 100)),
        (["only words", 3, None, {"label": "x"}], None),
    ],
)  # fmt: skip
def test_sound_among_outputs(values: list[Any], found: Any) -> None:
    assert find_sound(values, []) == found

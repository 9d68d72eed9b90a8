"""Sentence templates as networks of words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.engines.transcribe.pocketsphinx.network import (
    END,
    START,
    Network,
    Step,
    determine,
    join,
    merge,
    network_of,
)
from pansori.lexicon.commands import Templates


def _told(*sentences: str, rules: dict[str, str] | None = None, **lists: tuple[str, ...]) -> Templates:
    return Templates(
        language="ko", rules=rules or {}, lists=lists, open=("anything",), heard={}, intents={"one": sentences}
    )


def _sentences(network: Network, place: int = START) -> Iterator[tuple[str, ...]]:
    out: dict[int, list[Step]] = defaultdict(list)
    for step in network.steps:
        out[step.source].append(step)

    def ways(place: int) -> Iterator[tuple[str, ...]]:
        if place == END:
            yield ()
        for step in out[place]:
            for rest in ways(step.target):
                yield ((step.word,) if step.word else ()) + rest

    yield from ways(place)


def _said(*sentences: str, rules: dict[str, str] | None = None, **lists: tuple[str, ...]) -> set[str]:
    return {" ".join(words) for words in _sentences(network_of(_told(*sentences, rules=rules, **lists)))}


def test_particles_belong_to_their_words() -> None:
    assert _said("노래[를] 만들어 (줘|주세요)") == {
        "노래 만들어 줘",
        "노래를 만들어 줘",
        "노래 만들어 주세요",
        "노래를 만들어 주세요",
    }


def test_rules_and_lists_are_put_in() -> None:
    said = _said("make <a> song about {topic}", rules={"a": "(a|another)"}, topic=("rain", "the sea"))
    assert said == {f"make {a} song about {topic}" for a in ("a", "another") for topic in ("rain", "the sea")}


def test_what_is_left_out_leaves_no_gap() -> None:
    assert _said("[please] stop [now]") == {"stop", "please stop", "stop now", "please stop now"}


def test_a_sentence_that_takes_anything_is_not_listened_for() -> None:
    assert _said("stop", "say {anything}") == {"stop"}


@settings(max_examples=30)
@given(st.lists(st.lists(st.sampled_from(("a", "b", "c", None)), min_size=1, max_size=4), min_size=1, max_size=6))
def test_fewer_ways_say_the_same(sentences: list[list[str | None]]) -> None:
    lines = []
    for words in sentences:
        places = [START, *range(END + 1, END + len(words)), END]
        steps = tuple(Step(*step) for step in zip(places, words, places[1:], strict=False))
        lines.append(Network(END + len(words), steps))
    said = {tuple(filter(None, words)) for words in sentences}
    joined = join(lines)
    merged, fewest = merge(joined), merge(determine(joined))
    assert set(_sentences(merged)) == said
    assert max(merged.places, fewest.places) <= joined.places
    assert sorted(_sentences(fewest)) == sorted(said)  # each by one way
    assert {step for step in fewest.steps if step.word is None} <= {Step(START, None, END)}
    going_on = [(step.source, step.word) for step in fewest.steps if step.target != END]
    assert len(going_on) == len(set(going_on))

"""Songs by language models: what the prompt names stays, what the model chooses is checked, nonsense is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.errors import EngineFailed, FetchFailed
from pansori.domain.tasks import GENRE_MAX_CHARACTERS, WriteTask
from pansori.engines.write.base import Writing
from pansori.engines.write.openai import OpenaiWriter, OpenaiWriterOptions
from pansori.engines.write.openai.repair import read_object
from pansori.lexicon.music import key_name
from pansori.lexicon.wishes import read_wishes
from pansori.settings import Settings
from support.chat import Model, model, refuses, says
from support.context import MemoryContext

LYRICS = "[verse]\nRain on the roof\nRain on the road\n[chorus]\nLet it rain"
SONG = {
    "title": "Let It Rain",
    "description": "A warm song of a wet evening.",
    "genre": "soul",
    "mood": "wistful",
    "instruments": ["organ", "drums"],
    "tempo": 88,
    "key": "Eb minor",
    "voice": "male",
    "lyrics": LYRICS,
}


def write(server: Model, folder: Path, prompt: str, **task: Any) -> Writing:
    engine = OpenaiWriter(Settings(data_dir=folder, openai_url=server.url))
    asked = WriteTask.model_validate({"purpose": "lyrics", "prompt": prompt, "seed": 3, **task})
    return engine.run(asked, OpenaiWriterOptions(), MemoryContext(seed=3, scratch=folder))


def written(folder: Path, told: Any, prompt: str = "a song about rain", **task: Any) -> Writing:
    with model(says(told if isinstance(told, str) else json.dumps(told, ensure_ascii=False))) as server:
        return write(server, folder, prompt, **task)


def test_what_is_left_open_the_model_chooses(tmp_path: Path) -> None:
    writing = written(tmp_path, SONG)
    assert (writing.title, writing.genre, writing.mood) == ("Let It Rain", "soul", "wistful")
    assert (writing.tempo, writing.key, writing.voice) == (88.0, "Eb minor", "male")
    assert (writing.instruments, writing.lyrics) == (("organ", "drums"), LYRICS)
    assert writing.structure == ("verse", "chorus")
    assert writing.theme == "rain"
    read = read_wishes(writing.expanded_prompt)
    assert (read.tempo, read.key and key_name(read.key)) == (88.0, "Eb minor")


@pytest.mark.parametrize(
    "prompt",
    [
        "a techno song in C major, 140 bpm, with piano, female voice",
        "70 BPM 재즈 발라드, 가단조, 남성 보컬, 드럼 없이",
        "a sad waltz",
        "solo piano, slow and dark",
        "빠른 록, 여자 목소리",
    ],
)
def test_what_the_prompt_names_stays_whatever_the_model_makes_of_it(tmp_path: Path, prompt: str) -> None:
    named = read_wishes(prompt)
    stubborn = {**SONG, "description": "A fast polka at 200 BPM in D minor."}
    if any("가" <= letter <= "힣" for letter in prompt):
        stubborn["lyrics"] = "비가 와요\n비가 와요"
    writing = written(tmp_path, stubborn, prompt)
    read = read_wishes(writing.expanded_prompt)
    for what in ("tempo", "key", "genre", "voice"):
        assert getattr(named, what) in (None, getattr(read, what)), what
    assert named.without <= read.without
    assert set(named.moods) <= set(read.moods)
    assert named.tempo in (None, writing.tempo)
    assert named.voice in (None, writing.voice)
    assert named.key is None or writing.key == key_name(named.key)
    assert len(writing.expanded_prompt) <= GENRE_MAX_CHARACTERS


@pytest.mark.parametrize(
    "wrong",
    [
        {"tempo": 999},
        {"tempo": "allegro"},
        {"tempo": True},
        {"key": "H dur"},
        {"key": 7},
        {"title": ["x"]},
        {"title": "", "genre": None, "mood": {}, "instruments": "nothing\x00"},
        {"voice": "a choir"},
    ],
)
def test_what_cannot_be_used_is_chosen_without_the_model(tmp_path: Path, wrong: dict[str, Any]) -> None:
    writing = written(tmp_path, {**SONG, **wrong})
    assert 40 <= writing.tempo <= 240
    assert read_wishes(writing.key).key is not None
    assert writing.title.isprintable()
    assert writing.title
    assert writing.voice in ("female", "male")


@pytest.mark.parametrize(
    "lyrics",
    [
        ["[verse]", "Rain on the roof", "Rain on the road"],
        "Rain on the roof\\nRain on the road",
        "Rain\n\n\nRain again",
    ],
)
def test_lyrics_are_put_in_order(tmp_path: Path, lyrics: Any) -> None:
    writing = written(tmp_path, {**SONG, "lyrics": lyrics})
    assert writing.lyrics.startswith("[verse]\nRain")
    assert len(writing.lyrics.splitlines()) == 3


def test_the_strictest_form_that_the_server_has_is_asked_for(tmp_path: Path) -> None:
    with model(refuses(400), refuses(422), refuses(500), says(json.dumps(SONG))) as server:
        write(server, tmp_path, "a song about rain")
    forms = [asked.body.get("response_format", {}) for asked in server.asked]
    assert [(form.get("type"), "schema" in form) for form in forms] == [
        ("json_schema", False),
        ("json_object", True),
        ("json_object", False),
        (None, False),
    ]
    assert all(asked.body["temperature"] == 0 for asked in server.asked)


def test_a_model_that_wants_its_own_temperature_has_it(tmp_path: Path) -> None:
    with model(
        lambda asked: refuses(400)(asked) if "temperature" in asked.body else says(json.dumps(SONG))(asked)
    ) as server:
        write(server, tmp_path, "a song about rain")
    assert server.asked[-1].body["response_format"]["type"] == "json_schema"


def test_a_server_that_refuses_every_form_has_refused(tmp_path: Path) -> None:
    with model(refuses(400, "no such model")) as server, pytest.raises(FetchFailed, match="no such model"):
        write(server, tmp_path, "a song about rain")


@pytest.mark.parametrize("nonsense", ["I would love to!", json.dumps({**SONG, "lyrics": "비가 와요\n비가 와요"}), ""])
def test_nonsense_is_asked_for_once_more(tmp_path: Path, nonsense: str) -> None:
    with model(says(nonsense), says(f"Here it is:\n```json\n{json.dumps(SONG)}\n```")) as server:
        assert write(server, tmp_path, "a song about rain").lyrics == LYRICS
        assert "Answer again" in server.asked[1].last
    with model(says(nonsense)) as server, pytest.raises(EngineFailed) as failed:
        write(server, tmp_path, "a song about rain")
    assert len(server.asked) == 2
    assert "PANSORI_WRITE_ENGINE=songsmith" in str(failed.value.cure)


# -- what is not quite JSON ------------


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, null], "b": "x"}',
        '```json\n{"a": [1, null], "b": "x"}\n```',
        'Sure! {"a": [1, null], "b": "x"} Anything else?',
        "{'a': [1, None], 'b': 'x'}",
        "{'a': [1, null], 'b': 'x',}",
        '{"a": [1, null,], "b": "x",}',
    ],
)
def test_what_is_meant_is_read(text: str) -> None:
    assert read_object(text) == {"a": [1, None], "b": "x"}


def test_line_breaks_inside_strings_are_kept() -> None:
    assert read_object('{"a": "one\ntwo\tthree"}') == {"a": "one\ntwo\tthree"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "[1, 2]",
        "{",
        '{"a": NaN}',
        "{'a': open('x')}",
        "{" * 5_000 + "}" * 5_000,
        "```json\n" + " " * 60_000,
        '{"a": 1e999}',
        "\ud800{}x",
    ],
)
def test_what_is_no_object_is_none(text: str) -> None:
    assert read_object(text) in (None, {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(), JSON, max_size=4), st.sampled_from(["{}", "```json\n{}\n```", "So: {} Good?"]))
def test_every_object_is_read_back(told: dict[str, Any], around: str) -> None:
    assert read_object(around.replace("{}", json.dumps(told))) == told


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_nothing_that_is_written_is_too_much(text: str) -> None:
    assert isinstance(read_object(text), dict | None)

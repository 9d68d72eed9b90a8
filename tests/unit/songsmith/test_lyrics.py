"""Lyrics: sections, matched syllables, rhymes, and that they can be sung in the time."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from pansori.domain.tasks import ComposeTask, WriteTask
from pansori.domain.units import Seconds
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.engines.write.base import Writing
from pansori.engines.write.songsmith import Songsmith, SongsmithOptions, english, korean
from pansori.engines.write.songsmith.words import english_moods, english_topics, korean_moods, korean_topics
from pansori.engines.write.songsmith.words.topics import TOPICS
from pansori.lexicon.conjugation import conjugate, predicate
from pansori.lexicon.hangul import is_block
from pansori.settings import Settings

THEMES_KO = ["비 오는 밤", "여름 바다", "첫눈", "벚꽃", "엄마", "친구", "고양이", "별빛", "퇴근길", "이별"]
THEMES_EN = ["the rain", "the sea", "snow", "my mother", "an old friend", "my cat", "the stars", "goodbye", "tomorrow"]


def written(prompt: str, *, duration: float | None = None, seed: int = 1) -> Writing:
    task = WriteTask(
        purpose="lyrics", prompt=prompt, duration=None if duration is None else Seconds(duration), seed=seed
    )
    return Songsmith(Settings()).preview(task, SongsmithOptions())


def sections(lyrics: str) -> list[tuple[str, list[str]]]:
    blocks = (block.splitlines() for block in lyrics.split("\n\n"))
    return [(lines[0].strip("[]"), lines[1:]) for lines in blocks]


def prompts() -> list[str]:
    return [f"{theme}에 대한 노래" for theme in THEMES_KO] + [f"a song about {theme}" for theme in THEMES_EN]


@pytest.mark.parametrize("prompt", prompts())
def test_verses_have_the_same_syllables_and_nothing_is_said_twice(prompt: str) -> None:
    for seed in range(4):
        writing = written(prompt, seed=seed, duration=120.0)
        count = korean.syllables if writing.language == "ko" else english.syllables
        song = sections(writing.lyrics)
        verses = [[count(line) for line in lines] for label, lines in song if label == "verse"]
        for first, second in pairwise(verses):
            assert all(abs(one - other) <= 1 for one, other in zip(first, second, strict=True)), (seed, verses)
        sung_once = [line for label, lines in song if label != "chorus" for line in lines]
        assert len(set(sung_once)) == len(sung_once)
        choruses = [lines for label, lines in song if label == "chorus"]
        assert all(lines == choruses[0] for lines in choruses)


@pytest.mark.parametrize("theme", THEMES_KO)
def test_the_chorus_calls_the_theme(theme: str) -> None:
    chorus = next(lines for label, lines in sections(written(f"{theme}에 대한 노래").lyrics) if label == "chorus")
    assert theme in chorus[0]


@pytest.mark.parametrize(
    ("prompt", "called"),
    [
        ("첫눈이 오면 만나자던 너에 대한 노래", "만나자던"),
        ("회사 가기 싫은 월요일 아침에 대한 노래", "월요일 아침"),
        ("이별 후에 부르는 노래", "이별"),
        ("결혼식 축가", "결혼식"),
    ],
)
def test_a_long_theme_is_called_by_what_stands_alone(prompt: str, called: str) -> None:
    for seed in range(8):
        chorus = next(lines for label, lines in sections(written(prompt, seed=seed).lyrics) if label == "chorus")
        assert called in chorus[0]
        assert not re.search("오면|싫은|후[가를]|축가|너가", " ".join(chorus))


@pytest.mark.parametrize("prompt", [f"a song about {theme}" for theme in THEMES_EN])
def test_a_chorus_answers_with_another_word(prompt: str) -> None:
    for seed in range(8):
        chorus = next(lines for label, lines in sections(written(prompt, seed=seed).lyrics) if label == "chorus")
        first, second, third, fourth = (line.lower().split()[-1] for line in chorus)
        assert first != second
        assert third != fourth


@pytest.mark.parametrize("prompt", ["세월호를 추모하는 노래", "a memorial song for the victims"])
def test_mourning_is_sad(prompt: str) -> None:
    lines = {*written(prompt).lyrics.splitlines()}
    assert lines & {*korean_moods.WISHES["sad"], *english_moods.WISHES["sad"]}
    assert not lines & {*korean_moods.WISHES["bright"], *english_moods.WISHES["bright"]}


def test_sad_songs_have_no_glad_endings() -> None:
    for seed in range(20):
        lyrics = written("a sad song about losing my dog", seed=seed, duration=180.0).lyrics
        assert not [ending for ending in english_moods.GLAD if ending in lyrics]


@pytest.mark.parametrize("prompt", [f"a song about {theme}" for theme in THEMES_EN])
def test_english_lines_rhyme(prompt: str) -> None:
    for label, lines in sections(written(prompt, duration=120.0).lyrics):
        if label == "verse":
            sounds = [english.rhyme(line) for line in lines]
            assert sounds[0] == sounds[2]
            assert sounds[1] == sounds[3]
            assert all(sounds)
        if label == "chorus":
            assert english.rhyme(lines[0]) == english.rhyme(lines[1]) != ""


def test_ten_songs_on_ten_themes_read_differently() -> None:
    songs = [
        {
            line
            for label, lines in sections(written(f"{theme}에 대한 노래").lyrics)
            if label == "verse"
            for line in lines
        }
        for theme in THEMES_KO
    ]
    for index, song in enumerate(songs):
        for other in songs[index + 1 :]:
            assert len(song & other) <= 1


def test_no_two_seeds_are_alike_and_one_seed_always_is() -> None:
    songs = [written("여름 바다에 대한 노래", seed=seed).lyrics for seed in range(20)]
    assert len(set(songs)) == 20
    assert songs[3] == written("여름 바다에 대한 노래", seed=3).lyrics


@pytest.mark.parametrize(
    ("duration", "labels"),
    [
        (12.0, ["chorus"]),
        (30.0, ["verse", "chorus"]),
        (180.0, ["verse", "prechorus", "chorus", "verse", "prechorus", "chorus", "bridge", "chorus"]),
    ],
)
def test_the_form_fits_the_time(duration: float, labels: list[str]) -> None:
    song = sections(written("여름 바다에 대한 신나는 노래 120 bpm", duration=duration).lyrics)
    assert [label for label, _ in song] == labels
    assert 2 <= sum(len(lines) for _, lines in song) <= max(4, duration / 4)


@pytest.mark.parametrize("duration", [12.0, 24.0, 60.0, 200.0, None])
@pytest.mark.parametrize("style", ["발라드", "K-POP", "힙합", "왈츠", "트로트", "jazz", "waltz", "rock", "lo-fi"])
def test_the_house_band_can_sing_it(style: str, duration: float | None) -> None:
    prompt = f"{style} song about the sea" if style.isascii() and style != "K-POP" else f"바다 노래, {style}"
    writing = written(prompt, duration=duration)
    task = ComposeTask(
        genre=writing.expanded_prompt, lyrics=writing.lyrics, duration=None if duration is None else Seconds(duration)
    )
    plan = HouseBand(Settings()).preview(task, HouseBandOptions())
    assert (plan.tempo, plan.key, plan.voice) == (writing.tempo, writing.key, writing.voice)
    assert plan.languages == (writing.language,)
    assert plan.notices == ()


@pytest.mark.parametrize("duration", [12.0, 20.0])
@pytest.mark.parametrize(
    ("themes", "styles", "wording"),
    [
        (THEMES_KO, ["발라드", "K-POP", "힙합", "왈츠", "트로트", "재즈", "록", "느린 로파이"], "{}에 대한 {} 노래"),
        (
            [*THEMES_EN, "a long road"],
            ["ballad", "slow pop", "hip-hop", "waltz", "folk", "jazz waltz", "metal", "lo-fi"],
            "{1} song about {0}",
        ),
    ],
)
def test_its_own_words_fit_the_length_that_is_asked(
    themes: list[str], styles: list[str], wording: str, duration: float
) -> None:
    """Ten themes in eight styles: at most one in twenty is squeezed."""
    squeezed = []
    for prompt in (wording.format(theme, style) for theme in themes for style in styles):
        writing = written(prompt, duration=duration)
        task = ComposeTask(genre=writing.expanded_prompt, lyrics=writing.lyrics, duration=Seconds(duration))
        if HouseBand(Settings()).preview(task, HouseBandOptions()).notices:
            squeezed.append(prompt)
    assert len(squeezed) <= len(themes) * len(styles) / 20, squeezed


def test_nobody_dances_in_a_folk_song() -> None:
    for seed in range(20):
        for prompt in ("happy folk song", "a joyful acoustic folk song"):
            writing = written(prompt, seed=seed, duration=60.0)
            assert not re.search(r"dance|wine|speakers|club", f"{writing.title}\n{writing.lyrics}", re.IGNORECASE)


def test_the_language_that_was_asked_for_is_sung() -> None:
    assert written("바다에 대한 노래를 영어로 불러 줘").language == "en"
    assert written("a song about the sea in Korean").language == "ko"
    assert not any(map(is_block, written("바다에 대한 노래를 영어로 불러 줘").lyrics))


def test_every_korean_clause_can_be_conjugated() -> None:
    pools = [
        *korean_topics.SCENES.values(),
        *korean_topics.SELVES.values(),
        *korean_moods.SELVES_OF_MOOD.values(),
        *korean_moods.ASKS.values(),
        *korean_moods.MEMORIES.values(),
    ]
    for clause in (clause for pool in pools for clause in pool):
        word = predicate(clause.rpartition(" ")[2])
        for form in ("어", "고", "네", "지", "으며", "으면", "ㄹ까", "었지"):
            assert all(map(is_block, conjugate(word, form))), clause


def test_every_topic_has_words() -> None:
    for fields in (korean_topics.SCENES, korean_topics.SELVES, english_topics.SCENES, english_topics.SELVES):
        assert set(fields) == set(TOPICS)
    for sound, endings in english_moods.ENDINGS.items():
        assert {english.rhyme(line) for line in endings} == {sound}
    for lines in english_moods.WISHES.values():
        assert all(english.rhyme(line) for line in lines)


def test_lyrics_have_no_slots_left() -> None:
    for prompt in prompts():
        assert not re.search(r"[{}|]", written(prompt).lyrics)

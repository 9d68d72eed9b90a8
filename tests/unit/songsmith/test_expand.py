"""A prompt in more words says the same, and the house band reads it so."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.tasks import GENRE_MAX_CHARACTERS, PROMPT_MAX_CHARACTERS, WriteTask
from pansori.engines.compose.house_band.planning import key_name
from pansori.engines.compose.house_band.style.reading import read_style
from pansori.engines.write.base import Writing
from pansori.engines.write.songsmith import Songsmith, SongsmithOptions
from pansori.lexicon.music import GENRE_WORDS, INSTRUMENTS, MOODS
from pansori.settings import Settings

KOREAN = ["비 오는 밤에 혼자 듣는", "여름 바다로 떠나는", "엄마에게 바치는", "고양이에 대한", ""]
ENGLISH = ["about losing my dog in winter", "for a rainy night drive", "about the sea", ""]


def expanded(prompt: str, **fields: object) -> Writing:
    task = WriteTask.model_validate({"prompt": prompt, **fields})
    return Songsmith(Settings()).preview(task, SongsmithOptions())


def genre_words() -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(word for words in GENRE_WORDS.values() for word in words))


@settings(deadline=None, max_examples=150)
@given(
    genre=genre_words(),
    mood=st.sampled_from(["", *(aliases[0] for aliases, _ in MOODS)]),
    instrument=st.sampled_from(["", *(names[0] for names, _, _ in INSTRUMENTS), "피아노만", "드럼 없이", "no drums"]),
    tempo=st.sampled_from(["", "95 bpm", "템포 128"]),
    key=st.sampled_from(["", "in A minor", "올림바단조"]),
    theme=st.sampled_from(KOREAN + ENGLISH),
    seed=st.integers(0, 3),
)
def test_the_band_reads_what_was_meant(
    genre: str, mood: str, instrument: str, tempo: str, key: str, theme: str, seed: int
) -> None:
    """The law: style, tempo, key, voice and instruments of the prompt are those of its expansion, and what was chosen
    beside is understood."""
    prompt = ", ".join(filter(None, (f"{theme} {mood} {genre}".strip(), instrument, tempo, key)))
    writing = expanded(prompt, seed=seed)
    asked, read = (read_style(text, random.Random(seed)) for text in (prompt, writing.expanded_prompt))
    assert read.name == asked.name
    assert (read.tempo, read.tempo_asked) == (writing.tempo, True)
    assert (key_name(read.key), read.key_asked) == (writing.key, True)
    assert read.beats_per_bar == asked.beats_per_bar
    assert writing.voice in (None, read.voice.gender)
    if asked.tempo_asked:
        assert read.tempo == asked.tempo
    if asked.key_asked:
        assert read.key == asked.key
    if "만" in instrument or "없이" in instrument or "no " in instrument:
        assert set(read.programs) == set(asked.programs)


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        ("느린 발라드, 피아노만", "느린 발라드, 피아노만"),
        ("비 오는 밤 발라드 만들어 줘", "비 오는 밤 발라드. "),
        ("please make me a song about my grandmother's kitchen", "A song about my grandmother's kitchen. "),
        ("드럼 없이 통기타로", "드럼 없이 통기타로. "),
    ],
)
def test_what_was_asked_is_kept_and_the_asking_is_not(prompt: str, kept: str) -> None:
    assert expanded(prompt).expanded_prompt.startswith(kept)


def test_instruments_that_were_named_play_alone() -> None:
    writing = expanded("느린 발라드, 피아노만")
    assert writing.instruments == ("피아노",)
    assert set(read_style(writing.expanded_prompt, random.Random(1)).programs) == {"keys"}


@pytest.mark.parametrize(
    ("prompt", "singing"),
    [
        ("신나는 K-POP, 노래해 줘", True),
        ("가사 있는 발라드", True),
        ("여자 보컬 재즈", True),
        ("rock sung by a man", True),
        ("a song about the sea", True),
        ("랩이 있는 힙합", True),
        ("연주곡 발라드", False),
        ("카페 BGM", False),
        ("instrumental lo-fi, no vocals", False),
        ("가사 없는 노래", False),
        ("techno", False),
        ("슬픈 발라드", False),
        ("write a lullaby for my daughter", True),
        ("a breakup song, but angry", True),
        ("a duet about two strangers on a train", True),
        ("punk song: I hate Mondays", True),
        ("a song without lyrics", False),
        ("수능 끝난 고3을 위한 응원가", True),
    ],
)
def test_singing_is_heard_out_of_the_prompt(prompt: str, singing: bool) -> None:
    writing = expanded(prompt)
    assert writing.wants_singing is singing
    assert (writing.voice is not None) is singing


@pytest.mark.parametrize(
    ("prompt", "genre", "mood"),
    [
        ("A gentle jazz waltz", "jazz waltz", "calm"),
        ("재즈 왈츠", "재즈 왈츠", ""),
        ("classical waltz", "waltz", ""),
        ("loud metal instrumental", "metal", "powerful"),
        ("시끄러운 메탈 연주곡", "메탈", "힘찬"),
        ("bossa nova", "bossa nova", ""),
        ("rock", "rock", ""),
    ],
)
def test_the_style_is_called_as_the_prompt_calls_it(prompt: str, genre: str, mood: str) -> None:
    writing = expanded(prompt)
    assert writing.genre == genre
    assert mood in ("", writing.mood)


@pytest.mark.parametrize("prompt", ["warm synth pad", "따뜻한 신스 패드"])
def test_an_instrument_is_kept_where_nothing_else_is_named(prompt: str) -> None:
    writing = expanded(prompt)
    assert writing.instruments == (prompt,)
    assert writing.title.lower() == prompt
    assert read_style(writing.expanded_prompt, random.Random(1)).programs["pad"] == 89


def test_a_named_voice_and_given_lyrics_ask_for_singing() -> None:
    assert expanded("techno", voice="male").voice == "male"
    writing = expanded("techno", lyrics="[verse]\n여름이 왔네\n[chorus]\n바다로 가자", purpose="lyrics")
    assert writing.wants_singing
    assert writing.lyrics == "[verse]\n여름이 왔네\n[chorus]\n바다로 가자"
    assert writing.structure == ("verse", "chorus")


@pytest.mark.parametrize(
    ("prompt", "theme"),
    [
        ("비 오는 밤에 혼자 듣는 슬픈 발라드", "비 오는 밤"),
        ("여름 바다로 떠나는 신나는 K-POP", "여름 바다"),
        ("우주를 여행하는 고양이에 관한 록", "우주를 여행하는 고양이"),
        ("사랑하는 엄마에게 바치는 트로트", "사랑하는 엄마"),
        ("낙엽 지는 가을 이별 노래", "낙엽 지는 가을"),
        ("퇴근길에 듣는 로파이", "퇴근길"),
        ("별이 빛나는 밤 재즈", "별이 빛나는 밤"),
        ("느린 발라드, 피아노만", ""),
        ("비 오는 밤의 느린 피아노 발라드", "비 오는 밤"),
        ("치킨이 먹고 싶은 밤 트로트", "치킨이 먹고 싶은 밤"),
        ("코딩하다 밤샌 개발자의 록 노래", "코딩하다 밤샌 개발자"),
        ("로파이 비트", ""),
        ("너무 힘든 하루를 보낸 친구를 위로하는 발라드", "힘든 하루를 보낸 친구"),
        ("a song that makes people dance", ""),
        ("신나는 곡, 우주에 대한 노래에 대한 노래", "우주"),
        ("a rap about my cat who thinks he is the king", "my cat who thinks he is the king"),
        ("a slow sad ballad about losing my dog in winter", "losing my dog in winter"),
        ("upbeat city pop for a rainy night drive, female vocals", "rainy night drive"),
        ("solo piano, peaceful morning by the lake", "morning by the lake"),
        ("epic rock anthem about never giving up, male voice, 140 bpm", "never giving up"),
        ("lo-fi hip hop beats to study to", ""),
    ],
)
def test_the_theme_is_found(prompt: str, theme: str) -> None:
    assert expanded(prompt).theme == theme


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert('x')</script>" * 50,
        "\u202eمرحبا بالعالم\u202c שלום",
        "😀" * 500,
        "\u200b\u200d\ufeff",
        "a" * PROMPT_MAX_CHARACTERS,
        "밤 " * (PROMPT_MAX_CHARACTERS // 2),
        "((((((((((((" * 100,
        "에 대한" * 500,
        "about " * 600,
        "{theme|이/가} %s {0}",
        "ㅋㅋㅋㅋ ㅠㅠ",
    ],
)
def test_hostile_prompts_are_only_words(hostile: str) -> None:
    writing = expanded(f"{hostile[: PROMPT_MAX_CHARACTERS - 5]} 노래", purpose="lyrics")
    assert 0 < len(writing.expanded_prompt) <= GENRE_MAX_CHARACTERS
    assert writing.lyrics
    assert "<script" not in writing.expanded_prompt


@pytest.mark.parametrize(
    ("prompt", "style", "genre"),
    [
        ("lo-fi house to study to", "lo-fi house", "edm"),
        ("잔잔한 로파이 하우스", "로파이 하우스", "edm"),
        ("lofi hip hop beats", "lo-fi hip-hop", "hiphop"),
        ("공부할 때 듣는 로파이", "로파이", "lofi"),
        ("deep house", "house", "edm"),
        ("lo-fi", "lo-fi", "lofi"),
    ],
)
def test_lofi_says_how_another_style_sounds(prompt: str, style: str, genre: str) -> None:
    writing = expanded(prompt)
    assert writing.genre == style
    assert read_style(writing.expanded_prompt, random.Random(0)).name == genre


@pytest.mark.parametrize(
    ("prompt", "begins"),
    [
        ("느린 발라드, 여성 보컬로 노래해 줘", "느린 발라드, 여성 보컬. "),
        ("밤바다 느낌으로 만들어 줘", "밤바다 느낌. "),
        ("느린 발라드, 피아노", "느린 발라드, 피아노. "),
    ],
)
def test_no_particle_is_left_of_what_was_asked(prompt: str, begins: str) -> None:
    assert expanded(prompt).expanded_prompt.startswith(begins)


@pytest.mark.parametrize(
    ("prompt", "told"),
    [("夏の海のポップ", ["Chinese characters", "Japanese"]), ("грустная песня", ["Cyrillic"]), ("a sad song 슬픈", [])],
)
def test_what_is_not_understood_is_said(prompt: str, told: list[str]) -> None:
    writing = expanded(prompt)
    assert len(writing.notices) == len(told)
    for script, notice in zip(told, writing.notices, strict=True):
        assert script in notice.en
        assert "그대로 넘겨요" in notice.ko

"""Songs on paper for tests: lyrics that people really send, and the composer at one call."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache

from pansori.domain.units import Seconds
from pansori.engines.compose.house_band.model import Note, Score
from pansori.engines.compose.house_band.score.composer import compose_score
from pansori.engines.compose.house_band.style.reading import read_style
from pansori.engines.compose.house_band.words.text import read_lyrics

DOCUMENTED = "여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께"
KOREAN = """[Verse 1]
오늘도 걷는다 마는 정처 없는 이 발길
바람이 불어와 내 마음을 흔들고
멀리서 들려오는 그대의 노랫소리
나도 몰래 따라 부르네

[후렴]
함께 가자 저 하늘 끝까지
우리의 꿈이 빛나는 곳으로
함께 가자 두 손을 꼭 잡고
영원히 변치 않을 약속

[2절]
밤하늘 별을 보며 소원을 빌던 날
그날의 너를 나는 기억해
작은 창가에 앉아 기다리던 아침

[chorus]

[bridge]
눈물이 나도 괜찮아
다시 일어설 테니까

[Chorus]
"""
ENGLISH = """I was walking in the morning light
Looking for a reason to believe
Every little shadow of the night
Slowly fading when you smile at me

Take me to the river, take me home
Sing the song we used to know
Even when the summer winds have blown
I will never let you go
"""
STYLES = (
    "신나는 K-POP", "슬픈 발라드", "rock", "힙합", "jazz", "트로트", "folk", "lo-fi", "r&b", "edm", "pop", "왈츠",
)  # fmt: skip


def chance(seed: int = 1) -> Callable[[str], random.Random]:
    return lambda purpose: random.Random(f"{seed}/{purpose}")


@lru_cache(maxsize=256)  # several tests judge the same songs
def compose(genre: str, lyrics: str = DOCUMENTED, duration: float | None = None, seed: int = 1) -> Score:
    random_for = chance(seed)
    style = read_style(genre, random_for("style"))
    asked = None if duration is None else Seconds(duration)
    return compose_score(style, read_lyrics(lyrics).sections, asked, random_for)


def sung_notes(score: Score) -> list[Note]:
    return [note for line in score.vocal for syllable in line.syllables for note in syllable.notes]


def seconds(score: Score, beats: float) -> float:
    return beats * 60.0 / score.style.tempo

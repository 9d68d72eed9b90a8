from __future__ import annotations

from pansori.lexicon.articles import article

AN = (
    "upbeat song", "orchestral piece", "unhappy song", "uninspired song", "urban song", "only song", "ugly song",
    "R&B song", "r&b song", "EDM track", "rnb song", "MP3", "FM radio song", "SF film theme", "A minor song",
    "80s rock song", "8-bit tune", "11 second song", "18th century dance", "1800s waltz",
    "hour-long piece", "honest song",
)  # fmt: skip
A = (
    "rock song", "happy song", "house song", "hymn", "K-pop song", "UK garage song", "US pop song", "NASA song",
    "ukulele song", "unique song", "union song", "European folk song", "euphoric song", "usual song", "utopian song",
    "one minute song", "10 second song", "110 bpm song", "rhythm and blues song", "C major song", "슬픈 노래", "",
    "ROCK SONG ABOUT RAIN",
)  # fmt: skip


def test_the_article_goes_by_the_first_sound() -> None:
    assert [one for one in AN if article(one) != "an"] == []
    assert [one for one in A if article(one) != "a"] == []

"""The house band as an engine: what it says of itself, and what its options do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from pansori.domain.errors import InvalidRequest
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import BeatsPerMinute, Seconds
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.settings import Settings
from support.context import MemoryContext

SHORT = ComposeTask(genre="pop", lyrics="달려가자", duration=Seconds(8.0), seed=2)


def band(folder: Path, **settings: object) -> HouseBand:
    return HouseBand(Settings(data_dir=folder, **settings))  # type: ignore[arg-type]  # checked by pydantic


def test_the_card_names_the_soundfont_in_use(tmp_path: Path) -> None:
    assert ".sf2" in band(tmp_path).card().parts["soundfont"]


def test_without_its_soundfont_it_is_missing_and_says_what_to_do(tmp_path: Path) -> None:
    status = band(tmp_path, soundfont=tmp_path / "gone.sf2").status()
    assert status.state == "missing"
    assert "gone.sf2" in status.reason
    assert status.cure
    assert "gone.sf2" in band(tmp_path, soundfont=tmp_path / "gone.sf2").card().parts["soundfont"]


def test_without_vocals_the_words_are_timed_and_nobody_sings(tmp_path: Path) -> None:
    context = MemoryContext(2, tmp_path)
    song = band(tmp_path).run(SHORT, HouseBandOptions(vocals=False), context)
    assert song.lines
    assert "달려가자" in re.sub("<[^>]*>", "", context.files["lrc"].content.decode())
    assert not [role for role in context.sounds if role.startswith("stem.vocal")]
    assert np.any(context.sounds["song"].samples)


def test_a_tempo_asked_for_is_exact(tmp_path: Path) -> None:
    context = MemoryContext(2, tmp_path)
    chosen = HouseBandOptions(tempo=BeatsPerMinute(101.0), key="E minor", vocals=False)
    song = band(tmp_path).run(SHORT, chosen, context)
    assert (song.tempo, song.key, song.duration) == (101.0, "E minor", 8.0)
    assert json.loads(context.files["recipe"].content)["options"]["tempo"] == 101.0


@pytest.mark.parametrize(
    "lyrics",
    ["\n".join("가" * 10_000), "☀️🌊", "日本語だけ"],
    ids=["ten thousand lines", "emoji alone", "a script it cannot sing"],
)
def test_what_cannot_be_sung_is_refused_beforehand(lyrics: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as raised:
        band(tmp_path).check(ComposeTask(genre="pop", lyrics=lyrics), HouseBandOptions())
    assert raised.value.field == "lyrics"


def test_a_seed_changes_the_song(tmp_path: Path) -> None:
    songs = []
    for seed in (1, 2):
        context = MemoryContext(seed, tmp_path)
        band(tmp_path).run(SHORT, HouseBandOptions(vocals=False), context)
        songs.append(context.files["midi"].content)
    assert songs[0] != songs[1]

"""Songs that several tests listen to, each made once a test session by the house band itself."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pansori.domain.tasks import ComposeTask
from pansori.domain.units import Seconds
from pansori.engines.compose.base import Song
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.settings import Settings
from support.context import MemoryContext

DOCUMENTED = ComposeTask(genre="신나는 K-POP", lyrics="여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께", seed=7)
ENGLISH = ComposeTask(
    genre="warm folk ballad, female voice, 92 bpm",
    lyrics=(
        "[verse]\nWalking home along the river\nEvery window holds a light\n"
        "[chorus]\nSing with me until the morning\nWe will carry on tonight"
    ),
    seed=11,
)
INSTRUMENTAL = ComposeTask(genre="calm lo-fi hip hop", duration=Seconds(20.0), seed=3)
SHORT = ComposeTask(genre="rock, 140 bpm", lyrics="달려가자", duration=Seconds(8.0), seed=4)


@dataclass(frozen=True)
class Finished:
    task: ComposeTask
    song: Song
    context: MemoryContext


@cache
def finished(task: ComposeTask) -> Finished:
    """The song for `task`, made when it is first asked for."""
    assert task.seed is not None
    with tempfile.TemporaryDirectory() as scratch:
        context = MemoryContext(seed=task.seed, scratch=Path(scratch))
        song = HouseBand(Settings(data_dir=Path(scratch))).run(task, HouseBandOptions(), context)
    return Finished(task, song, context)

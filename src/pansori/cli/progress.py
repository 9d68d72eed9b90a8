"""A job's progress while it runs: a bar on a terminal, a line a stage anywhere else. Always on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from pansori.cli.language import language
from pansori.domain.errors import Text
from pansori.domain.jobs import EventView

#: Stages as people read them; one that is not here is shown as its engine calls it.
STAGES: dict[str, Text] = {
    "queued": Text("Waiting", "기다리는 중"),
    "connect": Text("Reaching the Space", "Space에 연결하는 중"),
    "ask": Text("Asking the Space", "Space에 요청하는 중"),
    "queue": Text("Waiting in the Space's queue", "Space의 차례를 기다리는 중"),
    "fetch": Text("Fetching the sound", "소리를 받는 중"),
    "store": Text("Keeping the recording", "녹음을 보관하는 중"),
    "remote": Text("Waiting for the analysis server", "분석 서버를 기다리는 중"),
    "decode": Text("Decoding", "소리를 푸는 중"),
    "kind": Text("Listening", "들어 보는 중"),
    "signal": Text("Measuring the signal", "신호를 재는 중"),
    "fingerprint": Text("Taking the fingerprint", "지문을 뜨는 중"),
    "stereo": Text("Measuring stereo", "스테레오를 재는 중"),
    "music": Text("Measuring the music", "음악을 재는 중"),
    "loudness": Text("Measuring loudness", "음량을 재는 중"),
    "voice": Text("Measuring the voice", "목소리를 재는 중"),
    "transcribe": Text("Writing down what is said", "말을 받아쓰는 중"),
    "compose": Text("Composing", "작곡하는 중"),
    "play": Text("Playing", "연주하는 중"),
    "sing": Text("Singing", "노래하는 중"),
    "mix": Text("Mixing", "믹싱하는 중"),
    "master": Text("Mastering", "마스터링하는 중"),
    "save": Text("Saving", "저장하는 중"),
    "deliver": Text("Encoding", "파일로 만드는 중"),
}


def stage_name(stage: str) -> str:
    text = STAGES.get(stage)
    return text.in_language(language()) if text is not None else stage.replace("_", " ")


class View(Protocol):
    """Shows events as they come."""

    def __enter__(self) -> View: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def show(self, event: EventView) -> None: ...


def view(*, quiet: bool = False) -> View:
    if quiet:
        return Silent()
    return Bar() if sys.stderr.isatty() else Lines()


class Silent:
    def __enter__(self) -> View:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to put away."""

    def show(self, event: EventView) -> None:
        """Shows nothing, as asked."""


class Lines(Silent):
    """For logs and pipes: a line at each new stage."""

    def __init__(self) -> None:
        self._stage = ""
        self._began = time.monotonic()

    def show(self, event: EventView) -> None:
        stage = str(event.data.get("stage") or "") if event.type == "progress" else ""
        if stage and stage != self._stage:
            self._stage = stage
            percent = round(100 * float(event.data.get("fraction", 0)))
            elapsed = time.monotonic() - self._began
            print(f"{elapsed:6.1f} s  {percent:3d} %  {stage_name(stage)}", file=sys.stderr, flush=True)


@contextmanager
def counting(what: str, total: int, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """A bar over so many bytes, on a terminal; yields what tells it of more that are done."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        DownloadColumn(binary_units=True),
    )
    bar = Progress(*columns, TransferSpeedColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    with bar:
        task = bar.add_task(what, total=max(total, 1))
        yield lambda more: bar.update(task, advance=more)


class Bar:
    """For terminals: stage, bar, per cent, time gone and time left."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None, complete_style="red", finished_style="green"),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task(stage_name("queued"), total=1.0)

    def __enter__(self) -> View:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, event: EventView) -> None:
        if event.type == "progress":
            stage = str(event.data.get("stage") or "queued")
            self._progress.update(
                self._task,
                completed=float(event.data.get("fraction", 0)),
                description=stage_name(stage),
            )

"""`POST /v1/audio/speech`: how long until the first sound of a text of three sentences, in each format.

The peer, in the same run, is the embedded engine itself, in the benchmark's own process: until it has spoken the first
sentence. What is above it is the server's: reading the request, encoding, sending.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from bench.report import Figure, against, at_most, median, percentile
from bench.servers import serving
from pansori.domain.tasks import SpeakTask
from pansori.engines.speak.espeak import EspeakSpeaker
from pansori.media import StreamFormat
from pansori.settings import load
from support.context import MemoryContext

TIMES = 60
WARM = 5
SOUND = 1_000  #: bytes, by which there is some behind whatever header the format has
OVERHEAD = 30.0  #: ms that a turn in process may take beyond its engines


def text(number: int) -> str:
    """Never the same twice."""
    return f"This is number {number} of many. It rains on the hills of the north. Nobody minds it much, I think."


def run() -> list[Figure]:
    with serving(PANSORI_WORKERS="1") as server, httpx.Client(base_url=server.url, timeout=60) as client:
        # one of each in turn: what else the machine does is felt by all of them
        rounds = list(zip(engine(), *(asking(client, form) for form in StreamFormat), strict=True))[WARM:]
    own, *asked = ([1e3 * seconds for seconds in found] for found in zip(*rounds, strict=True))
    figures = [
        Figure("the engine alone, first sentence, median", median(own), "ms"),
        Figure("the engine alone, first sentence, p95", percentile(own, 0.95), "ms"),
    ]
    for form, found in zip(StreamFormat, asked, strict=True):
        figures += [
            against(f"{form}: first byte, median", median(found), "ms", "the engine", median(own)),
            against(f"{form}: first byte, p95", percentile(found, 0.95), "ms", "the engine", percentile(own, 0.95)),
        ]
    most = max(median(found) for found in asked)
    figures.append(at_most("first byte beyond the engine, median, slowest format", most - median(own), "ms", OVERHEAD))
    return figures


def engine() -> Iterator[float]:
    speaker = EspeakSpeaker(load(data_dir=Path(tempfile.gettempdir())))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(TIMES + WARM):
            context = MemoryContext(seed=0, scratch=Path(folder))
            begun = time.perf_counter()
            parts = speaker.stream(SpeakTask(text=text(number)), speaker.Options(), context)
            next(parts)
            took = time.perf_counter() - begun
            for _ in parts:
                """Speak on, so that nothing of it lies in the way of the next."""
            yield took


def asking(client: httpx.Client, form: StreamFormat) -> Iterator[float]:
    for number in range(TIMES + WARM):
        body = {"model": "espeak", "input": text(number), "response_format": form.value}
        begun, took, came = time.perf_counter(), 0.0, 0
        with client.stream("POST", "/v1/audio/speech", json=body) as answer:
            answer.raise_for_status()
            for piece in answer.iter_raw():
                came += len(piece)
                if came >= SOUND and not took:
                    took = time.perf_counter() - begun
        yield took

"""Ten thousand recordings with changed bytes, of nine kinds, through the decoder; every twentieth is measured too.

Each file is opened by a process of its own, as always. What is counted is what came of them; the goal is that nothing
but an error with a name, or measures, comes of any, and that no memory grows.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.report import Figure, at_most
from pansori.domain.tasks import AnalyzeTask
from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.engines.analyze.base import RECORDING
from pansori.engines.analyze.pansori import PansoriAnalyzer, PansoriAnalyzerOptions
from pansori.engines.analyze.schema import Analysis
from pansori.engines.base import Recording
from pansori.media import Limits
from pansori.settings import Settings
from support.context import MemoryContext
from support.damage import KINDS, Answer, damaged, decoders, encoded

FILES, MEASURED = 10_000, 20
FIRST_SEED = 100_000  #: those below are the tests'
LIMITS = Limits(duration=Seconds(60.0), time=Seconds(20.0))


def run() -> list[Figure]:
    found: Counter[str] = Counter()
    slowest, before, began = 0.0, peak(), time.perf_counter()
    with tempfile.TemporaryDirectory() as name, decoders(Path(name), LIMITS) as decoder:
        engine = PansoriAnalyzer(Settings(data_dir=Path(name)))
        for number in range(FILES):
            kind = tuple(KINDS)[number % len(KINDS)]
            since = time.perf_counter()
            answer = decoder.read(damaged(encoded(kind), FIRST_SEED + number))
            slowest = max(slowest, time.perf_counter() - since)
            found[what(answer)] += 1
            if "frames" in answer.told and number % MEASURED == 0:
                found[measured(engine, answer, Path(name))] += 1
    return [
        Figure("files", FILES, ""),
        *(Figure(f"files {name}", count, "") for name, count in sorted(found.items()) if name not in BAD),
        *(at_most(f"files {name}", found[name], "", 0) for name in BAD),
        Figure("the slowest", slowest, "s"),
        Figure("a file", 1000 * (time.perf_counter() - began) / FILES, "ms"),
        at_most("memory that the measuring process took more at its end", (peak() - before) / 2**20, "MiB", 300),
    ]


BAD = ("whose decoder was killed", "that broke the analysis")


def what(answer: Answer) -> str:
    if answer.killed is not None:
        return "whose decoder was killed"
    if "error" in answer.told:
        return f"refused as {answer.told['error']}"
    return "read in part" if answer.told["damaged"] else "read"


def measured(engine: PansoriAnalyzer, answer: Answer, folder: Path) -> str:
    sound = Recording(
        samples=answer.samples.T,
        rate=SampleRateHz(answer.told["rate"]),
        media_type="audio/wav",
        size=Bytes(answer.samples.nbytes),
        sha256="0" * 64,
        **{name: answer.told[name] for name in ("container", "codec", "video", "damaged")},
    )
    context = MemoryContext(seed=0, scratch=folder)
    context.inputs = {RECORDING: sound}
    try:
        analysis = engine.run(AnalyzeTask(), PansoriAnalyzerOptions(), context)
        assert Analysis.model_validate_json(analysis.model_dump_json()) == analysis
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        print(f"{answer.told}: {error!r}", file=sys.stderr, flush=True)
        return "that broke the analysis"
    return "measured"


def peak() -> float:
    """Bytes of memory at the highest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if sys.platform == "linux" else 1)

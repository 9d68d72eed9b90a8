"""The long drill: processes are killed at random under load, and what must be true afterwards is checked.

`python -m bench.drill --kills 1000 --size embedded|scaled --seed N`; exit code 1 when something is wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.drill", description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000, help="how many processes to kill (default: %(default)s)")
    parser.add_argument("--size", choices=("embedded", "scaled"), default="embedded")
    parser.add_argument("--seed", type=int, default=1, help="the same seed chooses the same victims, as far as it can")
    chosen = parser.parse_args()
    wrong = drill(chosen.kills, chosen.size, chosen.seed)
    for line in wrong:
        print(f"WRONG: {line}")
    print("FAILED" if wrong else "ALL WELL", flush=True)
    return 1 if wrong else 0


def drill(kills: int, size: str, seed: int) -> list[str]:
    """What was wrong afterwards. The installation, the servers it needs and their data are gone when it returns."""
    sys.path.insert(0, str(TESTS))  # the drills of the suite, in their long form
    from pansori.settings import Settings
    from support.drill.world import World
    from support.services import running_postgres, running_redis, scaled_out

    with ExitStack() as cleanup:
        options: dict[str, object] = {
            "data_dir": cleanup.enter_context(tempfile.TemporaryDirectory()),
            "lease": 10.0,
            "worker_losses": 1_000,
        }
        if size == "scaled":
            servers = (cleanup.enter_context(running_redis()), cleanup.enter_context(running_postgres()))
            options |= cleanup.enter_context(scaled_out(*servers))
        world = cleanup.enter_context(World(Settings.model_validate(options), seed))
        began = time.monotonic()
        world.start()
        world.storm(kills, say=lambda line: print(f"{time.monotonic() - began:7.1f} s  {line}", flush=True))
        world.settle()
        wrong = world.verdict()
        print(f"{len(world.endings)} jobs, {dict(world.killed)} killed, {time.monotonic() - began:.0f} s")
        return wrong


if __name__ == "__main__":
    sys.exit(main())

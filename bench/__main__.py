"""Run benchmarks and print their tables; `--write` keeps them in `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from bench.report import Figure, machine, table

NAMES = ("latency", "throughput", "submits", "idle", "streams", "song", "library", "files", "logins", "pages")
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
MARK = "<!-- measured -->"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which to run: {', '.join(NAMES)} (default: all)")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {PAGE.name}")
    chosen = parser.parse_args()
    names = chosen.names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    parts = [f"{machine()}\n"]
    missed = False
    for name in names:
        module = importlib.import_module(f"bench.{name}")
        about = (module.__doc__ or "").strip()
        print(f"{name}: {about.splitlines()[0]}", file=sys.stderr, flush=True)
        figures: list[Figure] = module.run()
        parts.append(f"### {name}\n\n{about}\n\n{table(figures)}\n")
        print(parts[-1], flush=True)
        missed |= any(figure.met is False for figure in figures)
    if chosen.write:
        before, _, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
        PAGE.write_text(f"{before}{MARK}\n\n" + "\n".join(parts), encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

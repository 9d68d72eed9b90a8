"""Run benchmarks and print their tables; `--write` keeps them in `docs/benchmarks.md`, in place of older ones."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from bench.report import Figure, machine, table

NAMES = (
    "latency",
    "throughput",
    "submits",
    "idle",
    "streams",
    "song",
    "library",
    "files",
    "uploads",
    "logins",
    "pages",
    "analysis",
    "hour",
    "fuzz",
    "kinds",
    "accuracy",
    "rivals",
    "speech",
    "hearing",
    "voice",
)
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
    tables: dict[str, str] = {}
    missed = False
    for name in names:
        module = importlib.import_module(f"bench.{name}")
        about = (module.__doc__ or "").strip()
        print(f"{name}: {about.splitlines()[0]}", file=sys.stderr, flush=True)
        figures: list[Figure] = module.run()
        tables[name] = f"### {name}\n\n{machine()}\n\n{about}\n\n{table(figures)}\n"
        print(tables[name], flush=True)
        missed |= any(figure.met is False for figure in figures)
    if chosen.write:
        before, _, after = PAGE.read_text(encoding="utf-8").partition(MARK)
        kept = {part.split("\n", 1)[0]: f"### {part.strip()}\n" for part in after.split("### ")[1:]}
        found = [(kept | tables)[name] for name in NAMES if name in kept | tables]
        PAGE.write_text(f"{before}{MARK}\n\n" + "\n".join(found), encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Benchmarks: ratios against a named peer or a physical limit, measured in one run. `python -m bench --help`."""

import sys
from pathlib import Path

sys.path.insert(
    0, str(Path(__file__).parent.parent / "tests")
)  # the real Redis and PostgreSQL of the tests serve here too

"""Tests that need a language model's server, which has to be compiled: `make test-models` does, and runs them."""

import os

collect_ignore_glob = [] if os.environ.get("LLAMA") else ["test_*.py"]

"""A host with the tests' own workflows: `python host.py SETTINGS CHILDREN HOST`."""

from __future__ import annotations

import functools
import logging
import sys
from pathlib import Path

HOST = Path(__file__)


def main() -> None:
    sys.path.insert(0, str(HOST.parent.parent))
    from pansori.jobs import make_host
    from pansori.settings import Settings
    from support.sizes import embedded_kernel

    logging.basicConfig(level=logging.WARNING)
    settings = Settings.model_validate_json(sys.argv[1])
    factory = functools.partial(embedded_kernel, settings, sys.argv[3] or None)
    make_host(factory, settings, {"cpu": int(sys.argv[2]), "gpu": 1}).run()


if __name__ == "__main__":
    main()

"""`python -m pansori.cli`: the same as `pansori`, for where scripts are not on the path."""

import sys

from pansori.cli import main

sys.exit(main())

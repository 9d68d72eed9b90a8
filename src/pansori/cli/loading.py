"""Loading what a server needs, quickly."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """For imports that take their time: an eighth of it would go into looking for rubbish, of which there is none.

    What is there afterwards stays for good, so it is not looked through again, here or in children that are forked.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()

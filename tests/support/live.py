"""Live conversations from within."""

from __future__ import annotations

import numpy as np

from pansori.workflows.voice.live import Live
from pansori.workflows.voice.live.vocabulary import Event


def said(live: Live) -> list[Event]:
    """What has come that nobody has read yet."""
    return list(iter(lambda: getattr(live.outbox.next(), "event", None), None))


def pcm(sound: np.ndarray) -> bytes:
    return bytes((np.clip(sound, -1, 1) * 32_767).astype("<i2").data)

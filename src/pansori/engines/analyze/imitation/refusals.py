"""Comparisons that make no sense, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pansori import __version__
from pansori.domain.errors import Text
from pansori.engines.analyze.imitation import marks
from pansori.engines.analyze.imitation.marks import refused
from pansori.engines.analyze.imitation.model import (
    Clip,
    Imitation,
    IntensityMark,
    Mark,
    PitchMark,
    TimingMark,
    WordsMark,
)
from pansori.engines.analyze.measure import Refusal

SILENT = {
    "reference": Refusal.of(
        "silence", Text("There is nothing but silence in the reference.", "원본에 아무 소리도 없어요.")
    ),
    "attempt": Refusal.of(
        "silence", Text("There is nothing but silence in the attempt.", "따라 한 녹음에 아무 소리도 없어요.")
    ),
}
TOO_SHORT = {
    "reference": Refusal.of("too_short", Text("The reference is too short.", "원본이 너무 짧아요.")),
    "attempt": Refusal.of("too_short", Text("The attempt is too short.", "따라 한 녹음이 너무 짧아요.")),
}
TOO_LONG = {
    "reference": Refusal.of("too_long", Text("The reference is longer than two minutes.", "원본이 2분보다 길어요.")),
    "attempt": Refusal.of(
        "too_long", Text("The attempt is longer than two minutes.", "따라 한 녹음이 2분보다 길어요.")
    ),
}
UNVOICED = Refusal.of(
    "unvoiced",
    Text("Too little is voiced in both clips.", "두 녹음에서 함께 견줄 유성음이 너무 적어요."),
)
"""Such as of a whisper."""


def refuse(why: Refusal, text: str, language: str, reference: Clip, attempt: Clip) -> Imitation:
    kinds: Sequence[tuple[str, type[Mark]]] = (
        ("overall", Mark),
        ("words", WordsMark),
        ("timing", TimingMark),
        ("pitch", PitchMark),
        ("intensity", IntensityMark),
    )
    parts: dict[str, Any] = {name: refused(kind, why) for name, kind in kinds}
    return Imitation(
        versions=versions(),
        settings=dict(marks.SETTINGS),
        text=text,
        language=language,
        reference=reference,
        attempt=attempt,
        each_word=(),
        contours=None,
        **parts,
    )


def versions() -> dict[str, str]:
    import parselmouth

    return {"pansori": __version__, "praat": str(parselmouth.PRAAT_VERSION)}

"""Scores of several recordings: what cannot be compared does not stop the rest."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from pansori.cli.analyze_files import Outcome
from pansori.cli.analyze_scores import score, score_table
from pansori.reports import Truth
from support.analyses import known


def test_one_that_cannot_be_compared_stops_none() -> None:
    analysis = known().analysis.model_dump(mode="json")
    outcomes = [Outcome(Path(f"{name}.wav"), analysis=analysis) for name in "abc"]
    truths = [Truth(tempo=120.0), Truth(chords=((0.0, 8.0, "no chord at all"),)), None]
    scores, wrong = score([*outcomes, Outcome(Path("d.wav"))], [*truths, Truth(tempo=1.0)])
    assert scores == [{"tempo.accuracy1": 1.0, "tempo.accuracy2": 1.0}, None, None, None]
    [error] = wrong
    assert error.code == "invalid_request"
    assert "compared" in error.message


def test_the_table_has_a_mean_of_several() -> None:
    outcomes = [Outcome(Path("a.wav")), Outcome(Path("b.wav"))]
    console = Console(file=io.StringIO(), width=80)
    console.print(score_table(outcomes, [{"beats.f": 1.0}, {"beats.f": 0.5, "onsets.f": 0.25}]))
    shown = " ".join(console.file.getvalue().split())  # type: ignore[attr-defined]
    assert "beats.f 1.000 0.500 0.750" in shown
    assert "onsets.f 0.250 0.250" in shown

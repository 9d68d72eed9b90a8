"""Chords as notes under the hand: voicings that move as little as they can from one to the next."""

from __future__ import annotations

from pansori.engines.compose.house_band.model import Chord
from pansori.engines.compose.house_band.score.harmony import pitch_classes


class Voicings:
    """Remembers the last voicing of one part, so that the next lies near it."""

    def __init__(self, low: int, high: int, *, rootless: bool = False) -> None:
        """Voicings lie from `low` to `high`, at least an octave. `rootless`: sevenths leave their root to the bass."""
        self._low, self._high, self._rootless = low, high, rootless
        self._before: tuple[int, ...] | None = None
        self._known: dict[tuple[int, ...], list[tuple[int, ...]]] = {}

    def of(self, chord: Chord) -> tuple[int, ...]:
        """Three or four pitches, low to high."""
        tones = pitch_classes(chord)
        if self._rootless and len(tones) > 3:
            tones = tones[1:]
        if tones not in self._known:
            self._known[tones] = self._positions(tones)
        positions = self._known[tones]
        middle = (self._low + self._high) / 2
        before = self._before
        self._before = min(
            positions,
            key=lambda notes: (
                0.3 * abs(sum(notes) / len(notes) - middle)
                + (sum(abs(a - b) for a, b in zip(notes, before, strict=False)) if before else 0.0)
            ),
        )
        return self._before

    def _positions(self, tones: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Close positions and their inversions within the limits."""
        found = []
        for turn in range(len(tones)):
            turned = (*tones[turn:], *tones[:turn])
            lowest = self._low + (turned[0] - self._low) % 12
            while lowest <= self._high:
                notes = [lowest]
                for tone in turned[1:]:
                    notes.append(notes[-1] + (tone - notes[-1]) % 12)
                if notes[-1] <= self._high:
                    found.append(tuple(notes))
                lowest += 12
        return found or [tuple(sorted(self._low + (tone - self._low) % 12 for tone in tones))]

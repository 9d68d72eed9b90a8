"""Text as it is said aloud: cut into sentences, and with its numbers, units and signs in words."""

from __future__ import annotations

from pansori.lexicon.spoken.normalisation import LANGUAGES, normalise
from pansori.lexicon.spoken.reading import Heard, Piece, Reading, as_written
from pansori.lexicon.spoken.sentences import Sentence, Sentences, split, with_words

__all__ = [
    "LANGUAGES", "Heard", "Piece", "Reading", "Sentence", "Sentences", "as_written", "normalise", "split",
    "with_words",
]  # fmt: skip

"""Lyrics as people type them, down to the syllables that are sung."""

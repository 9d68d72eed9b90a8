"""Measures of voices, by Praat."""

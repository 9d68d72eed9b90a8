"""Measures of sound as pure functions on arrays; what engines and media both need."""

"""Engines: what has a capability. See `base` for what one is, `registry` for how they are found."""

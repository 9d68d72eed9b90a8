"""Analyses: asked for here, carried out here or by another server, and carried out for other servers."""

"""Engines that measure recordings."""

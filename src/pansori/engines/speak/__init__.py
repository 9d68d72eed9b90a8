"""Engines that say a text."""

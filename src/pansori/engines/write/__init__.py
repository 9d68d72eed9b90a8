"""Engines that write: lyrics, and prompts in more words."""

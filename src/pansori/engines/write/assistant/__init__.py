"""The assistant: understands what can be ordered here, in Korean and English, and does it. No model, no network."""

from pansori.engines.write.assistant.engine import Assistant

__all__ = ["Assistant"]

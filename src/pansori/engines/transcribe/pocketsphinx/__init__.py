"""Commands in Korean and English, and English dictation, without any weights to fetch: PocketSphinx."""

from pansori.engines.transcribe.pocketsphinx.engine import PocketsphinxTranscriber

__all__ = ["PocketsphinxTranscriber"]

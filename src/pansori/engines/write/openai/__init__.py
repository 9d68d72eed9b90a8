"""Language models behind any server that is compatible with OpenAI's chat completions."""

from pansori.engines.write.openai.engine import OpenaiWriter, OpenaiWriterOptions

__all__ = ["OpenaiWriter", "OpenaiWriterOptions"]

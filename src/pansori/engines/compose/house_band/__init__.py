"""The house band: composes by rules and sings by re-pitched formant speech; no weights, no GPU, no network."""

from pansori.engines.compose.house_band.engine import HouseBand, HouseBandOptions

__all__ = ["HouseBand", "HouseBandOptions"]

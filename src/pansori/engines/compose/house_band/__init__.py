"""The house band: composes by rules and sings by re-pitched formant speech; no weights, no GPU, no network."""

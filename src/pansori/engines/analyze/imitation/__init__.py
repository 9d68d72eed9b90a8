"""How near a person's attempt comes to a reference clip: `compare` two recordings."""

from pansori.engines.analyze.imitation.compare import LONGEST, compare
from pansori.engines.analyze.imitation.model import IMITATION_VERSION, Imitation

__all__ = ["IMITATION_VERSION", "LONGEST", "Imitation", "compare"]

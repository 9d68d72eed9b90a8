"""TextTune: from a prompt to a track in one's library, by REST, with its making as server-sent events."""

from pansori.api.contracts.texttune._generations import GenerationRequest, allowed, begin
from pansori.api.contracts.texttune._generations import router as generations
from pansori.api.contracts.texttune._library import delete_tracks
from pansori.api.contracts.texttune._library import router as library
from pansori.api.contracts.texttune._views import Deleted, Generation, TrackShown, generation_of, track_of

MESSAGE = "TextTune"
routers = (generations, library)

__all__ = [
    "MESSAGE",
    "Deleted",
    "Generation",
    "GenerationRequest",
    "TrackShown",
    "allowed",
    "begin",
    "delete_tracks",
    "generation_of",
    "routers",
    "track_of",
]

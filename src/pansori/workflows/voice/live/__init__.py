"""A conversation as it happens: sound comes in pieces, and is answered sentence by sentence."""

from pansori.workflows.voice.live.outbox import Outbox, Sent
from pansori.workflows.voice.live.session import Live
from pansori.workflows.voice.live.sessions import Seat, Sessions
from pansori.workflows.voice.live.vocabulary import ASKED, Asked, Bye, Event, Failed, Played, Start, Stop

__all__ = [
    "ASKED",
    "Asked",
    "Bye",
    "Event",
    "Failed",
    "Live",
    "Outbox",
    "Played",
    "Seat",
    "Sent",
    "Sessions",
    "Start",
    "Stop",
]

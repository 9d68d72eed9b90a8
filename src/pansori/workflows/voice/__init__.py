"""Turns of conversations: heard, answered, spoken."""

from pansori.workflows.voice import live
from pansori.workflows.voice.acting import Acting, Deed, Manner
from pansori.workflows.voice.aside import WAV, Aside
from pansori.workflows.voice.backend import NOTHING_TO_SAY, Ended, VoiceBackend
from pansori.workflows.voice.keeping import Timing, end_turn, keep_sound, timed
from pansori.workflows.voice.once import Once, read_out
from pansori.workflows.voice.parts import Choice, Parts, Spoken
from pansori.workflows.voice.roles import VoiceRoles
from pansori.workflows.voice.sounds import LONGEST_TURN, UPLOADS, find, forget, path_of
from pansori.workflows.voice.turn import ANSWERING, HEAR, SAY, VoiceTurnTask, VoiceTurnWorkflow
from pansori.workflows.voice.users import greet, meant, own_number

__all__ = [
    "ANSWERING",
    "HEAR",
    "LONGEST_TURN",
    "NOTHING_TO_SAY",
    "SAY",
    "UPLOADS",
    "WAV",
    "Acting",
    "Aside",
    "Choice",
    "Deed",
    "Ended",
    "Manner",
    "Once",
    "Parts",
    "Spoken",
    "Timing",
    "VoiceBackend",
    "VoiceRoles",
    "VoiceTurnTask",
    "VoiceTurnWorkflow",
    "end_turn",
    "find",
    "forget",
    "greet",
    "keep_sound",
    "live",
    "meant",
    "own_number",
    "path_of",
    "read_out",
    "timed",
]

"""What a job of each kind does."""

from pansori.workflows.analysis.handing_out import RECORDINGS, WEBHOOK, Handout
from pansori.workflows.analysis.letters import take_letter
from pansori.workflows.analysis.measured import GONE, Measured, corrections_of, look, measured, try_corrections
from pansori.workflows.analysis.measuring import ANALYSIS, read_recording, summary_of
from pansori.workflows.analysis.notices import VoiceNoticeWorkflow, tell_ended
from pansori.workflows.analysis.remote import REMOTE
from pansori.workflows.analysis.serving import VoiceAnalysisTask, VoiceAnalysisWorkflow
from pansori.workflows.analysis.workflow import (
    AnalysisTask,
    AnalysisWorkflow,
    drop_recording,
    store_recording,
    submit_analysis,
    submit_received,
)
from pansori.workflows.clips import LONGEST_CLIP, drop_reference, name_reference, take_reference
from pansori.workflows.conversion import Passing, convert, is_converted
from pansori.workflows.departure import clear_away, close_account
from pansori.workflows.export import export_account
from pansori.workflows.generation import GenerationWorkflow, Preview, default_engine, preview
from pansori.workflows.generation_task import GenerationTask, Voice
from pansori.workflows.recording import options_of, seed_of
from pansori.workflows.services import Services
from pansori.workflows.song import SongTask, SongWorkflow
from pansori.workflows.speaking import speak_reference

__all__ = [
    "ANALYSIS",
    "GONE",
    "LONGEST_CLIP",
    "RECORDINGS",
    "REMOTE",
    "WEBHOOK",
    "AnalysisTask",
    "AnalysisWorkflow",
    "GenerationTask",
    "GenerationWorkflow",
    "Handout",
    "Measured",
    "Passing",
    "Preview",
    "Services",
    "SongTask",
    "SongWorkflow",
    "Voice",
    "VoiceAnalysisTask",
    "VoiceAnalysisWorkflow",
    "VoiceNoticeWorkflow",
    "clear_away",
    "close_account",
    "convert",
    "corrections_of",
    "default_engine",
    "drop_recording",
    "drop_reference",
    "export_account",
    "is_converted",
    "look",
    "measured",
    "name_reference",
    "options_of",
    "preview",
    "read_recording",
    "seed_of",
    "speak_reference",
    "store_recording",
    "submit_analysis",
    "submit_received",
    "summary_of",
    "take_letter",
    "take_reference",
    "tell_ended",
    "try_corrections",
]

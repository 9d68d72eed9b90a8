"""What a job of each kind does."""

from pansori.workflows.analysis import (
    ANALYSIS,
    AnalysisTask,
    AnalysisWorkflow,
    store_recording,
    submit_analysis,
    summary_of,
)
from pansori.workflows.conversion import Passing, convert, is_converted
from pansori.workflows.departure import clear_away, close_account
from pansori.workflows.export import export_account
from pansori.workflows.generation import GenerationWorkflow, Preview, default_engine, preview
from pansori.workflows.generation_task import GenerationTask, Voice
from pansori.workflows.recording import seed_of
from pansori.workflows.services import Services
from pansori.workflows.song import SongTask, SongWorkflow

__all__ = [
    "ANALYSIS",
    "AnalysisTask",
    "AnalysisWorkflow",
    "GenerationTask",
    "GenerationWorkflow",
    "Passing",
    "Preview",
    "Services",
    "SongTask",
    "SongWorkflow",
    "Voice",
    "clear_away",
    "close_account",
    "convert",
    "default_engine",
    "export_account",
    "is_converted",
    "preview",
    "seed_of",
    "store_recording",
    "submit_analysis",
    "summary_of",
]

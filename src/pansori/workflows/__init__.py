"""What a job of each kind does."""

from pansori.workflows.departure import clear_away, close_account
from pansori.workflows.export import export_account
from pansori.workflows.generation import GenerationWorkflow, Preview, default_engine, preview
from pansori.workflows.generation_task import GenerationTask, Voice
from pansori.workflows.recording import seed_of
from pansori.workflows.services import Services
from pansori.workflows.song import SongTask, SongWorkflow

__all__ = [
    "GenerationTask",
    "GenerationWorkflow",
    "Preview",
    "Services",
    "SongTask",
    "SongWorkflow",
    "Voice",
    "clear_away",
    "close_account",
    "default_engine",
    "export_account",
    "preview",
    "seed_of",
]

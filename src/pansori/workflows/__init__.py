"""What a job of each kind does."""

from pansori.workflows.services import Services
from pansori.workflows.song import SongTask, SongWorkflow

__all__ = ["Services", "SongTask", "SongWorkflow"]

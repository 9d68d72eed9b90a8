"""What accounts keep: tracks and prompt templates. Functions take a session; who calls them commits."""

from pansori.library import templates, tracks
from pansori.library._views import NewTrack, TrackPage, TrackView
from pansori.library.retention import Removed, Retention
from pansori.library.templates import Filled, TemplateDraft, TemplateView

__all__ = [
    "Filled",
    "NewTrack",
    "Removed",
    "Retention",
    "TemplateDraft",
    "TemplateView",
    "TrackPage",
    "TrackView",
    "templates",
    "tracks",
]

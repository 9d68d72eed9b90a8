"""What accounts keep: tracks and prompt templates. Functions take a session; who calls them commits."""

from pansori.library import analyses, recordings, templates, tracks
from pansori.library._views import NewTrack, TrackPage, TrackView
from pansori.library.analyses import AnalysisPage, AnalysisView
from pansori.library.briefs import Brief, brief_of
from pansori.library.retention import Removed, Retention
from pansori.library.templates import Filled, TemplateDraft, TemplateView

__all__ = [
    "AnalysisPage",
    "AnalysisView",
    "Brief",
    "Filled",
    "NewTrack",
    "Removed",
    "Retention",
    "TemplateDraft",
    "TemplateView",
    "TrackPage",
    "TrackView",
    "analyses",
    "brief_of",
    "recordings",
    "templates",
    "tracks",
]

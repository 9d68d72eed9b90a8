"""Analyses as people and their programs read them: plots, pages, and the formats of annotation."""

from pansori.reports.evaluation import Scores, evaluate, need_judge
from pansori.reports.formats import audacity, sonic_visualiser, textgrid
from pansori.reports.jams import jams
from pansori.reports.model import Shown, Sight, tuning_of
from pansori.reports.page import article, page, sorry
from pansori.reports.plots import Plot, plots
from pansori.reports.rendering import png
from pansori.reports.truth import Truth, find_truth

__all__ = [
    "Plot",
    "Scores",
    "Shown",
    "Sight",
    "Truth",
    "article",
    "audacity",
    "evaluate",
    "find_truth",
    "jams",
    "need_judge",
    "page",
    "plots",
    "png",
    "sonic_visualiser",
    "sorry",
    "textgrid",
    "tuning_of",
]

"""Analyses as people and their programs read them: plots, pages, and the formats of annotation."""

from pansori.reports.answers import Answer, answers, sure_of
from pansori.reports.comparison import Compared, compare, compared_plots
from pansori.reports.curves import curves_of, peaks_of
from pansori.reports.evaluation import Scores, evaluate, need_judge
from pansori.reports.exports import SEEN, Export, File, export
from pansori.reports.formats import audacity, sonic_visualiser, textgrid
from pansori.reports.jams import jams
from pansori.reports.model import Shown, Sight, tuning_of
from pansori.reports.page import article, page, sorry
from pansori.reports.plots import Plot, chord_name, chroma_of, plots, spectrum_of
from pansori.reports.raster import pixels
from pansori.reports.rendering import png
from pansori.reports.tables import flat, table
from pansori.reports.transcripts import WRITERS, TranscriptFormat, plain, srt, verbose, vtt
from pansori.reports.truth import Truth, find_truth
from pansori.reports.words import KINDS

__all__ = [
    "KINDS",
    "SEEN",
    "WRITERS",
    "Answer",
    "Compared",
    "Export",
    "File",
    "Plot",
    "Scores",
    "Shown",
    "Sight",
    "TranscriptFormat",
    "Truth",
    "answers",
    "article",
    "audacity",
    "chord_name",
    "chroma_of",
    "compare",
    "compared_plots",
    "curves_of",
    "evaluate",
    "export",
    "find_truth",
    "flat",
    "jams",
    "need_judge",
    "page",
    "peaks_of",
    "pixels",
    "plain",
    "plots",
    "png",
    "sonic_visualiser",
    "sorry",
    "spectrum_of",
    "srt",
    "sure_of",
    "table",
    "textgrid",
    "tuning_of",
    "verbose",
    "vtt",
]

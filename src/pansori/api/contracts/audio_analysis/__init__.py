"""The audio analysis service: scripts, actors, tokens, and the analysis of what is sent for a token."""

from pansori.api.contracts.audio_analysis._actors import router as actors
from pansori.api.contracts.audio_analysis._analyser import router as analyser
from pansori.api.contracts.audio_analysis._kept import check_unchanged, tag_of
from pansori.api.contracts.audio_analysis._results import router as results
from pansori.api.contracts.audio_analysis._scripts import router as scripts
from pansori.api.contracts.audio_analysis._tokens import router as tokens
from pansori.api.contracts.audio_analysis._uploads import router as uploads
from pansori.api.contracts.audio_analysis._views import ORIGIN
from pansori.api.contracts.audio_analysis._webhook import router as webhook

MESSAGE = "FastAPI 오디오 분석 서비스"
routers = (uploads, results, webhook, analyser, scripts, actors, tokens)

__all__ = ["MESSAGE", "ORIGIN", "check_unchanged", "routers", "tag_of"]

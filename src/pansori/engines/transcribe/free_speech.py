"""What it takes to hear free speech: a Whisper, in two steps. Whatever advises one has its words from here."""

from __future__ import annotations

from typing import Final

from pansori.domain.errors import Text
from pansori.engines.base import READY, Status
from pansori.engines.weights import fetching, here, lacking, missing, weights_status
from pansori.settings import Settings

KEY: Final = "transcribe.faster_whisper"
LIBRARY, PACKAGE = "faster_whisper", "pansori[faster-whisper]"
ADVISED: Final = "whisper-small"  #: of those that a laptop runs beside other things, the one that hears Korean best
INSTALL, FETCH = f"`pip install '{PACKAGE}'`", fetching(ADVISED)  #: the steps, for texts that know no machine


def whisper_status(settings: Settings) -> Status:
    """Ready, or `missing` with all that is still to be done here."""
    if settings.whisper_model:
        weighed = weights_status(settings, settings.whisper_model, by_operator=True)
    else:
        weighed = READY if here(settings, KEY) else missing(ADVISED)
    return lacking(LIBRARY, PACKAGE, weighed, settings.whisper_model or ADVISED)


def take_a_whisper(settings: Settings) -> Text:
    """What of that is still to be done here; or whom to choose, where nothing is. In whole sentences."""
    status = whisper_status(settings)
    if status.state == READY.state:
        return Text(
            "The Whisper that is here hears free speech, and translates it: choose the engine faster_whisper, or auto.",
            "자유롭게 하는 말은 여기 있는 Whisper가 알아듣고 번역도 해요. 엔진을 faster_whisper나 auto로 고르세요.",
        )
    return Text(
        f"A Whisper hears free speech, Korean included, and translates it. {status.cure}",
        f"한국어를 비롯해 자유롭게 하는 말은 Whisper가 알아듣고 번역도 해요. {status.cure_ko}",
    )

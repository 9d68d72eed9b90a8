"""Why nothing is said: the refusals of the music measures, in words."""

from __future__ import annotations

from pansori.domain.errors import Text
from pansori.engines.analyze.pansori.music.model import Refused

SILENT = Refused(Text("The sound is silent.", "소리가 없어요."))
TOO_SHORT = Refused(Text("The sound is too short for this measure.", "이 항목을 재기에는 소리가 너무 짧아요."))
NO_PULSE = Refused(Text("No regular pulse is heard.", "규칙적인 박이 들리지 않아요."))
NO_BARS = Refused(
    Text(
        "The beats are all alike, so nothing tells where bars begin.",
        "박이 모두 비슷해서 마디가 어디서 시작하는지 알 수 없어요.",
    )
)
NO_PITCH = Refused(Text("No notes with a clear pitch are heard.", "음높이가 뚜렷한 음이 들리지 않아요."))
FEW_NOTES = Refused(Text("Too few different notes sound to tell a key.", "서로 다른 음이 너무 적어 조를 알 수 없어요."))
NO_MELODY = Refused(Text("No melody stands out.", "두드러지는 선율이 없어요."))
NO_ONSETS = Refused(Text("Nothing begins that could be counted.", "셀 만한 소리의 시작이 없어요."))

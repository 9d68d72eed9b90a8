"""What this contract answers with, by the names of its document."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, Field

from pansori.api.contracts.voice_backend._shape import words
from pansori.domain.errors import Language
from pansori.settings import Settings
from pansori.workflows import voice

SPOKEN: Final = "✅ 성공! TTS 오디오를 '{output}'로 저장했습니다."
UNSPOKEN: Final = "⚠️ 데이터는 저장했지만 TTS 생성 실패"


class UserData(BaseModel):
    """A user and all of their turns: places of the four lists belong together. null: that was not obtained."""

    id: int
    input_wav_list: list[str | None]
    atot_text_list: list[str | None]
    ttot_text_list: list[str | None]
    output_wav_list: list[str | None]


class Heard(BaseModel):
    user_id: int
    input_wav: str | None = Field(description="Where the recording is; null where words were sent.")
    atot_text: str


class Answered(BaseModel):
    user_id: int
    ttot_text: str


class Processed(BaseModel):
    user_id: int
    input_wav: str | None
    atot_text: str | None
    ttot_text: str | None
    output_wav: str | None = Field(description="Where the answer is; null where it could not be spoken.")
    output_wav_list: list[str | None]
    tts_success: bool
    message: str
    tts_error: str | None = Field(default=None, description="Why it could not be spoken.")


class HearStep(BaseModel):
    success: bool
    user_id: int
    input_wav: str | None
    atot_text: str | None


class AnswerStep(BaseModel):
    success: bool
    user_id: int
    ttot_text: str | None


class SayStep(BaseModel):
    success: bool
    output_wav: str | None
    tts_error: str | None


class FinalData(BaseModel):
    input_wav: str | None
    atot_text: str | None
    ttot_text: str | None
    output_wav: str | None


class Pipeline(BaseModel):
    """Each step, as far as it came."""

    step1_atot: HearStep
    step2_ttot: AnswerStep
    step3_tts: SayStep
    success: bool
    user_id: int
    final_data: FinalData
    errors: list[str]


def processed(ended: voice.Ended, outputs: list[str | None], settings: Settings, language: Language) -> Processed:
    turn = ended.turn
    assert turn is not None, "it was kept"
    why = {"tts_error": words(*ended.failed, settings, language)} if ended.failed else {}
    return Processed(
        user_id=turn.user_number,
        input_wav=turn.input_path,
        atot_text=turn.heard,
        ttot_text=turn.reply,
        output_wav=turn.output_path,
        output_wav_list=outputs,
        tts_success=ended.failed is None,
        message=UNSPOKEN if ended.failed else SPOKEN.format(output=turn.output_path),
        **why,
    )


def pipeline(user_id: int, ended: voice.Ended, settings: Settings, language: Language) -> Pipeline:
    turn, failed = ended.turn, ended.failed
    error = words(*failed, settings, language) if failed else None
    input_wav, heard = (turn.input_path, turn.heard) if turn else (None, None)
    reply, output = (turn.reply, turn.output_path) if turn else (None, None)
    stage = failed[0] if failed else None
    return Pipeline(
        step1_atot=HearStep(success=stage != voice.HEAR, user_id=user_id, input_wav=input_wav, atot_text=heard),
        step2_ttot=AnswerStep(success=stage not in (voice.HEAR, voice.ANSWERING), user_id=user_id, ttot_text=reply),
        step3_tts=SayStep(success=failed is None, output_wav=output, tts_error=error if stage == voice.SAY else None),
        success=failed is None,
        user_id=user_id,
        final_data=FinalData(input_wav=input_wav, atot_text=heard, ttot_text=reply, output_wav=output),
        errors=[error] if error else [],
    )

"""The embedded analyser as an engine: each group of measures by its own module, refused where the kind forbids it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Final

from pydantic import Field

from pansori import __version__
from pansori.domain.errors import Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import AnalyzeTask, Kind, Part
from pansori.domain.units import SampleRateHz
from pansori.engines.analyze.base import Analyzer, format_facts, recording_of
from pansori.engines.analyze.measure import Estimate, Label, Refusal, measure
from pansori.engines.analyze.pansori.blocks import Watch, mono_file
from pansori.engines.analyze.pansori.fingerprint import measure_fingerprint
from pansori.engines.analyze.pansori.kind import tell_kind
from pansori.engines.analyze.pansori.loudness import measure_loudness
from pansori.engines.analyze.pansori.musical import measure_music
from pansori.engines.analyze.pansori.signal import measure_signal
from pansori.engines.analyze.pansori.stereo import measure_stereo
from pansori.engines.analyze.pansori.voice import settings as praat_settings
from pansori.engines.analyze.pansori.voice.measure import measure_voice
from pansori.engines.analyze.pansori.voice.settings import VoiceSettings
from pansori.engines.analyze.schema import Analysis, MusicMeasures, VoiceMeasures
from pansori.engines.base import Card, EngineOptions, RunContext

MONO_RATE: Final = SampleRateHz(22_050)  #: of the one channel that music, hum and kind are heard in
SURE: Final = 0.6  #: confidence in the kind below which nothing is refused for it

STAGES: Final[dict[str, tuple[float, float]]] = {
    "kind": (0.0, 0.1),
    "signal": (0.1, 0.2),
    "fingerprint": (0.2, 0.25),
    "stereo": (0.25, 0.3),
    "music": (0.3, 0.6),
    "loudness": (0.6, 0.7),
    "voice": (0.7, 1.0),
}
"""Where each begins and ends in the whole; loudness needs the sections of the music."""

REFUSED: Final[dict[tuple[Part, Kind], Refusal]] = {
    (Part.VOICE, Kind.MUSIC): Refusal.of(
        "not_voice",
        Text(
            "It is music with instruments; periods and formants would be those of the mix.",
            "악기가 함께 있는 음악이라, 목소리만의 값을 잴 수 없어요.",
        ),
    ),
    (Part.VOICE, Kind.NOISE): Refusal.of("noise", Text("It is noise.", "잡음이에요.")),
    (Part.VOICE, Kind.SILENCE): Refusal.of("silence", Text("There is nothing but silence.", "아무 소리도 없어요.")),
    (Part.MUSIC, Kind.SPEECH): Refusal.of(
        "not_music", Text("It is speech, which has no tempo and no key.", "말소리라서 박자나 조성이 없어요.")
    ),
    (Part.MUSIC, Kind.NOISE): Refusal.of("noise", Text("It is noise.", "잡음이에요.")),
    (Part.MUSIC, Kind.SILENCE): Refusal.of("silence", Text("There is nothing but silence.", "아무 소리도 없어요.")),
}


class PansoriAnalyzerOptions(EngineOptions):
    pitch_floor: float = Field(default=75.0, ge=40.0, le=300.0, description="Lowest pitch of a voice, in Hz.")
    pitch_ceiling: float = Field(default=600.0, ge=200.0, le=2000.0, description="Highest pitch of a voice, in Hz.")
    formant_ceiling: float | None = Field(
        default=None,
        ge=3000.0,
        le=8000.0,
        description="Frequency up to which five formants are looked for, in Hz. Default: 5000 for low voices, 5500 for "
        "high ones.",
    )
    silence: float = Field(
        default=-25.0, ge=-60.0, le=-5.0, description="Level of pauses, in dB against the loudest of the speech."
    )
    shortest_pause: float = Field(default=0.3, ge=0.05, le=5.0, description="What is shorter is no pause, in seconds.")

    @property
    def voice(self) -> VoiceSettings:
        return VoiceSettings.model_validate(self.model_dump())


class PansoriAnalyzer(Analyzer[PansoriAnalyzerOptions]):
    """Signal, loudness and stereo of anything; the voice of what is spoken or sung alone; the music of music."""

    name = "pansori"
    Options = PansoriAnalyzerOptions

    def card(self) -> Card:
        return Card(
            summary="Measures signal, loudness (EBU R 128), voices (Praat) and music, and says why where it cannot.",
            summary_ko="신호, 음량(EBU R 128), 목소리(Praat), 음악을 재고, 잴 수 없으면 까닭을 알려 줘요.",
            code_licence="GPL-3.0-or-later",
            parts={"praat": "praat-parselmouth " + version("praat-parselmouth")},
        )

    def run(self, task: AnalyzeTask, options: PansoriAnalyzerOptions, context: RunContext) -> Analysis:
        return _Run(task, options, context).analysis()


class _Run:
    """One analysis, part by part."""

    def __init__(self, task: AnalyzeTask, options: PansoriAnalyzerOptions, context: RunContext) -> None:
        self._task = task
        self._options = options
        self._context = context
        self._recording = recording_of(context)
        self._mono = mono_file(self._recording.samples, self._recording.rate, MONO_RATE, context.scratch / "mono.raw")

    def analysis(self) -> Analysis:
        recording, mono = self._recording, self._mono
        self._kind = kind = self._told_kind()
        wants = self._task.wants
        signal = measure_signal(recording, mono, MONO_RATE, self._watch("signal")) if wants(Part.SIGNAL) else None
        fingerprint, stereo = None, None
        if wants(Part.FINGERPRINT):
            fingerprint = measure_fingerprint(recording, mono, MONO_RATE, self._watch("fingerprint"))
        if wants(Part.STEREO):
            stereo = measure_stereo(recording, self._watch("stereo"))
        music = self._music() if wants(Part.MUSIC) else None
        loudness = None
        if wants(Part.LOUDNESS):
            loudness = measure_loudness(recording, _sections(music), self._watch("loudness"))
        voice = self._voice() if wants(Part.VOICE) else None
        self._context.progress("voice", 1.0)
        return Analysis(
            engine=PansoriAnalyzer.name,
            versions=dict(versions()),
            settings=self._settings(),
            format=format_facts(recording),
            kind=measure("", kind),
            signal=signal,
            fingerprint=fingerprint,
            stereo=stereo,
            music=music,
            loudness=loudness,
            voice=voice,
        )

    def _told_kind(self) -> Estimate[Kind] | Refusal:
        """What the task says it is, or how it sounds; refused where it is too short to tell."""
        if self._task.kind is not None:
            return Estimate(self._task.kind, 1.0)
        return tell_kind(self._mono, MONO_RATE, self._watch("kind"))

    def _music(self) -> MusicMeasures:
        refusal = self._refusal(Part.MUSIC)
        return MusicMeasures.refuse(refusal) if refusal else measure_music(self._mono, self._watch("music"))

    def _voice(self) -> VoiceMeasures:
        refusal = self._refusal(Part.VOICE)
        if refusal:
            return VoiceMeasures.refuse(refusal)
        sung = self._sure_kind() is Kind.SINGING
        return measure_voice(self._recording, self._options.voice, self._watch("voice"), sung=sung)

    def _refusal(self, part: Part) -> Refusal | None:
        """What the kind forbids; where the kind is doubtful, nothing."""
        kind = self._sure_kind()
        return REFUSED.get((part, kind)) if kind else None

    def _sure_kind(self) -> Kind | None:
        kind = self._kind
        return None if isinstance(kind, Refusal) or kind.confidence < SURE else kind.value

    def _watch(self, stage: str) -> Watch:
        begin, end = STAGES[stage]

        def watch(fraction: float) -> None:
            self._context.progress(stage, begin + (end - begin) * min(fraction, 1.0))
            self._context.check_cancelled()

        watch(0.0)
        return watch

    def _settings(self) -> JsonDict:
        return {
            "task": self._task.model_dump(mode="json"),
            "options": self._options.model_dump(mode="json"),
            "praat": praat_settings.TOLD,
            "mono_rate": MONO_RATE,
        }


@cache
def versions() -> dict[str, str]:
    import av
    import parselmouth

    return {
        "pansori": __version__,
        "praat": str(parselmouth.PRAAT_VERSION),
        "ffmpeg": str(av.ffmpeg_version_info),
        "numpy": version("numpy"),
        "scipy": version("scipy"),
    }


def _sections(music: MusicMeasures | None) -> Sequence[Label] | None:
    return music.sections.value if music is not None else None

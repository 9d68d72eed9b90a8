"""The questions that a report answers, and what its measures are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pansori.domain.errors import Text
from pansori.domain.tasks import Kind


@dataclass(frozen=True)
class Question:
    """`answers`: the measures that answer it, the first above all. `plot`: the one that proves it, if any. `measures`:
    the others. All as `group.field`."""

    text: Text
    answers: tuple[str, ...]
    plots: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        Text("How fast, and in what metre?", "얼마나 빠르고, 몇 박자인가요?"),
        ("music.tempo", "music.metre"),
        ("waveform",),
        (
            "music.beats_per_bar",
            "music.beats",
            "music.downbeats",
            "music.swing",
            "music.tempo_curve",
            "music.onsets",
            "music.danceability",
            "music.sections",
        ),
    ),
    Question(
        Text("In what key?", "무슨 조인가요?"),
        ("music.key",),
        ("chroma",),
        ("music.tuning", "music.chords", "music.key_scores"),
    ),
    Question(
        Text("How loud?", "얼마나 큰가요?"),
        ("loudness.integrated", "loudness.true_peak"),
        ("loudness",),
        (
            "loudness.loudness_range",
            "loudness.max_momentary",
            "loudness.max_short_term",
            "loudness.peak_to_loudness",
            "loudness.sections",
            "loudness.momentary",
            "loudness.short_term",
            "music.energy",
            "music.dynamics",
        ),
    ),
    Question(
        Text("How high, and how does the pitch move?", "얼마나 높고, 음높이가 어떻게 움직이나요?"),
        ("voice.f0_median", "voice.f0_range"),
        ("pitch",),
        (
            "voice.f0_mean",
            "voice.f0_deviation",
            "voice.f0_minimum",
            "voice.f0_maximum",
            "voice.f0",
            "voice.voiced_fraction",
            "voice.voiced",
            "music.melody",
        ),
    ),
    Question(
        Text("How does the voice sound?", "목소리의 질은 어떤가요?"),
        ("voice.hnr", "voice.jitter_local", "voice.shimmer_local"),
        (),
        (
            "voice.cpps",
            "voice.jitter_rap",
            "voice.jitter_ppq5",
            "voice.shimmer_apq3",
            "voice.shimmer_apq5",
            "voice.shimmer_apq11",
        ),
    ),
    Question(
        Text("How fast is the speech?", "말이 얼마나 빠른가요?"),
        ("voice.articulation_rate", "voice.speaking_rate"),
        (),
        (
            "voice.syllables",
            "voice.word_rate",
            "voice.pauses",
            "voice.snr",
            "voice.intensity_mean",
            "voice.intensity",
            "voice.transcript",
            "voice.speakers",
        ),
    ),
    Question(
        Text("How bright is it, and where are the formants?", "음색이 얼마나 밝고, 포먼트는 어디인가요?"),
        ("voice.formants", "music.brightness"),
        ("spectrogram",),
        ("music.rolloff", "music.spectral_balance", "signal.bandwidth", "voice.formant_curves"),
    ),
    Question(
        Text("How wide, and what is left in mono?", "얼마나 넓고, 모노에서 무엇이 남나요?"),
        ("stereo.width", "stereo.mono_compatible"),
        (),
        ("stereo.correlation", "stereo.balance", "stereo.mono_loss"),
    ),
    Question(
        Text("Is the recording sound?", "녹음 상태는 괜찮은가요?"),
        ("signal.peak", "signal.clipped_samples"),
        (),
        (
            "signal.rms",
            "signal.crest_factor",
            "signal.clipped_runs",
            "signal.dc_offset",
            "signal.leading_silence",
            "signal.trailing_silence",
            "signal.hum_frequency",
            "signal.hum_level",
            "signal.waveform",
        ),
    ),
    Question(
        Text("Which sound is it?", "어떤 소리인지 어떻게 알아보나요?"),
        ("fingerprint.samples_sha256",),
        (),
        ("fingerprint.chroma_print",),
    ),
)

NAMES: Final[dict[str, Text]] = {
    "signal.peak": Text("Sample peak", "샘플 최고값"),
    "signal.rms": Text("Level (RMS)", "평균 레벨(RMS)"),
    "signal.crest_factor": Text("Crest factor", "파고율"),
    "signal.dc_offset": Text("DC offset", "직류 성분"),
    "signal.clipped_samples": Text("Clipped samples", "잘린 샘플"),
    "signal.clipped_runs": Text("Clipped runs", "잘린 구간 수"),
    "signal.leading_silence": Text("Silence at the beginning", "앞쪽 무음"),
    "signal.trailing_silence": Text("Silence at the end", "뒤쪽 무음"),
    "signal.hum_frequency": Text("Hum, frequency", "전원 험 주파수"),
    "signal.hum_level": Text("Hum, level", "전원 험 레벨"),
    "signal.bandwidth": Text("Bandwidth", "대역폭"),
    "signal.waveform": Text("Waveform", "파형"),
    "fingerprint.samples_sha256": Text("SHA-256 of the samples", "샘플의 SHA-256"),
    "fingerprint.chroma_print": Text("Acoustic fingerprint", "음향 지문"),
    "loudness.integrated": Text("Integrated loudness", "통합 음량"),
    "loudness.loudness_range": Text("Loudness range", "음량 범위(LRA)"),
    "loudness.max_momentary": Text("Loudest 0.4 s", "가장 큰 0.4초"),
    "loudness.max_short_term": Text("Loudest 3 s", "가장 큰 3초"),
    "loudness.true_peak": Text("True peak", "트루 피크"),
    "loudness.peak_to_loudness": Text("Peak to loudness", "피크와 음량의 차"),
    "loudness.momentary": Text("Momentary loudness", "순간 음량"),
    "loudness.short_term": Text("Short-term loudness", "단기 음량"),
    "loudness.sections": Text("Loudness of the sections", "구간별 음량"),
    "stereo.correlation": Text("Correlation", "상관"),
    "stereo.width": Text("Width", "폭"),
    "stereo.balance": Text("Balance, left over right", "좌우 균형"),
    "stereo.mono_loss": Text("Lost in mono", "모노에서 잃는 양"),
    "stereo.mono_compatible": Text("Holds in mono", "모노 호환"),
    "voice.voiced_fraction": Text("Voiced share", "유성음 비율"),
    "voice.f0_mean": Text("Pitch, mean", "평균 음높이"),
    "voice.f0_median": Text("Pitch, median", "음높이 중앙값"),
    "voice.f0_deviation": Text("Pitch, standard deviation", "음높이 표준 편차"),
    "voice.f0_minimum": Text("Pitch, lowest", "가장 낮은 음높이"),
    "voice.f0_maximum": Text("Pitch, highest", "가장 높은 음높이"),
    "voice.f0_range": Text("Pitch range, 5 % to 95 %", "음높이 폭(5–95%)"),
    "voice.f0": Text("Pitch over time", "음높이 곡선"),
    "voice.voiced": Text("Voiced stretches", "유성음 구간"),
    "voice.jitter_local": Text("Jitter, local", "지터(local)"),
    "voice.jitter_rap": Text("Jitter, RAP", "지터(RAP)"),
    "voice.jitter_ppq5": Text("Jitter, PPQ5", "지터(PPQ5)"),
    "voice.shimmer_local": Text("Shimmer, local", "시머(local)"),
    "voice.shimmer_apq3": Text("Shimmer, APQ3", "시머(APQ3)"),
    "voice.shimmer_apq5": Text("Shimmer, APQ5", "시머(APQ5)"),
    "voice.shimmer_apq11": Text("Shimmer, APQ11", "시머(APQ11)"),
    "voice.hnr": Text("Harmonics to noise", "조화음 대 잡음비(HNR)"),
    "voice.cpps": Text("Cepstral peak (CPPS)", "켑스트럼 피크(CPPS)"),
    "voice.formants": Text("Formants", "포먼트"),
    "voice.formant_curves": Text("Formants over time", "포먼트 곡선"),
    "voice.intensity_mean": Text("Intensity, mean", "평균 세기"),
    "voice.intensity": Text("Intensity over time", "세기 곡선"),
    "voice.syllables": Text("Syllables", "음절 수"),
    "voice.speaking_rate": Text("Speaking rate, syllables", "발화 속도(음절)"),
    "voice.articulation_rate": Text("Articulation rate, syllables", "조음 속도(음절)"),
    "voice.word_rate": Text("Speaking rate, words", "발화 속도(단어)"),
    "voice.transcript": Text("Transcript", "받아쓴 글"),
    "voice.speakers": Text("Speakers", "말하는 사람"),
    "voice.pauses": Text("Pauses", "쉼"),
    "voice.snr": Text("Signal to noise", "신호 대 잡음비"),
    "music.tempo": Text("Tempo", "템포"),
    "music.tempo_curve": Text("Tempo over time", "템포 곡선"),
    "music.beats": Text("Beats", "박"),
    "music.downbeats": Text("Bars", "마디"),
    "music.metre": Text("Metre", "박자"),
    "music.beats_per_bar": Text("Beats in a bar", "한 마디의 박"),
    "music.swing": Text("Swing", "스윙"),
    "music.key": Text("Key", "조"),
    "music.key_scores": Text("Likeness to the keys' profiles", "조의 음 분포와 닮은 정도"),
    "music.tuning": Text("Tuning of A against 440 Hz", "440 Hz 기준 조율"),
    "music.chords": Text("Chords", "화음"),
    "music.sections": Text("Sections", "구간"),
    "music.onsets": Text("Onsets", "음의 시작"),
    "music.melody": Text("Melody", "선율"),
    "music.danceability": Text("Danceability", "춤추기 좋은 정도"),
    "music.brightness": Text("Brightness (spectral centroid)", "밝기(스펙트럼 중심)"),
    "music.rolloff": Text("85 % of the power below", "에너지의 85%가 있는 곳"),
    "music.spectral_balance": Text("Spectral balance", "대역별 비율"),
    "music.energy": Text("Energy (RMS) over time", "시간에 따른 에너지(RMS)"),
    "music.dynamics": Text("Dynamics, 10 % to 95 %", "셈여림 폭(10–95%)"),
}

KINDS: Final[dict[Kind, Text]] = {
    Kind.MUSIC: Text("Music", "음악"),
    Kind.SPEECH: Text("Speech", "말소리"),
    Kind.SINGING: Text("Singing", "노래(목소리만)"),
    Kind.NOISE: Text("Noise", "잡음"),
    Kind.SILENCE: Text("Silence", "무음"),
}

UNITS: Final[dict[str, Text]] = {
    "semitones": Text("semitones", "반음"),
    "cents": Text("cents", "센트"),
    "samples": Text("samples", "샘플"),
    "s": Text("s", "초"),
    "1/s": Text("per second", "회/초"),
    "1/min": Text("per minute", "회/분"),
}
"""What is not written the same everywhere."""
YES, NO = Text("yes", "예"), Text("no", "아니요")
SURE: Final = (
    (0.8, Text("sure", "확실해요")),
    (0.5, Text("fairly sure", "꽤 확실해요")),
    (0.0, Text("unsure", "불확실해요")),
)
"""What a confidence from there on is called."""
OR: Final = Text("or", "또는")
FILE: Final = Text("Settings and versions", "설정과 버전")
ALL_SPANS: Final = Text("all of them", "모두 보기")
DAMAGED: Final = Text("Parts of the file cannot be decoded and are left out.", "파일 일부를 읽을 수 없어 빼고 쟀어요.")

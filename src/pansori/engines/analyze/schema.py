"""What every analysis looks like. The version's first number changes when a field's meaning does."""

from __future__ import annotations

from pydantic import Field

from pansori.domain.errors import Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Kind
from pansori.domain.units import Bytes, Hertz, SampleRateHz, Seconds
from pansori.engines.analyze.measure import Curve, Frozen, Group, Label, Measure, Span, measured

SCHEMA_VERSION = "1.1"


class FormatFacts(Frozen):
    """What the file is, told by its bytes and not by its name or header."""

    container: str = Field(description="As FFmpeg calls it.")
    codec: str
    media_type: str
    sample_rate: SampleRateHz
    channels: int
    duration: Seconds = Field(description="Of the samples that could be decoded, in seconds.")
    size: Bytes
    bit_rate: float = Field(description="Bits a second: size by duration.")
    video: bool = Field(description="It has moving pictures too.")
    damaged: bool = Field(description="Parts of it cannot be decoded and are left out.")
    sha256: str = Field(description="Of the file's bytes.")


class Waveform(Frozen):
    """The largest magnitude, over all channels, in equal parts of the time; full scale is 1."""

    step: Seconds
    values: tuple[float, ...]


class SignalMeasures(Group):
    peak: Measure[float] = measured("dBFS", "The highest sample")
    rms: Measure[float] = measured("dBFS", "Root mean square of all channels; a full-scale sine has -3.01")
    crest_factor: Measure[float] = measured("dB", "Peak over root mean square")
    dc_offset: Measure[float] = measured("", "Mean of the channel that is farthest from zero; full scale is 1")
    clipped_samples: Measure[int] = measured("samples", "In runs of three and more at one highest level")
    clipped_runs: Measure[int] = measured("", "How many such runs there are")
    leading_silence: Measure[float] = measured("s", "Before the first sound above -60 dBFS")
    trailing_silence: Measure[float] = measured("s", "After the last sound above -60 dBFS")
    hum_frequency: Measure[float] = measured("Hz", "Of the mains: 50 or 60; refused where none is heard")
    hum_level: Measure[float] = measured("dBFS", "Of the mains' hum and its first harmonics together")
    bandwidth: Measure[float] = measured("Hz", "Up to where there is anything: 99.9 % of the power lies below")
    waveform: Measure[Waveform] = measured("", "For drawing")


class FingerprintMeasures(Group):
    samples_sha256: Measure[str] = measured("", "Of the decoded samples: the same sound in another lossless file")
    chroma_print: Measure[str] = measured("", "How the harmony moves in the first two minutes, 24 bits every 1/8 s")


class SectionLoudness(Span):
    label: str
    integrated: float | None = Field(description="Gated loudness in LUFS. Null: nothing in it passes the gate.")


class LoudnessMeasures(Group):
    """EBU R 128: loudness by ITU-R BS.1770, range by EBU Tech 3342."""

    integrated: Measure[float] = measured("LUFS", "Gated loudness of the whole")
    loudness_range: Measure[float] = measured("LU", "EBU Tech 3342")
    max_momentary: Measure[float] = measured("LUFS", "The loudest 0.4 s")
    max_short_term: Measure[float] = measured("LUFS", "The loudest 3 s")
    true_peak: Measure[float] = measured("dBTP", "The highest level between or on the samples")
    peak_to_loudness: Measure[float] = measured("LU", "True peak over integrated loudness")
    momentary: Measure[Curve] = measured("LUFS", "Windows of 0.4 s, by their ends")
    short_term: Measure[Curve] = measured("LUFS", "Windows of 3 s, by their ends")
    sections: Measure[tuple[SectionLoudness, ...]] = measured("", "Gated loudness of each section of the music")


class StereoMeasures(Group):
    correlation: Measure[float] = measured("", "Of left and right: 1 is mono, 0 unrelated, -1 out of phase")
    width: Measure[float] = measured("", "Side's share of the power: 0 is mono, 0.5 unrelated channels, 1 side alone")
    balance: Measure[float] = measured("dB", "Left over right")
    mono_loss: Measure[float] = measured(
        "dB", "Power lost in (L+R)/2 against the mean of both channels; 3 if unrelated"
    )
    mono_compatible: Measure[bool] = measured("", "Nothing essential is lost in mono: less than 6 dB, in every octave")


class FormantMeasures(Frozen):
    """Of one formant, over all voiced frames."""

    number: int
    mean: Hertz
    median: Hertz
    bandwidth: Hertz


class Word(Span):
    text: str
    speaker: str | None = Field(default=None, description="As in `speakers`. Null: unknown.")
    confidence: float | None = Field(default=None, ge=0.0, le=1.0)


class VoiceMeasures(Group):
    """As Praat measures them; the settings are in the result."""

    voiced_fraction: Measure[float] = measured("", "Of all frames of pitch")
    f0_mean: Measure[float] = measured("Hz", "Pitch over voiced frames")
    f0_median: Measure[float] = measured("Hz", "Pitch over voiced frames")
    f0_deviation: Measure[float] = measured("Hz", "Standard deviation of pitch")
    f0_minimum: Measure[float] = measured("Hz", "Lowest pitch")
    f0_maximum: Measure[float] = measured("Hz", "Highest pitch")
    f0_range: Measure[float] = measured("semitones", "From the 5th to the 95th percentile of pitch")
    f0: Measure[Curve] = measured("Hz", "Pitch over time; null where nothing is voiced")
    voiced: Measure[tuple[Span, ...]] = measured("", "Voiced stretches")
    jitter_local: Measure[float] = measured("", "Mean difference of neighbouring periods, by the mean period")
    jitter_rap: Measure[float] = measured("", "Relative average perturbation, three periods")
    jitter_ppq5: Measure[float] = measured("", "Period perturbation quotient, five periods")
    shimmer_local: Measure[float] = measured("", "Mean difference of neighbouring amplitudes, by the mean amplitude")
    shimmer_apq3: Measure[float] = measured("", "Amplitude perturbation quotient, three periods")
    shimmer_apq5: Measure[float] = measured("", "Amplitude perturbation quotient, five periods")
    shimmer_apq11: Measure[float] = measured("", "Amplitude perturbation quotient, eleven periods")
    hnr: Measure[float] = measured("dB", "Harmonics-to-noise ratio, mean over voiced frames")
    cpps: Measure[float] = measured("dB", "Smoothed cepstral peak prominence")
    formants: Measure[tuple[FormantMeasures, ...]] = measured("Hz", "F1 to F4")
    formant_curves: Measure[tuple[Curve, ...]] = measured("Hz", "F1 to F4 over time; null where nothing is voiced")
    intensity_mean: Measure[float] = measured("dB", "Energy mean, re 20 µPa if full scale is 1 Pa, as Praat has it")
    intensity: Measure[Curve] = measured("dB", "Over time")
    syllables: Measure[int] = measured("", "Nuclei, by dips of intensity between voiced peaks")
    speaking_rate: Measure[float] = measured("1/s", "Syllables by the time from first to last sound")
    articulation_rate: Measure[float] = measured("1/s", "Syllables by the time that is spoken, pauses left out")
    pauses: Measure[tuple[Span, ...]] = measured("", "Silences of 0.3 s and more between sounds")
    snr: Measure[float] = measured("dB", "Speech over what is heard in its pauses")
    transcript: Measure[tuple[Word, ...]] = measured("", "Words that are said, with their times")
    speakers: Measure[tuple[Label, ...]] = measured("", "Who speaks when; one name for one voice")
    word_rate: Measure[float] = measured("1/min", "Words by the time from the first to the last of them")


class ScoredKey(Frozen):
    key: str
    score: float = Field(description="How well the key's profile fits.")


class Band(Frozen):
    name: str
    lowest: Hertz
    highest: Hertz
    share: float = Field(description="Of the power.")


class MusicMeasures(Group):
    tempo: Measure[float] = measured("BPM", "Beats a minute, in the octave at which people tap")
    tempo_curve: Measure[tuple[tuple[float, float], ...]] = measured("s, BPM", "Tempo from beat to beat, smoothed")
    beats: Measure[tuple[float, ...]] = measured("s", "Times of the beats")
    downbeats: Measure[tuple[float, ...]] = measured("s", "Times of the first beats of bars")
    metre: Measure[str] = measured("", "`4/4`, `3/4`, `6/8` or `12/8`")
    beats_per_bar: Measure[int] = measured("", "Beats in a bar")
    swing: Measure[float] = measured("", "0: halves of a beat are equal; 1: as in triplets")
    key: Measure[str] = measured("", "Such as `C major` or `F# minor`")
    key_scores: Measure[tuple[ScoredKey, ...]] = measured("", "Every key, likeliest first")
    tuning: Measure[float] = measured("cents", "Of A against 440 Hz")
    chords: Measure[tuple[Label, ...]] = measured("", "In Harte's syntax, as `A:min` or `G:7`; `N`: no chord")
    sections: Measure[tuple[Label, ...]] = measured("", "Parts of the form; what repeats has one letter")
    onsets: Measure[tuple[float, ...]] = measured("s", "Times at which notes begin")
    melody: Measure[tuple[tuple[float, float | None], ...]] = measured("s, Hz", "The most salient pitch; null: none")
    danceability: Measure[float] = measured("", "From 0 to 1: how steady, strong and danceable the beat is")
    brightness: Measure[float] = measured(
        "Hz", "Centre of the power spectrum, over time weighted by power; by magnitude, as others have it, it is higher"
    )
    rolloff: Measure[float] = measured("Hz", "85 % of the power lie below")
    spectral_balance: Measure[tuple[Band, ...]] = measured("", "Shares of the power")
    energy: Measure[Curve] = measured("dBFS", "Root mean square of every second up to 11 kHz, channels mixed")
    dynamics: Measure[float] = measured("dB", "From the 10th to the 95th percentile of the level")


class Analysis(Frozen):
    """Everything that was measured of one recording. A part that was not asked for is null."""

    schema_version: str = SCHEMA_VERSION
    engine: str
    versions: dict[str, str] = Field(description="Of the program and of the libraries that measured.")
    settings: JsonDict = Field(description="What the measures were made with.")
    format: FormatFacts
    kind: Measure[Kind] = Field(description="What it is; decides what is refused. Refused itself below 0.2 s.")
    signal: SignalMeasures | None = None
    fingerprint: FingerprintMeasures | None = None
    loudness: LoudnessMeasures | None = None
    stereo: StereoMeasures | None = None
    voice: VoiceMeasures | None = None
    music: MusicMeasures | None = None
    corrections: JsonDict | None = Field(default=None, description="What people said against it. Null: nothing.")
    notices: tuple[Text, ...] = ()

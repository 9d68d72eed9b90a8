"""Phonemes as espeak names them in IPA, and how those of a word are shared out among its written syllables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pansori.domain.units import Seconds
from pansori.engines.compose.house_band.model import Language

STRESS_MARKS = "ˈˌ"
SYLLABIC = "\u0329"  # the stroke under a consonant that is a syllable's nucleus
VOWELS = frozenset("aeiouyæɐɑɒɔɘəɚɛɜɝɞɤɨɪɯɵøœɶʉʊʌʏᵻ")
VOICELESS = frozenset("pktcqfhsxçθʃʔɕʂχħɸ")
GLIDES = frozenset("jw")
LIQUIDS = frozenset("lɹɾɫr")

_GLIDE_MAX = 0.075  # seconds
# Two consonants that may begin an English syllable; three are `s` and two of these that begin with a stop.
_ONSETS = frozenset(
    first + second
    for first, seconds in {
        "p": "lɹj", "b": "lɹj", "t": "ɹwj", "d": "ɹwj", "k": "lɹwj", "ɡ": "lɹw", "f": "lɹj", "θ": "ɹw", "ʃ": "ɹ",
        "s": "ptkmnlwfj", "h": "jw", "v": "j", "m": "j", "n": "j", "l": "j",
    }.items()
    for second in seconds
)  # fmt: skip


@dataclass(frozen=True)
class Phoneme:
    ipa: str  #: stress mark included; empty: a pause
    start: Seconds
    end: Seconds

    @property
    def symbol(self) -> str:
        return self.ipa.lstrip(STRESS_MARKS)

    @property
    def duration(self) -> float:
        return self.end - self.start

    @property
    def is_pause(self) -> bool:
        return not self.symbol

    @property
    def is_nucleus(self) -> bool:
        return bool(self.symbol) and (self.symbol[0] in VOWELS or SYLLABIC in self.symbol)

    @property
    def is_voiceless(self) -> bool:
        return self.is_pause or self.symbol[0] in VOICELESS

    @property
    def is_sonorant(self) -> bool:
        """Voiced throughout: a vowel, nasal, liquid or glide."""
        return self.is_nucleus or (not self.is_pause and self.symbol[0] in "mnŋɴɲjwlɹɾɫrɰ")

    @property
    def steady(self) -> tuple[Seconds, Seconds]:
        """The part to hold when it is sung long: all of a plain vowel, of a diphthong the first half."""
        glides = sum(character in VOWELS or character in LIQUIDS for character in self.symbol) > 1
        return self.start, Seconds(self.start + self.duration * (0.5 if glides else 1.0))

    @property
    def weight(self) -> float:
        """How much it has the right to be the vowel that is held: longer and stressed ones more."""
        stress = 2.0 if self.ipa[:1] == "ˈ" else 1.3 if self.ipa[:1] == "ˌ" else 1.0
        return self.duration * stress * (0.6 if self.symbol[0] in "əɚᵻ" else 1.0)


@dataclass(frozen=True)
class Span:
    """A written syllable's part of a spoken word, in seconds of the word's sound; the parts touch."""

    onset: Seconds  #: where its first consonant begins
    vowel: Seconds  #: where the vowel begins: this falls on the beat
    hold: tuple[Seconds, Seconds]  #: the vowel that is held
    coda: Seconds  #: where the vowel ends and the last consonants begin
    end: Seconds


def syllabify(phonemes: Sequence[Phoneme], count: int, language: Language) -> tuple[Span, ...] | None:
    """Share out a word's phonemes among its `count` written syllables. None: there is no vowel among them.

    More spoken vowels than written syllables: neighbours share a syllable, weak ones first. Fewer: the longest are
    sung twice or more. So every written syllable has a vowel of its own.
    """
    sounds = [phoneme for phoneme in phonemes if not phoneme.is_pause]
    nuclei = [index for index, phoneme in enumerate(sounds) if phoneme.is_nucleus]
    if not nuclei or count < 1:
        return None
    groups = _merge(sounds, nuclei, count) if len(nuclei) > count else [[index] for index in nuclei]
    spans = _spans(sounds, groups, language)
    return tuple(_split(spans, count))


def _merge(sounds: Sequence[Phoneme], nuclei: Sequence[int], count: int) -> list[list[int]]:
    """Neighbouring nuclei in `count` groups, such that as little weight as possible is not the heaviest of its
    group. Joins the cheapest pair until enough are joined: words are short, so this is near enough to the best."""
    groups = [[index] for index in nuclei]
    while len(groups) > count:

        def cost(at: int) -> float:
            return min(max(sounds[index].weight for index in group) for group in groups[at : at + 2])

        at = min(range(len(groups) - 1), key=cost)
        groups[at : at + 2] = [groups[at] + groups[at + 1]]
    return groups


def _spans(sounds: Sequence[Phoneme], groups: Sequence[Sequence[int]], language: Language) -> list[Span]:
    firsts = [0]
    for before, after in pairwise(groups):
        cluster = [sounds[index].symbol for index in range(before[-1] + 1, after[0])]
        firsts.append(after[0] - onset_size(cluster, language))
    spans = []
    for number, group in enumerate(groups):
        stop = firsts[number + 1] if number + 1 < len(groups) else len(sounds)
        held = max((sounds[index] for index in group), key=lambda phoneme: phoneme.weight)
        spans.append(
            Span(
                onset=_start(sounds[firsts[number] : group[0] + 1]),
                vowel=sounds[group[0]].start,
                hold=held.steady,
                coda=sounds[group[-1]].end,
                end=sounds[stop - 1].end,
            )
        )
    return spans


def _start(sounds: Sequence[Phoneme]) -> Seconds:
    """Where a syllable's consonants begin, given them and its vowel. A glide or liquid alone is cut short: it is as
    loud as a vowel, and a long one before the beat is heard as being early."""
    consonant, vowel = sounds[0], sounds[-1].start
    if len(sounds) == 2 and consonant.symbol[0] in GLIDES | LIQUIDS:
        return Seconds(max(consonant.start, vowel - _GLIDE_MAX))
    return consonant.start


def onset_size(cluster: Sequence[str], language: Language) -> int:
    """How many of the consonants between two vowels begin the second syllable."""
    if not cluster or cluster[-1][0] == "ŋ":
        return 0
    if language == "ko":  # at most one consonant, and a glide after it
        return min(len(cluster), 2 if cluster[-1] in GLIDES and len(cluster) > 1 and cluster[-2][0] != "ŋ" else 1)
    size = 1
    if len(cluster) > 1 and cluster[-2] + cluster[-1] in _ONSETS:
        size = 2
        if len(cluster) > 2 and cluster[-3] == "s" and cluster[-2] in "ptk":
            size = 3
    return size


def _split(spans: Sequence[Span], count: int) -> list[Span]:
    """Give the longest vowels to several written syllables until there are `count`."""
    shares = [1] * len(spans)
    while sum(shares) < count:
        longest = max(range(len(spans)), key=lambda at: (spans[at].coda - spans[at].vowel) / shares[at])
        shares[longest] += 1
    parts: list[Span] = []
    for span, share in zip(spans, shares, strict=True):
        parts.extend(_cut(span, share))
    return parts


def _cut(span: Span, share: int) -> list[Span]:
    if share == 1:
        return [span]
    low, high = span.vowel, span.coda
    edges = [*(Seconds(low + (high - low) * number / share) for number in range(share)), high]
    parts = []
    for number, (start, stop) in enumerate(pairwise(edges)):
        parts.append(
            Span(
                onset=span.onset if number == 0 else start,
                vowel=start,
                hold=(start, stop),
                coda=stop,
                end=span.end if number == share - 1 else stop,
            )
        )
    return parts

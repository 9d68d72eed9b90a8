"""English words taken apart into syllables, with their stresses, by rule and a short list of exceptions."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

#: Words that rules get wrong: their syllables, the stressed one in capitals.
_EXCEPTIONS = (
    "EV-ery EV-ery-thing EV-ery-one EV-ery-where EV-ery-bod-y ev-ery-DAY some-TIMES SOME-times SOME-thing SOME-one "
    "SOME-where SOME-bod-y cre-ATE i-DE-a i-DE-as RE-al-ize PEO-ple BEAU-ti-ful BEAU-ty EYES GOOD-bye CHOC-olate "
    "FAM-i-ly DIF-ferent IN-terest BUSI-ness WED-nes-day EVE-ning E-ven SE-ven O-pen HEA-ven e-LEV-en for-EV-er "
    "nev-ER-more NEV-er EV-er OV-er a-WAY to-DAY to-NIGHT to-MOR-row a-GAIN be-CAUSE be-FORE a-LONE a-ROUND a-BOVE "
    "a-BOUT be-LIEVE be-TWEEN be-YOND in-SIDE out-SIDE my-SELF your-SELF him-SELF her-SELF good-BYE hel-LO gui-TAR "
    "MU-sic BA-by LA-dy CRA-zy MON-ey HON-ey o-KAY POW-er FLOW-er SHOW-er TOW-er HOUR FIRE DE-sire de-SIRE LI-on "
    "QUI-et SCI-ence DI-a-mond VI-o-let PI-a-no RA-di-o O-ce-an CHAM-pion on-ly ON-ly LONE-ly LOVE-ly SURE-ly "
    "SOME-how SAFE-ly HOME-town MAY-be may-BE LIFE-time FIRE-works WON-der-ful UN-der un-DER-stand RE-mem-ber "
    "re-MEM-ber TO-geth-er to-GETH-er SUM-mer WIN-ter MEM-o-ry MEM-o-ries u-NI-verse U-ni-verse MIL-lion POEM "
    "BE-ing SEE-ing DO-ing GO-ing CRU-el DU-et PO-et THE-a-ter CA-fe WHERE-ev-er what-EV-er wher-EV-er when-EV-er "
    "HOW-ev-er how-EV-er SOUL SOULS TOUCHED WALKED NA-ked WICK-ed CROOK-ed SA-cred HUN-dred RE-cipe IS-land "
    "IS-lands DOES-n't IS-n't WAS-n't COULD-n't WOULD-n't SHOULD-n't DID-n't HAD-n't HAS-n't HAVE-n't AR-en't "
    "AIN'T DON'T WON'T CAN'T LIT-tle TA-ble AN-gel AN-gels SMILE WHILE RHY-thm RHY-thms PRIS-m TRUE BLUE LEAGUE "
    "TONGUE DIA-logue MOM-ent MO-ment MO-ments THOU-sand SHAD-ow SHAD-ows TO-ward COL-or COL-ors a-CROSS a-LIVE "
    "a-WAKE a-SLEEP ho-RI-zon HO-tel ho-TEL CHA-os NA-ive BO-a SNEAK-ers VIDE-o VID-e-o STU-di-o ROM-e-o AR-e-a "
    "DREAM-ing ROY-al LOY-al POI-son FOR-tune FU-ture PIC-ture NA-ture LEI-sure TREA-sure PLEA-sure"
)
EXCEPTIONS = {word.replace("-", "").lower(): tuple(word.split("-")) for word in _EXCEPTIONS.split()}
#: Little words that are sung lightly.
_LIGHT = (
    "a an the and or but of in on at to for from with by as is am are was were be been it its i you he she we they me "
    "my your his her our their us them this that so if than then do does did have has had will would can could shall "
    "should may might must i'm you're he's she's it's we're they're i'll i've i'd"
)
LIGHT = frozenset(_LIGHT.split())
PREFIXES = ("be", "re", "de", "for", "un", "in", "ex", "en", "em", "com", "con", "dis", "mis", "pre", "per", "sur")
_VOWELS = "aeiouy"
_ONSET_LETTERS = (
    "bl br ch cl cr dr dw fl fr gl gr kn ph pl pr sc sh sk sl sm sn sp st sw th tr tw wh wr "
    "scr shr spl spr squ str thr chr sch"
)
_ONSETS = frozenset(_ONSET_LETTERS.split())
#: Pairs of vowel letters that are two vowels.
_HIATUS = re.compile(r"ia|io|iu|eo|ua|uo|ue(?=l|t)|ie(?=r|t|n[ct])|oe(?=m|t)|ye(?=r)|[aeiou]i(?=ng)|yi|uu")
_HIATUS_NOT = re.compile(
    r"(?<=[tcsgx])i[ao]|qu[aeio]|gu[aei](?![a-z]*ng$)|(?<=[tcs])ie|eo(?=p)|(?<=[tcsdlrnf])ue$|(?<=l)ia(?=r)"
)


@lru_cache(maxsize=4096)
def syllables(word: str) -> tuple[tuple[str, int], ...]:
    """The syllables of `word` (letters and apostrophes, any case) with their stress: 0 none, 1 secondary, 2 primary.

    Their texts join to the word. Every word has at least one.
    """
    lowered = word.lower().replace("’", "'")
    known = EXCEPTIONS.get(lowered)
    parts = _by_lengths(word, [len(part) for part in known]) if known else _split(word, lowered)
    if len(parts) == 1:
        return ((parts[0], 0 if lowered in LIGHT else 2),)
    stressed = _stressed(lowered, parts)
    if known:
        stressed = next((index for index, part in enumerate(known) if part.isupper()), stressed)
    return tuple(
        (part, 2 if index == stressed else 1 if abs(index - stressed) == 2 else 0) for index, part in enumerate(parts)
    )


def _by_lengths(word: str, lengths: list[int]) -> list[str]:
    parts, at = [], 0
    for length in lengths:
        parts.append(word[at : at + length])
        at += length
    return parts


def _nuclei(word: str) -> list[tuple[int, int]]:
    """Where the vowels are: pairs of start and end."""
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"[aeiouy]+", word):
        start, end = match.span()
        if word[start] == "y" and end - start > 1 and (start == 0 or word[start - 1] in _VOWELS):
            start += 1  # a consonant, as in `yes`
        if word[start - 1 : start + 1] == "qu" and end - start > 1:
            start += 1
        cut = _hiatus(word, start, end)
        found.extend([(start, cut), (cut, end)] if cut else [(start, end)])
    return _without_silent(word, found)


def _hiatus(word: str, start: int, end: int) -> int | None:
    for match in _HIATUS.finditer(word, start):
        if match.start() + 1 >= end:
            return None
        if not any(silent.start() <= match.start() < silent.end() for silent in _HIATUS_NOT.finditer(word)):
            return match.start() + 1
    return None


def _without_silent(word: str, nuclei: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if len(nuclei) < 2:
        return nuclei
    start = nuclei[-1][0]
    tail = word[start:].replace("'", "")
    if tail in ("e", "es", "ed", "ely") or (word[start] == "e" and tail in ("eless", "eful")):
        before = word[:start]
        sounding = {
            "e": before[-1] == "l" and before[-2:-1] not in (*_VOWELS, "l", "r", ""),
            "es": before.endswith(("s", "x", "z", "ch", "sh", "c", "g"))
            or (before[-1] == "l" and before[-2] not in _VOWELS),
            "ed": before.endswith(("t", "d")) or (before[-1] == "l" and before[-2] not in _VOWELS + "l"),
        }
        if tail in sounding and not sounding[tail]:
            return nuclei[:-1]
    return [
        span
        for span, following in zip(nuclei, [*nuclei[1:], None], strict=True)
        if following is None
        or not re.fullmatch(r"e(?:ly|ness|ment|ful|less)(?:s|ly)?", word[span[0] :])
        or span == nuclei[0]
    ]


def _split(word: str, lowered: str) -> list[str]:
    nuclei = _nuclei(lowered)
    if len(nuclei) < 2:
        return [word]
    cuts = [_cut(lowered, left[1], right[0]) for left, right in pairwise(nuclei)]
    edges = [0, *cuts, len(word)]
    return [word[start:end] for start, end in pairwise(edges)]


def _cut(word: str, start: int, end: int) -> int:
    """Where the consonants between two vowels are parted: the next syllable takes what a word may begin with."""
    cluster = word[start:end].replace("'", "")
    if len(cluster) <= 1:
        return start if "'" not in word[start:end] else end - len(cluster)
    if cluster in ("ng", "ck", "x", "nk") and word[end:] in ("ing", "er", "ers", "y", "ed", "in"):
        return end if cluster != "nk" else end - 1
    if cluster[-1] == "l" and cluster[-2] not in "lnrw" and word[end:] in ("e", "es", "ed", "er", "ers", "ing", "y"):
        return end - 2
    for size in (3, 2):
        if (
            len(cluster) >= size
            and cluster[-size:] in _ONSETS
            and not (size == 2 and len(cluster) == 2 and cluster[0] == "s")
        ):
            return end - size
    return end - 1


def _stressed(word: str, parts: list[str]) -> int:
    count = len(parts)
    if re.search(r"(?:tion|sion|cian|ic|ics|ious|ial|ian)s?$", word):
        return max(0, count - 2)
    if word.endswith(("ity", "ify", "ical", "graphy", "logy")):
        return max(0, count - 3)
    if word.endswith(("ee", "eer", "ese", "ette", "esque")):
        return count - 1
    first = parts[0].lower()
    if (first in PREFIXES or first == "a") and count >= 2 and not word.endswith(("er", "y", "le")):
        return 1
    return 0 if count <= 3 else count - 3

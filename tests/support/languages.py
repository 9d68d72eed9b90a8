"""What a page says, and whether it says it in one language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from pansori.domain.errors import Language

#: What is called the same in both languages: names, units, formats, keys, and what programs are told.
NAMES = re.compile(
    r"""\b(?:Pansori|API|BPM|K-POP|EDM|R&B|MP3|WAV|FLAC|OGG|OPUS|M4A|MIDI|LRC|MusicXML|JSON|ZIP|CPU|GPU|Ctrl|Shift|Enter
    |EBU|Praat|praat-parselmouth|Hugging|Face|Spaces?|Gradio|HF_SPACE_ID|HTTP|URL|SoundFont|GeneralUser|TimGM6mb|espeak-ng|espeakng-loader|Espeak|WORLD
    |UTC|[kM]?Hz|[kMG]B|[A-Z]-[23]\.\d|GPL-3\.0-or-later|v?\d[\d.]*\w*|EN|A|B
    |pansori\ models\ get\ [\w.-]*\w|piper-[\w.-]+\w|whisper-\w+|kokoro-v[\w.]+\w|en-US
    |OpenAI|Whisper|whisper|PocketSphinx|pocketsphinx|eSpeak|Kokoro|kokoro|Piper|ATOT|TTOT|TTS|tts|MIT|BSD-2-Clause|Apache
    |Chrome|Firefox|Edge|Safari|Linux|macOS|Windows|python-requests|guest
    |verse|chorus|compose|write|songsmith|space|debug|sf2|owner/name
    |[0-9a-f]{32}|[A-Z]+(?:_[A-Z]+)+|[a-z]+(?:_[a-z]+)+)\b|'[a-z0-9]+'""",
    re.VERBOSE | re.ASCII,
)
LATIN, HANGUL = re.compile(r"[A-Za-z]{2,}"), re.compile(r"[가-힣]+")
SHOWN = ("title", "aria-label", "placeholder", "alt", "data-confirm")
UNSHOWN = frozenset({"script", "style", "svg", "code", "kbd"})
VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "path"})
OWN = "mina@mail.example"  #: is the reader's, as are the words below
MINE = (", 120 BPM, C major", "even debug", "Waves", "파도", OWN)  #: the first two: what the debug engine writes


class Words(HTMLParser):
    """What a page says, piece by piece, with the language that each piece is marked as."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = [("", "")]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        language = given.get("lang") or self._open[-1][1]
        self.found += [(language, given[name] or "") for name in SHOWN if given.get(name)]
        if given.get("name") == "description":
            self.found.append((language, given["content"] or ""))
        if tag not in VOID:
            self._open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not UNSHOWN & {tag for tag, _ in self._open}:
            self.found.append((self._open[-1][1], data))


def left_over(page: str, language: Language) -> Iterator[str]:
    """What is in the other language, beside names, what is the reader's own, and the switch of languages."""
    for marked, text in Words(page).found:
        own = text
        for mine in MINE:
            own = own.replace(mine, "")
        foreign = LATIN.search(NAMES.sub(" ", own)) if language == "ko" else HANGUL.search(own)
        if foreign and not (marked not in ("", language) and text.strip() in ELSEWHERE):
            yield text.strip()


#: Said in the other language on purpose, and marked so.
ELSEWHERE = frozenset({"한국어", "English", "한", "EN", "한국어로 된 템플릿 보기", "Templates in English"})

"""espeak-ng's library through ctypes: text in, 16-bit sound and the time of every word and phoneme out.

The library keeps its state in globals and draws its noise from one of them, so it is used by one thread of a process
of its own (`_worker`) and reseeded before every text: then the same text gives the same samples wherever it runs.
"""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pansori.domain.units import SampleRateHz

SOURCE_RATE = SampleRateHz(22_050)  #: what espeak's own voices are made for

# From speak_lib.h and espeak_ng.h of espeak-ng 1.52.
_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS
_PHONEME_EVENTS, _PHONEME_IPA, _DONT_EXIT = 0x0001, 0x0002, 0x8000
_CHARS_UTF8, _PHONEMES = 1, 0x0100  # `[[…]]` in the text is read as phonemes
_POS_CHARACTER = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_EVENT_END, _EVENT_WORD, _EVENT_PHONEME = 0, 1, 7
_NO_ECHO = "\x010H"  # an embedded command: some variants add an echo, which would smear what is made of the sound
_SEED = 1
_IPA = 0x02  # espeakPHONEMES_IPA
_MARK = re.compile(r"([.,;:!?])\W*\w?$")


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class EspeakError(Exception):
    """The library refused; says which call and with which status."""


@dataclass(frozen=True)
class Utterance:
    pcm: bytes  #: 16-bit signed, native order, mono at `SOURCE_RATE`
    phonemes: tuple[tuple[str, int], ...]  #: IPA (empty: a pause) and the sample at which it begins
    words: tuple[tuple[int, int], ...]  #: index of a word's first character in the text, and its sample


class Espeak:
    """The library, loaded and initialised. One a process."""

    def __init__(self) -> None:
        import espeakng_loader

        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        options = _PHONEME_EVENTS | _PHONEME_IPA | _DONT_EXIT
        data = espeakng_loader.get_data_path()
        self._variants = Path(data, "voices", "!v")
        rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), options)
        if rate != SOURCE_RATE:
            raise EspeakError(f"espeak_Initialize answered {rate}, expected {SOURCE_RATE}")
        self._chunks: list[bytes] = []
        self._phonemes: list[tuple[str, int]] = []
        self._words: list[tuple[int, int]] = []
        self._callback = _Callback(self._receive)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while (event := events[index]).type != _EVENT_END:
            if event.type == _EVENT_PHONEME:
                # Eight bytes are all there is; a long diphthong may lose its last symbol's tail.
                self._phonemes.append((event.id.decode("utf-8", errors="ignore"), event.sample))
            elif event.type == _EVENT_WORD:
                self._words.append((event.text_position, event.sample))
            index += 1
        return 0

    def choose(self, voice: str, *, words_per_minute: int, pitch: int = 50, pitch_range: int = 0) -> None:
        """Speak with `voice` (language and variant: `ko+f2`). `pitch`: 0 an octave below the voice's own, 50 its own,
        100 an octave above; `pitch_range`: 0 on one pitch, 50 the voice's own. Raises `EspeakError`."""
        _, plus, variant = voice.partition("+")
        if plus and not (self._variants / variant).is_file():  # the library itself would go on with another voice
            raise EspeakError(f"there is no voice variant {variant!r}")
        self._expect(self._library.espeak_SetVoiceByName(voice.encode()), f"voice {voice}")
        for parameter, value in ((_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._expect(self._library.espeak_SetParameter(parameter, value, 0), f"parameter {parameter}")

    def say(self, text: str, *, mnemonics: bool = True, echo: bool = False) -> Utterance:
        """Speak `text`. `mnemonics`: `[[…]]` are phonemes in espeak's own names; `echo`: with the one that some
        variants have. Raises `EspeakError`."""
        for kept in (self._chunks, self._phonemes, self._words):
            kept.clear()
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))
        command = "" if echo else _NO_ECHO
        content = (command + text).encode() + b"\0"
        flags = _CHARS_UTF8 | (_PHONEMES if mnemonics else 0)
        status = self._library.espeak_Synth(
            content, ctypes.c_size_t(len(content)), 0, _POS_CHARACTER, 0, flags, None, None
        )
        self._expect(status, f"text of {len(text)} characters")
        words = tuple((max(at - 1 - len(command), 0), sample) for at, sample in self._words)
        return Utterance(b"".join(self._chunks), tuple(self._phonemes), words)

    def phonemes(self, text: str) -> list[tuple[str, str]]:
        """`text` in IPA, not spoken: for each clause its phonemes, words apart, and the mark that it ends in."""
        content = ctypes.create_string_buffer(text.encode())
        begin = ctypes.addressof(content)
        rest = ctypes.c_void_p(begin)
        convert = self._library.espeak_TextToPhonemes
        convert.restype = ctypes.c_char_p
        clauses: list[tuple[str, str]] = []
        while rest.value:
            at = rest.value
            told = convert(ctypes.byref(rest), _CHARS_UTF8, _IPA)
            end = rest.value or begin + len(content.value)
            # The library has read one character of the next clause already, but for the last one.
            mark = _MARK.search(ctypes.string_at(at, end - at).decode(errors="ignore"))
            clauses.append(((told or b"").decode().strip(), mark.group(1) if mark else ""))
        return clauses

    @staticmethod
    def _expect(status: int, what: str) -> None:
        if status != 0:
            raise EspeakError(f"espeak answered {status} to {what}")

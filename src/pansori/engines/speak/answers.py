"""Sound that other servers answer with."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from pansori.domain.errors import GarbledAnswer, ResponseTooLarge, Text
from pansori.domain.units import SampleRateHz
from pansori.engines.elsewhere import Elsewhere

if TYPE_CHECKING:  # it takes a moment to load
    import soundfile

PCM: Final = frozenset({"audio/pcm", "audio/l16", "audio/x-pcm"})
PCM_RATE: Final = SampleRateHz(24_000)  #: of samples without a header, as OpenAI sends them
OPEN_ENDED: Final = (0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFFFFE)  #: lengths that a WAV tells which was begun before its end
SHOWN: Final = 12  #: bytes of nonsense
ALWAYS, EACH, LONGEST = 60.0, 4.0, 3_600.0  #: seconds that a text may take, and each of its characters; and all of them
RATES: Final = range(1_000, 384_001)  #: samples a second; by what a header says beyond them no silence could be made
BLOCK: Final = 1 << 18  #: samples that are decoded at once; a compressed file may hold a thousand times its size


def decoded(
    server: Elsewhere, content: bytes, media_type: str, text: str
) -> tuple[npt.NDArray[np.float32], SampleRateHz]:
    """Mono samples, shape [n], full scale ±1.0. Raises `GarbledAnswer` for what is no sound, or breaks off, and
    `ResponseTooLarge` for far more than it takes to say `text`."""
    if media_type.partition(";")[0].strip().lower() in PCM:
        if len(content) % 2:
            raise server.garbled("half a sample", "sound")
        return np.frombuffer(content, "<i2").astype(np.float32) / np.float32(32768), PCM_RATE
    if content[:4] == b"RIFF" and _breaks_off(content):
        raise server.garbled("a WAV that breaks off", "sound")
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            rate = SampleRateHz(file.samplerate)
            if rate not in RATES:
                raise server.garbled(f"{rate} Hz", "sound")
            samples = _mono(file, round(min(ALWAYS + EACH * len(text), LONGEST) * rate))
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise _no_sound(server, content, media_type) from error
    if not len(samples) or not np.isfinite(samples).all():
        raise server.garbled("no sound at all", "sound")
    return samples, rate


def _mono(file: soundfile.SoundFile, most: int) -> npt.NDArray[np.float32]:
    parts: list[npt.NDArray[np.float32]] = []
    count = 0
    while len(part := file.read(BLOCK, dtype="float32", always_2d=True)):
        count += len(part)
        if count > most:
            raise ResponseTooLarge(Text("The sound is much longer than the text.", "소리가 글에 비해 너무 길어요."))
        parts.append(part.mean(axis=1, dtype=np.float32))
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _breaks_off(content: bytes) -> bool:
    """Whether the file is shorter than its data says (Microsoft RIFF: chunks of a name, a length, and that much)."""
    at = 12
    while at + 8 <= len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        if content[at : at + 4] == b"data":
            return length not in OPEN_ENDED and at + 8 + length > len(content)
        at += 8 + length + length % 2
    return True


def _no_sound(server: Elsewhere, content: bytes, media_type: str) -> GarbledAnswer:
    return server.garbled(media_type or repr(content[:SHOWN]), "sound")

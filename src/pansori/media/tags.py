"""What a sound file says of itself, in the words of each format."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pansori.domain.media import AudioFormat
from pansori.media.names import one_line

UNTAGGABLE = re.compile("[\x00\ud800-\udfff]")  #: NUL parts values in ID3; lone surrogates are no UTF-8
PREFIX = "PANSORI_"
FREEFORM = "----:com.apple.iTunes:"  #: atoms of MP4 with a name of one's own, under the name that readers look for
LANGUAGE = "und"
NOTICE = "AI-generated"


class DigitalSource(StrEnum):
    """How the content came to be, in the vocabulary of IPTC (NewsCodes, digitalsourcetype)."""

    ALGORITHMIC = "algorithmicMedia"  #: purely by an algorithm, without training on sampled content: composed by rules
    TRAINED = "trainedAlgorithmicMedia"  #: by a model that was trained on sampled content
    COMPOSITE = "compositeSynthetic"  #: put together from parts of which at least one is synthetic: a film's sound

    @property
    def uri(self) -> str:
        return f"http://cv.iptc.org/newscodes/digitalsourcetype/{self.value}"


def _clean(text: str) -> str:
    return UNTAGGABLE.sub("", text)


Line = Annotated[str, AfterValidator(one_line)]
Prose = Annotated[str, AfterValidator(_clean)]


class Tags(BaseModel):
    """Written by `write_tags`, read back by `read_tags`. Empty ones are not written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Line = ""
    artist: Line = "Pansori"
    engine: Line = ""
    seed: int | None = None
    recipe: Prose = ""
    """Compact JSON that makes the song again."""
    comment: Prose = ""
    ai_generated: bool = True
    """Said in a comment for people and in `AI_GENERATED` for programs."""
    source: DigitalSource = Field(default=DigitalSource.ALGORITHMIC)

    def fields(self) -> dict[str, str]:
        """Those that have no frame of their own in any format, by their names."""
        named = {
            f"{PREFIX}ENGINE": self.engine,
            f"{PREFIX}SEED": "" if self.seed is None else str(self.seed),
            f"{PREFIX}RECIPE": self.recipe,
            f"{PREFIX}COMMENT": self.comment,
            "AI_GENERATED": "true" if self.ai_generated else "",
            "DIGITAL_SOURCE_TYPE": self.source.uri,
        }
        return {name: value for name, value in named.items() if value}

    @property
    def notice(self) -> str:
        """The comment that players show."""
        label = f"{NOTICE} ({self.source.value})" if self.ai_generated else ""
        return "\n".join(line for line in (label, self.comment) if line)


def write_tags(path: Path, audio_format: AudioFormat, tags: Tags) -> None:
    """Replace all tags of the file: ID3v2.4 in MP3 and WAV, Vorbis comments in FLAC and Opus, atoms in M4A."""
    WRITERS[audio_format](path, tags)


def read_tags(path: Path, audio_format: AudioFormat) -> Tags:
    """The tags of a file that `write_tags` has tagged."""
    title, artist, fields = READERS[audio_format](path)
    source = fields.get("DIGITAL_SOURCE_TYPE", DigitalSource.ALGORITHMIC.uri)
    seed = fields.get(f"{PREFIX}SEED")
    return Tags(
        title=title,
        artist=artist,
        engine=fields.get(f"{PREFIX}ENGINE", ""),
        seed=None if seed is None else int(seed),
        recipe=fields.get(f"{PREFIX}RECIPE", ""),
        comment=fields.get(f"{PREFIX}COMMENT", ""),
        ai_generated="AI_GENERATED" in fields,
        source=DigitalSource(source.rpartition("/")[2]),
    )


Read = tuple[str, str, Mapping[str, str]]  #: title, artist, named fields


def _write_id3(id3: Any, tags: Tags) -> None:
    from mutagen.id3 import COMM, TIT2, TPE1, TXXX, Encoding

    utf8 = Encoding.UTF8
    if tags.title:
        id3.add(TIT2(utf8, [tags.title]))
    if tags.artist:
        id3.add(TPE1(utf8, [tags.artist]))
    if tags.notice:
        id3.add(COMM(utf8, LANGUAGE, "", [tags.notice]))
    for name, value in tags.fields().items():
        id3.add(TXXX(utf8, name, [value]))


def _read_id3(id3: Any) -> Read:
    fields = {frame.desc: frame.text[0] for frame in id3.getall("TXXX")}
    title, artist = (str(id3[name].text[0]) if name in id3 else "" for name in ("TIT2", "TPE1"))
    return title, artist, fields


def _write_mp3(path: Path, tags: Tags) -> None:
    from mutagen.id3 import ID3

    id3 = ID3()
    _write_id3(id3, tags)
    id3.save(path, v2_version=4)


def _read_mp3(path: Path) -> Read:
    from mutagen.id3 import ID3

    return _read_id3(ID3(path))


def _write_wav(path: Path, tags: Tags) -> None:
    from mutagen.wave import WAVE

    wave: Any = WAVE(path)
    if wave.tags is None:
        wave.add_tags()
    wave.tags.clear()
    _write_id3(wave.tags, tags)
    wave.save(v2_version=4)


def _read_wav(path: Path) -> Read:
    from mutagen.wave import WAVE

    return _read_id3(WAVE(path).tags)


def _write_vorbis(file: Any, tags: Tags) -> None:
    if file.tags is None:
        file.add_tags()
    file.tags.clear()
    written = {"TITLE": tags.title, "ARTIST": tags.artist, "COMMENT": tags.notice, **tags.fields()}
    for name, value in written.items():
        if value:
            file.tags[name] = [value]
    file.save()


def _read_vorbis(file: Any) -> Read:
    fields = {name.upper(): value for name, value in file.tags}
    return fields.pop("TITLE", ""), fields.pop("ARTIST", ""), fields


def _write_flac(path: Path, tags: Tags) -> None:
    from mutagen.flac import FLAC

    _write_vorbis(FLAC(path), tags)


def _read_flac(path: Path) -> Read:
    from mutagen.flac import FLAC

    return _read_vorbis(FLAC(path))


def _write_opus(path: Path, tags: Tags) -> None:
    from mutagen.oggopus import OggOpus

    _write_vorbis(OggOpus(path), tags)


def _read_opus(path: Path) -> Read:
    from mutagen.oggopus import OggOpus

    return _read_vorbis(OggOpus(path))


def _write_m4a(path: Path, tags: Tags) -> None:
    from mutagen.mp4 import MP4, AtomDataType, MP4FreeForm

    file: Any = MP4(path)
    if file.tags is None:
        file.add_tags()
    file.tags.clear()
    for atom, value in (("\xa9nam", tags.title), ("\xa9ART", tags.artist), ("\xa9cmt", tags.notice)):
        if value:
            file.tags[atom] = [value]
    for name, value in tags.fields().items():
        file.tags[FREEFORM + name] = [MP4FreeForm(value.encode(), AtomDataType.UTF8)]
    file.save()


def _read_m4a(path: Path) -> Read:
    from mutagen.mp4 import MP4

    tags: Any = MP4(path).tags
    fields = {
        name.removeprefix(FREEFORM): bytes(values[0]).decode()
        for name, values in tags.items()
        if name.startswith(FREEFORM)
    }
    title, artist = (tags.get(atom, [""])[0] for atom in ("\xa9nam", "\xa9ART"))
    return title, artist, fields


WRITERS: Mapping[AudioFormat, Callable[[Path, Tags], None]] = {
    AudioFormat.MP3: _write_mp3,
    AudioFormat.WAV: _write_wav,
    AudioFormat.FLAC: _write_flac,
    AudioFormat.OPUS: _write_opus,
    AudioFormat.M4A: _write_m4a,
}
READERS: Mapping[AudioFormat, Callable[[Path], Read]] = {
    AudioFormat.MP3: _read_mp3,
    AudioFormat.WAV: _read_wav,
    AudioFormat.FLAC: _read_flac,
    AudioFormat.OPUS: _read_opus,
    AudioFormat.M4A: _read_m4a,
}

"""Finding the sound in what an endpoint gives back, whatever it is wrapped in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pansori.engines.compose.space.model import read_json

DEEPEST = 6
SOUND_NAME = re.compile(r"\.(?:wav|mp3|flac|ogg|opus|oga|m4a|aac|aiff?|weba)(?:$|[?#])", re.IGNORECASE)
OTHER_NAME = re.compile(
    r"\.(?:png|jpe?g|gif|webp|svg|txt|json|csv|html?|mid|midi|zip|pdf|lrc|srt)(?:$|[?#])", re.IGNORECASE
)
SOURCE = re.compile(r"""<(?:audio|source|a)\b[^>]*?\b(?:src|href)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
LINK = re.compile(r"(?:https?://|/?(?:gradio_api/)?file=|data:)\S.*", re.IGNORECASE | re.DOTALL)
LEAST_SAMPLES = 64  #: fewer numbers in a row are some other list


@dataclass(frozen=True)
class Link:
    """Where sound is: a URL, a `data:` URL, or a reference within the Space; `path` instead where it is a path on the
    Space's own disk."""

    url: str = ""
    path: str = ""


@dataclass(frozen=True)
class RawSamples:
    """Sound as numbers: `rows` is [frames] or [frames][channels], as Gradio's numpy audio has it."""

    rate: int
    rows: Sequence[Any]


Found = Link | RawSamples


def find_sound(values: Sequence[Any], components: Sequence[str]) -> Found | None:
    """The likeliest sound among an endpoint's outputs; of equally likely ones the first."""
    found: list[tuple[int, Found]] = []
    for position, value in enumerate(values):
        is_audio = position < len(components) and components[position] == "audio"
        found.extend((rank + (10 if is_audio else 0), candidate) for rank, candidate in _candidates(value, 0))
    return max(found, key=lambda entry: entry[0])[1] if found else None


def _candidates(value: Any, depth: int) -> Iterator[tuple[int, Found]]:
    """Each with its rank: 3 for what says that it is sound, 1 for what does not say, 0 for what says otherwise."""
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        yield from _in_text(value, depth)
    elif isinstance(value, Mapping):
        yield from _in_object(value, depth)
    elif isinstance(value, list):
        if (samples := _samples(value)) is not None:
            yield 3, samples
        else:
            for entry in value:
                yield from _candidates(entry, depth + 1)


def _in_object(value: Mapping[str, Any], depth: int) -> Iterator[tuple[int, Found]]:
    path, url = value.get("path") or value.get("name"), value.get("url")
    data = value.get("data")
    if isinstance(data, str) and data.startswith("data:"):
        yield from _in_text(data, depth)
    elif isinstance(path, str) and path and (value.get("is_file") or isinstance(url, str) or _is_file_data(value)):
        yield _rank(value, path), _of_file(path, url, is_stream=value.get("is_stream") is True)
    elif isinstance(url, str):
        yield _rank(value, url), Link(url=url)
    else:
        for entry in value.values():
            yield from _candidates(entry, depth + 1)


def _is_file_data(value: Mapping[str, Any]) -> bool:
    meta = value.get("meta")
    return (isinstance(meta, Mapping) and meta.get("_type") == "gradio.FileData") or "path" in value


def _of_file(path: str, url: Any, *, is_stream: bool) -> Link:
    """The path is what the Space surely knows: behind a proxy its URLs may name a host that only the Space can see. A
    stream has a URL alone, of a playlist beside which its sound lies whole."""
    url = url if isinstance(url, str) else ""
    if is_stream and url:
        return Link(url=url.replace("/playlist.m3u8", "/playlist-file"))
    return Link(url=path) if LINK.match(path) else Link(url=url, path=path)


def _rank(value: Mapping[str, Any], name: str) -> int:
    kind = value.get("mime_type")
    if isinstance(kind, str) and kind:
        return 3 if kind.startswith("audio/") else 1 if kind.startswith(("video/", "application/octet")) else 0
    return _rank_of_name(str(value.get("orig_name") or name))


def _rank_of_name(name: str) -> int:
    return 3 if SOUND_NAME.search(name) else 0 if OTHER_NAME.search(name) else 1


def _in_text(text: str, depth: int) -> Iterator[tuple[int, Found]]:
    text = text.strip()
    if text.startswith("data:"):
        kind = text[5:50].partition(";")[0].partition(",")[0]
        yield (3 if kind.startswith("audio/") else 0 if kind.startswith(("image/", "text/")) else 1), Link(url=text)
    elif LINK.match(text) and _is_one_link(text):
        yield _rank_of_name(text), Link(url=text.replace(" ", "%20"))
    elif text.startswith(("{", "[", '"')):
        try:
            parsed = read_json(text)
        except ValueError:
            return
        yield from _candidates(parsed, depth + 1)
    elif "<" in text:
        for source in SOURCE.finditer(text):
            yield from _in_text(source[1] or source[2] or "", depth + 1)
    elif SOUND_NAME.search(text) and text.startswith("/") and text.isprintable():
        yield 2, Link(path=text)


def _is_one_link(text: str) -> bool:
    """Paths within the Space may have spaces in them; a URL has none."""
    return text.isprintable() and (" " not in text or ("file=" in text[:20] and SOUND_NAME.search(text) is not None))


def _samples(value: Sequence[Any]) -> RawSamples | None:
    """`[rate, [samples]]`."""
    if len(value) != 2 or isinstance(value[0], bool) or not isinstance(value[0], int) or not isinstance(value[1], list):
        return None
    rate, rows = value
    is_sound = 4_000 <= rate <= 384_000 and len(rows) >= LEAST_SAMPLES
    return RawSamples(rate, rows) if is_sound and isinstance(rows[0], int | float | list) else None

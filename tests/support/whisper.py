"""A Whisper of the smallest kind, in CTranslate2's real format: whatever it hears, it says the same words.

Its layers change nothing, so that each token depends on the one before alone; the projection says which comes next.
Every word looks at 0.4 s of its own, by which its time is known.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

WIDTH, HEADS, MELS = 32, 2, 80
FRAMES = 20  #: of 20 ms, that a word looks at
SAYS, TRANSLATES = ("Ġhello", "Ġthere", "."), ("Ġgood", "Ġday")
CODES = (
    "en", "zh", "de", "es", "ru", "ko", "fr", "ja", "pt", "tr", "pl", "ca", "nl", "ar", "sv", "it", "id", "hi", "fi",
    "vi", "he", "uk", "el", "ms", "cs", "ro", "da", "hu", "ta", "no", "th", "ur", "hr", "bg", "lt", "la", "mi", "ml",
    "cy", "sk", "te", "fa", "lv", "bn", "sr", "az", "sl", "kn", "et", "mk", "br", "eu", "is", "hy", "ne", "mn", "bs",
    "kk", "sq", "sw", "gl", "mr", "pa", "si", "km", "sn", "yo", "so", "af", "oc", "ka", "be", "tg", "sd", "gu", "am",
    "yi", "lo", "uz", "fo", "ht", "ps", "tk", "nn", "mt", "sa", "lb", "my", "bo", "tl", "mg", "as", "tt", "haw", "ln",
    "ha", "ba", "jw", "su",
)  # fmt: skip
TEXT = 50_257  #: tokens of text; what follows is special
END, START = TEXT, TEXT + 1
FIRST_LANGUAGE = START + 1
TRANSLATE, TRANSCRIBE = FIRST_LANGUAGE + len(CODES), FIRST_LANGUAGE + len(CODES) + 1
SPECIAL = ("startoflm", "startofprev", "nospeech", "notimestamps")
TIMES = TRANSCRIBE + 1 + len(SPECIAL)
SIZE = TIMES + 1_501


def write_whisper(folder: Path) -> Path:
    """The folder, with a model that hears “hello there.” from 0 to 1 s of whatever it is given, in English; where it is
    to translate, “good day” from 0.02 s on."""
    import ctranslate2

    folder.mkdir(parents=True, exist_ok=True)
    tokens = _tokens()
    spec = ctranslate2.specs.WhisperSpec(1, HEADS, 1, HEADS)
    _fill_encoder(spec.encoder)
    _fill_decoder(spec.decoder, tokens, _chains(tokens, FIRST_LANGUAGE + CODES.index("en")))
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [FIRST_LANGUAGE + number for number in range(len(CODES))]
    spec.config.alignment_heads = [[0, 0]]
    spec.register_vocabulary(tokens)
    spec.validate()
    spec.save(str(folder))
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(tokens)))
    return folder


def _tokens() -> list[str]:
    letters = sorted(_byte_letters())
    text = [*letters, *SAYS[:2], *TRANSLATES]
    text += [f"unused{number}" for number in range(TEXT - len(text) - 1)]
    text.append("")  # by which CTranslate2 knows one of many languages from one of English alone
    times = [f"<|{number * 0.02:.2f}|>" for number in range(1_501)]
    marks = ["endoftext", "startoftranscript", *CODES, "translate", "transcribe", *SPECIAL]
    tokens = [*text, *(f"<|{mark}|>" for mark in marks), *times]
    assert len(tokens) == SIZE
    return tokens


def _byte_letters() -> list[str]:
    """As byte-level BPE writes the 256 bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(one) for one in shown] + [chr(256 + number) for number in range(256 - len(shown))]


def _chains(tokens: Sequence[str], english: int) -> list[tuple[int, int]]:
    """Which token follows which."""
    numbers = {token: number for number, token in enumerate(tokens)}

    def chain(first: int, begins: int, words: Sequence[str], ends: int) -> list[tuple[int, int]]:
        line = [first, begins, *(numbers[word] for word in words), ends, END]
        return list(pairwise(line))

    return [
        (START, english),
        (TIMES - 1, numbers[SAYS[0]]),  # where no times are asked for
        *chain(TRANSCRIBE, TIMES, SAYS, TIMES + 50),
        *chain(TRANSLATE, TIMES + 1, TRANSLATES, TIMES + 40),
    ]


def _fill_encoder(encoder: Any) -> None:
    encoder.conv1.weight = np.zeros((WIDTH, MELS, 3), np.float32)
    encoder.conv1.bias = np.zeros(WIDTH, np.float32)
    encoder.conv2.weight = np.zeros((WIDTH, WIDTH, 3), np.float32)
    encoder.conv2.bias = np.zeros(WIDTH, np.float32)
    encoder.position_encodings.encodings = np.zeros((1_500, WIDTH), np.float32)
    for word in range(len(SAYS)):  # which of its numbers tells where a frame is
        encoder.position_encodings.encodings[word * FRAMES : (word + 1) * FRAMES, word] = 1.0
    _fill_norm(encoder.layer_norm)
    for layer in encoder.layer:
        _fill_attention(layer.self_attention, (3, 1))
        _fill_ffn(layer.ffn)


def _fill_decoder(decoder: Any, tokens: Sequence[str], following: Sequence[tuple[int, int]]) -> None:
    vectors = np.random.default_rng(0).standard_normal((SIZE, WIDTH)).astype(np.float32)
    vectors = (vectors - vectors.mean(axis=1, keepdims=True)) / vectors.std(axis=1, keepdims=True)
    projection = np.zeros((SIZE, WIDTH), np.float32)
    for before, after in following:
        projection[after] += 3 * vectors[before]
    decoder.embeddings.weight = vectors
    decoder.position_encodings.encodings = np.zeros((448, WIDTH), np.float32)
    decoder.projection.weight = projection
    _fill_norm(decoder.layer_norm)
    for layer in decoder.layer:
        _fill_attention(layer.self_attention, (3, 1))
        _fill_attention(layer.attention, (1, 2, 1))
        _fill_ffn(layer.ffn)
        _look(layer.attention, vectors, tokens)


def _look(attention: Any, vectors: Any, tokens: Sequence[str]) -> None:
    """Let each word attend to where it is said."""
    said = [*enumerate(SAYS), *enumerate(TRANSLATES)]
    known = np.array([vectors[tokens.index(word)] for _, word in said])
    wanted = np.zeros((len(said), WIDTH), np.float32)
    for row, (place, _) in enumerate(said):
        wanted[row, place] = 10.0
    attention.linear[0].weight = np.ascontiguousarray((np.linalg.pinv(known) @ wanted).T.astype(np.float32))
    attention.linear[1].weight[: len(SAYS), : len(SAYS)] = np.eye(len(SAYS))


def _fill_attention(attention: Any, widths: Sequence[int]) -> None:
    _fill_norm(attention.layer_norm)
    for linear, width in zip(attention.linear, widths, strict=True):
        _fill_linear(linear, width * WIDTH, WIDTH)


def _fill_ffn(ffn: Any) -> None:
    _fill_norm(ffn.layer_norm)
    _fill_linear(ffn.linear_0, 4 * WIDTH, WIDTH)
    _fill_linear(ffn.linear_1, WIDTH, 4 * WIDTH)


def _fill_linear(linear: Any, out: int, into: int) -> None:
    linear.weight = np.zeros((out, into), np.float32)
    linear.bias = np.zeros(out, np.float32)


def _fill_norm(norm: Any) -> None:
    norm.gamma = np.ones(WIDTH, np.float32)
    norm.beta = np.zeros(WIDTH, np.float32)


def _tokenizer(tokens: Sequence[str]) -> dict[str, Any]:
    """Byte-level BPE without merges, as the `tokenizers` package reads it."""
    special = [
        {
            "id": number, "content": tokens[number], "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": True,
        }
        for number in range(TEXT, SIZE)
    ]  # fmt: skip
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special, "normalizer": None,
        "pre_tokenizer": level, "post_processor": None, "decoder": level,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": {token: number for number, token in enumerate(tokens[:TEXT])}, "merges": [],
        },
    }  # fmt: skip

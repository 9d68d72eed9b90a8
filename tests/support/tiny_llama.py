"""Writes a language model of two megabytes in llama.cpp's own format (GGUF).

It has one layer, whose attention and feed-forward part add nothing: what follows depends on the last token alone, and
which token that is stands in the output matrix. So it is a real model for whoever runs it, and one knows what it says:
`SAID`, or where it is offered the tool `ring` first `CALLED`.
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np

UNKNOWN, BEGIN, END, SAY, CALL = range(5)
BYTES = 5  #: where the tokens of single bytes begin
SAID = ("Hello", " there", ",", " friend", ".")
SONG = ("Rain on the roof", "\\n", "Rain on the road")  #: with the break as JSON has it
CALLED = ("<tool_call>\n", '{"name": "ring", "arguments": {"times": 3}}', "\n</tool_call>")
NORMAL, UNKNOWN_TYPE, CONTROL, BYTE = 1, 2, 3, 6
HEADS = 4
TEMPLATE = """\
{%- if tools %}<tools>
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
</tools>
{% endif %}
{%- for message in messages %}
{%- if message.tool_calls %}
{%- for call in message.tool_calls %}<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>
{%- endfor %}
{%- else %}{{ message.content }}
{%- endif %}
{% endfor %}
{%- if add_generation_prompt %}
{%- if tools and tools[0].function.name == "ring" and messages[-1].role != "tool" %}<|call|>
{%- else %}<|say|>
{%- endif %}
{%- endif %}"""
#: What follows what, the likeliest last; NUL stands for the beginning of the song.
JSON = (
    ('"', ":,]}" + "\0"), ("{", '"'), ("[", '"'), (":", '[9"'), (",", '9"'), ("9", "8"), ("8", "},"), ("]", "},"),
)  # fmt: skip


def tokens() -> list[str]:
    single = [f"<0x{byte:02X}>" for byte in range(256)]
    return ["<unk>", "<s>", "</s>", "<|say|>", "<|call|>", *single, *SAID, *SONG, *CALLED]


def likely(words: list[str]) -> np.ndarray:
    """Shape [to, from]: how likely what is."""
    table = np.zeros((len(words), len(words)), np.float32)
    said = range(BYTES + 256, BYTES + 256 + len(SAID))
    song = range(said.stop, said.stop + len(SONG))
    called = range(song.stop, song.stop + len(CALLED))
    for before, after in (
        *pairwise((SAY, *said, END)),
        *pairwise((CALL, *called, END)),
        *pairwise((*song, BYTES + ord('"'))),
    ):
        table[after, before] = 20.0
    for mark, following in JSON:
        for rank, one in enumerate(following, start=1):
            table[song.start if one == "\0" else BYTES + ord(one), BYTES + ord(mark)] = 10.0 * rank
    return table


def write(path: Path) -> None:
    words = tokens()
    size = math.ceil(len(words) / 64) * 64  # of a vector: a place for each token
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(4096)
    writer.add_embedding_length(size)
    writer.add_block_count(1)
    writer.add_feed_forward_length(32)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(size // HEADS)
    writer.add_vocab_size(len(words))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(words)
    writer.add_token_scores([0.0] * len(words))
    kinds = [UNKNOWN_TYPE, *[CONTROL] * 4, *[BYTE] * 256, *[NORMAL] * (len(SAID) + len(SONG) + len(CALLED))]
    writer.add_token_types(kinds)
    writer.add_bos_token_id(BEGIN)
    writer.add_eos_token_id(END)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)
    for name, tensor in _tensors(words, size).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(words: list[str], size: int) -> dict[str, np.ndarray]:
    embedding = np.eye(len(words), size, dtype=np.float32)
    output = np.zeros((len(words), size), np.float32)
    output[:, : len(words)] = likely(words) / math.sqrt(size)  # what the norm makes of a one is the root of its size
    square, flat = np.zeros((size, size), np.float32), np.zeros((32, size), np.float32)
    ones = np.ones(size, np.float32)
    return {
        "token_embd.weight": embedding,
        "output.weight": output,
        "output_norm.weight": ones,
        "blk.0.attn_norm.weight": ones,
        "blk.0.ffn_norm.weight": ones,
        **{f"blk.0.attn_{name}.weight": square for name in ("q", "k", "v", "output")},
        "blk.0.ffn_gate.weight": flat,
        "blk.0.ffn_up.weight": flat,
        "blk.0.ffn_down.weight": np.zeros((size, 32), np.float32),
    }

"""Neural voices of a few hundred bytes, in the formats of Piper and Kokoro: a hum that lasts as long as it has
phonemes. The packages that load real voices load these."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

PIPER_RATE, HOP = 16_000, 256
KOKORO_VOICES = ("af_heart", "am_tiny", "bf_emma", "jf_tiny")
FRAMES = 4.0  #: of a phoneme, at the rate 1


def _hum(total: str, output: str) -> list[onnx.NodeProto]:
    """A sine of `total` samples."""
    return [
        helper.make_node("Range", ["zero", total, "one"], ["clock"]),
        helper.make_node("Mul", ["clock", "radians"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["tone"]),
        helper.make_node("Mul", ["tone", "level"], [output]),
    ]


def _constants(**more: Any) -> list[onnx.TensorProto]:
    values = {"zero": 0.0, "one": 1.0, "radians": 0.05, "level": 0.3, **more}
    made = []
    for name, value in values.items():
        array = np.asarray(value)
        kind = TensorProto.INT64 if array.dtype.kind == "i" else TensorProto.FLOAT
        made.append(helper.make_tensor(name, kind, array.shape, array.reshape(-1).tolist()))
    return made


def _saved(nodes: list[onnx.NodeProto], inputs: list[Any], outputs: list[Any], constants: list[Any]) -> bytes:
    graph = helper.make_graph(nodes, "voice", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


@functools.cache
def _piper() -> bytes:
    """With the `Ceil` of durations by which `piper` finds when phonemes are said."""
    nodes = [
        helper.make_node("Cast", ["input"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["ids", "zero"], ["nothing"]),
        helper.make_node("Slice", ["scales", "from", "to"], ["length_scale"]),
        helper.make_node("Mul", ["length_scale", "frames"], ["width"]),
        helper.make_node("Add", ["nothing", "width"], ["widths"]),
        helper.make_node("Ceil", ["widths"], ["w_ceil"]),
        helper.make_node("ReduceSum", ["w_ceil"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "hop"], ["total"]),
        *_hum("total", "flat"),
        helper.make_node("Reshape", ["flat", "shape"], ["output"]),
    ]
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "n"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "t"])]
    constants = _constants(**{"from": [1], "to": [2], "frames": FRAMES, "hop": float(HOP), "shape": [1, 1, 1, -1]})
    return _saved(nodes, inputs, outputs, constants)


def piper_voice(models: Path, name: str, *, language: str, espeak: str, speakers: tuple[str, ...] = ()) -> Path:
    """A folder `piper-NAME` among the models."""
    folder = models / f"piper-{name}"
    folder.mkdir(parents=True)
    (folder / f"{name}.onnx").write_bytes(_piper())
    told = {
        "audio": {"sample_rate": PIPER_RATE},
        "espeak": {"voice": espeak},
        "language": {"code": language},
        "inference": {"noise_scale": 0.0, "length_scale": 1.0, "noise_w": 0.0},
        "num_symbols": 256,
        "num_speakers": 1,
        "speaker_id_map": {name: number for number, name in enumerate(speakers)},
        "phoneme_id_map": {**DEFAULT_PHONEME_ID_MAP},
        "hop_length": HOP,
    }
    (folder / f"{name}.onnx.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


@functools.cache
def _kokoro(timed: bool) -> bytes:
    nodes = [
        helper.make_node("Cast", ["tokens"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["ids", "zero"], ["nothing"]),
        helper.make_node("ReduceSum", ["style"], ["styled"], keepdims=0),
        helper.make_node("Mul", ["styled", "zero"], ["unstyled"]),
        helper.make_node("Div", ["frames", "speed"], ["width"]),
        helper.make_node("Add", ["nothing", "width"], ["widths"]),
        helper.make_node("Add", ["widths", "unstyled"], ["each"]),
        helper.make_node("Ceil", ["each"], ["ceiled"]),
        helper.make_node("Reshape", ["ceiled", "flat"], ["row"]),
        helper.make_node("Cast", ["row"], ["duration"], to=TensorProto.INT64),
        helper.make_node("ReduceSum", ["row"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "hop"], ["total"]),
        *_hum("total", "audio"),
    ]
    inputs = [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "n"]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
    ]
    outputs = [helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["t"])]
    if timed:
        outputs.append(helper.make_tensor_value_info("duration", TensorProto.INT64, ["n"]))
    return _saved(nodes, inputs, outputs, _constants(frames=FRAMES, hop=600.0, flat=[-1]))


def kokoro_model(models: Path, *, timed: bool = True) -> Path:
    """The folder `kokoro-tiny` among the models."""
    folder = models / "kokoro-tiny"
    folder.mkdir(parents=True)
    (folder / "tiny.onnx").write_bytes(_kokoro(timed))
    style = np.zeros((510, 1, 256), np.float32)
    with (folder / "voices-tiny.bin").open("wb") as file:
        np.savez_compressed(file, **dict.fromkeys(KOKORO_VOICES, style))  # type: ignore[arg-type]  # arrays by name
    return folder

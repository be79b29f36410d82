"""Writes the trained sentence model as ONNX, its matrices in eight bits."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from moothall_screening.training.sentence_encoder import SentenceModel

OPSET = 17
# A few channels before the last matrix of these layers reach so far that one scale for all leaves the rest
# no bits: rounded, they alone double the error of the log-odds (0.42 against 0.24, root mean square).
EXACT_LAYERS = (0, 4)


class Shipped(nn.Module):
    """The outputs that the library uses, in its order."""

    def __init__(self, model: SentenceModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, pieces: Tensor, places: Tensor, segments: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.model(pieces, places, segments)[:5])


def write_exact(model: SentenceModel, path: Path) -> None:
    """Write the model in 32 bits."""
    example = (
        torch.tensor([[0, 3, 2, 0, 3, 2]]),
        torch.tensor([[0, 1, 2, 0, 1, 2]]),
        torch.tensor([[0, 0, 0, 1, 1, 1]]),
    )
    names = ["promotion", "kinds", "fit", "pitch", "embedding"]
    inputs = ["pieces", "places", "segments"]
    axes = {name: {0: "n", 1: "length"} for name in [*inputs, "pitch"]} | {
        name: {0: "n"} for name in names if name != "pitch"
    }
    with warnings.catch_warnings():
        # The exporter by tracing is deprecated, yet the other one needs two more packages.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Shipped(model.eval()), example, path, input_names=inputs, output_names=names, dynamic_axes=axes,
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip


def write_small(exact: Path, folder: Path) -> str:
    """Write `folder/model.onnx` with matrices in eight bits (one scale a column), and its version, a hash.

    One of the eight bits stays unused: processors without VNNI (AMD before Zen 4, Intel before 2019) add up
    products of eight bits in sixteen, which would overflow.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "model.onnx"
    quantize_dynamic(
        exact,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        op_types_to_quantize=["MatMul"],
        nodes_to_exclude=[f"/model/layers.{layer}/outer/MatMul" for layer in EXACT_LAYERS],
    )
    version = "sentence-" + hashlib.sha256(target.read_bytes()).hexdigest()[:12]
    (folder / "version").write_text(version + "\n", encoding="utf-8")
    return version

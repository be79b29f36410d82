"""Writes the trained sentence model as two ONNX files, their matrices in eight bits.

Text, purpose and parent are read alone first, then together: what was read of a group's purpose, or of the post
that many answer, is kept and need not be read again.
"""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from moothall_screening.sentence import ALONE, TOGETHER
from moothall_screening.training.sentence_encoder import LAYERS_ALONE, PARENT, PURPOSE, TEXT, Layer, SentenceModel

OPSET = 17
# ONNX Runtime's own operators: its attention does in one step, without copies, what ONNX has in a dozen.
RUNTIME = "com.microsoft"
# A few channels before the last matrix of these layers reach so far that one scale for all leaves the rest
# no bits: rounded, they alone double the error of the log-odds (0.42 against 0.24, root mean square).
EXACT_LAYERS = (0, 4)


class Attention(torch.autograd.Function):
    """Attention without a mask, exported as one operator."""

    @staticmethod
    def forward(_: Any, query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
        n, length, width = query.shape
        parts = (each.view(n, length, heads, width // heads).transpose(1, 2) for each in (query, key, value))
        seen = nn.functional.scaled_dot_product_attention(*parts)
        return seen.transpose(1, 2).reshape(n, length, width)

    @staticmethod
    def symbolic(graph: Any, query: Any, key: Any, value: Any, heads: int) -> Any:
        made = graph.op(f"{RUNTIME}::MultiHeadAttention", query, key, value, num_heads_i=heads)
        return made.setType(query.type())


class Unmasked(nn.Module):
    """A layer that reads what stands together, without padding."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, states: Tensor) -> Tensor:
        three = self.layer.attend(states).split(states.shape[-1], -1)
        return self.layer.read(states, Attention.apply(*three, self.layer.heads))  # type: ignore[no-untyped-call]


class Alone(nn.Module):
    """Reads one segment by itself: its states `(1, length, width)` and its embedding `(1, width)`."""

    def __init__(self, model: SentenceModel) -> None:
        super().__init__()
        self.model = model
        self.layers = nn.ModuleList(Unmasked(layer) for layer in model.layers[:LAYERS_ALONE])

    def forward(self, pieces: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        states = self.model.begin(pieces, places)
        for layer in self.layers:
            states = layer(states)
        return states, self.model.embed(states, torch.ones(states.shape[:2], dtype=torch.bool))


class Together(nn.Module):
    """Reads on from the states of text, purpose and parent; of the last two, none if there is none."""

    def __init__(self, model: SentenceModel) -> None:
        super().__init__()
        self.model = model
        self.layers = nn.ModuleList(Unmasked(layer) for layer in model.layers[LAYERS_ALONE:])

    def forward(
        self, text: Tensor, purpose: Tensor, parent: Tensor, embedding: Tensor, purpose_embedding: Tensor
    ) -> tuple[Tensor, ...]:
        parts = (text, TEXT), (purpose, PURPOSE), (parent, PARENT)
        states = torch.cat([part + self.model.segments.weight[number] for part, number in parts], 1)
        numbers = torch.cat([torch.full(part.shape[:2], number) for part, number in parts], 1)
        for layer in self.layers:
            states = layer(states)
        read = self.model.judge(states, numbers == TEXT, numbers == PURPOSE, embedding, purpose_embedding)
        return read.promotion, read.kinds, read.fit, read.pitch[:, : text.shape[1]]


def write_exact(model: SentenceModel, folder: Path) -> None:
    """Write the model in 32 bits."""
    model.eval()
    alone, together = Alone(model), Together(model)
    pieces, places = torch.tensor([[0, 3, 2]]), torch.tensor([[0, 1, 2]])
    with torch.no_grad():
        states, embedding = alone(pieces, places)
    _export(
        alone,
        folder / ALONE,
        {"pieces": pieces, "places": places},
        ["states", "embedding"],
        {"pieces", "places", "states"},
    )
    texts = {"text": states, "purpose": states[:, :2], "parent": states[:, :1]}
    embeddings = {"embedding": embedding, "purpose_embedding": embedding}
    answers = ["promotion", "kinds", "fit", "pitch"]
    _export(together, folder / TOGETHER, texts | embeddings, answers, {*texts, "pitch"})


def _export(part: nn.Module, path: Path, example: dict[str, Tensor], outputs: list[str], lengths: set[str]) -> None:
    """`lengths` are those inputs and outputs whose second axis is a length."""
    with warnings.catch_warnings():
        # The exporter by tracing is deprecated, yet the other one needs two more packages.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            part, tuple(example.values()), path, input_names=[*example], output_names=outputs,
            dynamic_axes={name: {1: f"{name}_length"} for name in lengths},
            opset_version=OPSET, custom_opsets={RUNTIME: 1}, dynamo=False,
        )  # fmt: skip


def write_small(exact: Path, folder: Path) -> str:
    """Write the model into `folder` with matrices in eight bits (one scale a column), and its version, a hash.

    One of the eight bits stays unused: processors without VNNI (AMD before Zen 4, Intel before 2019) add up
    products of eight bits in sixteen, which would overflow.

    Args:
        exact: the folder of the model in 32 bits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    for name in (ALONE, TOGETHER):
        quantize_dynamic(
            exact / name,
            folder / name,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=["MatMul"],
            nodes_to_exclude=[f"/layers.{layer}/outer/MatMul" for layer in EXACT_LAYERS] if name == ALONE else [],
        )
        digest.update((folder / name).read_bytes())
    version = "sentence-" + digest.hexdigest()[:12]
    (folder / "version").write_text(version + "\n", encoding="utf-8")
    return version

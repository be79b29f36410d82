"""The sentence model in PyTorch: an encoder that reads a text beside its group's purpose and its parent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

KINDS = 7
TEXT, PURPOSE, PARENT = 0, 1, 2
SEGMENTS = 3
# So many weights of a word piece share one scale.
BLOCK_WEIGHTS = 32
# Down to here each segment is read alone, so that the embedding is one of the text and of nothing else;
# above, text, purpose and parent see each other.
LAYERS_ALONE = 8
# Added to the likeness of what must not be seen; finite, since a row of padding sees nothing.
HIDDEN = -1e4


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """Sizes of the encoder: multilingual-e5-small's, but for the trimmed vocabulary."""

    pieces: int
    width: int = 384
    layers: int = 12
    heads: int = 12
    inner: int = 1536
    positions: int = 512
    epsilon: float = 1e-12


class Reading(NamedTuple):
    """What the model says of a batch; tensors of float32, `(n, …)`."""

    promotion: Tensor
    kinds: Tensor
    fit: Tensor
    pitch: Tensor
    embedding: Tensor
    purpose_embedding: Tensor


class PieceTable(nn.Module):
    """Word pieces in the four bits in which the base has them: 32 weights share a scale.

    `nibbles` are uint8 `(pieces, width / 2)`, of each block the first 16 weights in the low bits and the other 16
    in the high ones, each 8 too many; `scales` are float16 `(pieces, width / 32)`.
    """

    nibbles: Tensor
    scales: Tensor

    def __init__(self, nibbles: Tensor, scales: Tensor) -> None:
        super().__init__()
        self.register_buffer("nibbles", nibbles)
        self.register_buffer("scales", scales)

    def forward(self, pieces: Tensor) -> Tensor:
        # In floats, since ONNX knows no shift of these bits before its version 18.
        both = self.nibbles[pieces].float().unflatten(-1, (-1, BLOCK_WEIGHTS // 2))
        high = (both / 16).floor()
        weights = torch.cat([both - 16 * high, high], -1) - 8
        return (weights * self.scales[pieces].float().unsqueeze(-1)).flatten(-2)


class Layer(nn.Module):
    """One post-norm transformer layer of BERT (Devlin et al. 2019, arXiv:1810.04805)."""

    def __init__(self, shape: EncoderShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.attend = nn.Linear(shape.width, 3 * shape.width)
        self.attended = nn.Linear(shape.width, shape.width)
        self.attended_norm = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.inner = nn.Linear(shape.width, shape.inner)
        self.outer = nn.Linear(shape.inner, shape.width)
        self.outer_norm = nn.LayerNorm(shape.width, eps=shape.epsilon)

    def forward(self, states: Tensor, hidden: Tensor) -> Tensor:
        return self.read(states, self.look_around(states, hidden))

    def look_around(self, states: Tensor, hidden: Tensor) -> Tensor:
        n, length, width = states.shape
        apart = self.attend(states).view(n, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        asking, asked, told = apart.unbind(0)
        # Written out, and in the products' own precision throughout: for so short texts PyTorch's fused attention takes
        # four times as long backwards on a CPU, and its mixed precision would keep every likeness twice.
        with torch.autocast(states.device.type, enabled=False):
            likeness = (asking * (width // self.heads) ** -0.5) @ asked.transpose(2, 3)
            weight = (likeness + hidden.to(likeness.dtype)).softmax(3)
            return (weight @ told).transpose(1, 2).reshape(n, length, width)

    def read(self, states: Tensor, seen: Tensor) -> Tensor:
        states = self.attended_norm(states + self.attended(seen))
        read: Tensor = self.outer_norm(states + self.outer(functional.gelu(self.inner(states))))
        return read


class SentenceModel(nn.Module):
    """The encoder with its heads.

    A pitch is a few words in a long text, so promotion and kind are read off the mean of the text's pieces
    and off the pieces that look most like a pitch.
    """

    def __init__(self, shape: EncoderShape, table: PieceTable) -> None:
        super().__init__()
        width = shape.width
        self.table = table
        self.places = nn.Embedding(shape.positions, width)
        self.segments = nn.Embedding(SEGMENTS, width)
        self.first_norm = nn.LayerNorm(width, eps=shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.to_embedding = nn.Linear(width, width)
        self.to_pitch = nn.Linear(width, 1)
        self.to_kinds = nn.Linear(2 * width, KINDS)
        self.to_promotion = nn.Linear(2 * width, 1)
        self.to_fit = nn.Linear(3 * width, 1)
        self.likeness = nn.Parameter(torch.tensor([20.0, -16.0]))
        nn.init.zeros_(self.segments.weight)
        nn.init.eye_(self.to_embedding.weight)
        nn.init.zeros_(self.to_embedding.bias)
        for head in (self.to_pitch, self.to_kinds, self.to_promotion, self.to_fit):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(self, pieces: Tensor, places: Tensor, segments: Tensor) -> Reading:
        """Read a batch.

        `pieces`, `places` and `segments` are int64 `(n, length)`; a place counts from 0 within its segment,
        and a segment of -1 is padding.
        """
        return self.read(self.begin(pieces, places), segments)

    def begin(self, pieces: Tensor, places: Tensor) -> Tensor:
        """The states below the first layer, `(n, length, width)`."""
        states: Tensor = self.first_norm(self.table(pieces) + self.places(places))
        return states

    def read(self, states: Tensor, segments: Tensor) -> Reading:
        """Read a batch on from the states below the first layer."""
        present = segments >= 0
        apart = (segments[:, None, :, None] != segments[:, None, None, :]).float() * HIDDEN
        absent = (~present[:, None, None, :]).float() * HIDDEN
        is_text, is_purpose = segments == TEXT, segments == PURPOSE
        for layer in self.layers[:LAYERS_ALONE]:
            states = layer(states, apart)
        embedding = self.embed(states, is_text)
        purpose_embedding = self.embed(states, is_purpose)
        states = states + self.segments(segments.clamp(min=0))
        for layer in self.layers[LAYERS_ALONE:]:
            states = layer(states, absent)
        return self.judge(states, is_text, is_purpose, embedding, purpose_embedding)

    def embed(self, states: Tensor, chosen: Tensor) -> Tensor:
        made: Tensor = self.to_embedding(mean_of(states, chosen)).float()
        length: Tensor = made.norm(dim=1, keepdim=True).clamp(min=1e-6)
        return made / length

    def judge(
        self, states: Tensor, is_text: Tensor, is_purpose: Tensor, embedding: Tensor, purpose_embedding: Tensor
    ) -> Reading:
        pitch = self.to_pitch(states).squeeze(2).float()
        weight = pitch.masked_fill(~is_text, -1e4).softmax(1)
        loudest = (weight[:, :, None].to(states.dtype) * states).sum(1)
        mean = mean_of(states, is_text)
        both = torch.cat([mean, loudest], 1)
        likeness = (embedding * purpose_embedding).sum(1) * self.likeness[0] + self.likeness[1]
        fit = self.to_fit(torch.cat([both, mean_of(states, is_purpose)], 1)).squeeze(1).float() + likeness
        return Reading(
            self.to_promotion(both).squeeze(1).float(),
            self.to_kinds(both).float().log_softmax(1),
            fit,
            pitch,
            embedding,
            purpose_embedding,
        )


def mean_of(states: Tensor, chosen: Tensor) -> Tensor:
    """Mean of the chosen pieces' states, `(n, width)`; zeros where none is chosen."""
    weight = chosen.to(states.dtype)[:, :, None]
    return (states * weight).sum(1) / weight.sum(1).clamp(min=1)

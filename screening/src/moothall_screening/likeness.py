"""How alike two texts are, by the words and letters that they share."""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt

from moothall_screening.fast import Family, Reading
from moothall_screening.features import Floats

DIMENSIONS = 2_048
EMBEDDING_WIDTH = 384
MEANING_SHARE = 0.5

_SPREAD = np.uint32(0x9E3779B1)
_WORD_SHIFT = np.uint32(0x5BD1E995)


def shared(here: Family, row: int, there: Family, other: int) -> float:
    """The cosine of one text of a reading with one text of another."""
    few, many = here.only(row), there.only(other)
    if len(few.buckets) > len(many.buckets):
        few, many = many, few
    if not len(few.buckets):
        return 0.0
    at = np.minimum(np.searchsorted(many.buckets, few.buckets), len(many.buckets) - 1)
    is_shared = many.buckets[at] == few.buckets
    return float(few.weights[is_shared] @ many.weights[at[is_shared]])


def vector(reading: Reading, row: int) -> Floats:
    """A text's n-grams in `DIMENSIONS` numbers, by hashes that keep cosines on average.

    See K. Weinberger et al., "Feature hashing for large scale multitask learning" (2009).
    """
    return _projected(reading.char, row, np.uint32(0)) + _projected(reading.word, row, _WORD_SHIFT)


def joined(letters: Floats, meaning: Floats | None) -> Floats:
    """Letters and meaning as one vector; a text that was not read closely has no meaning."""
    meant = np.zeros(EMBEDDING_WIDTH) if meaning is None else meaning
    return np.concatenate((sqrt(1.0 - MEANING_SHARE) * _unit(letters), sqrt(MEANING_SHARE) * _unit(meant)))


def alikeness(these: npt.NDArray[np.float32], those: npt.NDArray[np.float32]) -> Floats:
    """How alike vectors of unit length are, 0 to 1, each of the one with each of the other.

    Cosines of letters count as they are. Those of meaning, where the vectors have one, are squared: posts of one group
    all mean something alike, and a decision on one is not one on all.
    """
    letters: Floats = np.maximum(these[:, :DIMENSIONS] @ those[:, :DIMENSIONS].T, 0.0).astype(np.float64)
    if these.shape[1] == DIMENSIONS:
        return letters
    meaning = np.maximum(these[:, DIMENSIONS:] @ those[:, DIMENSIONS:].T, 0.0).astype(np.float64)
    return np.asarray(letters + meaning**2 / MEANING_SHARE, dtype=np.float64)


def unit_rows(vectors: npt.NDArray[np.float32] | npt.NDArray[np.int8]) -> npt.NDArray[np.float32]:
    """The last axis at length 1; noughts stay noughts."""
    exact = vectors.astype(np.float32, copy=False)
    lengths = np.linalg.norm(exact, axis=-1, keepdims=True)
    unit: npt.NDArray[np.float32] = exact / np.maximum(lengths, np.float32(1e-9))
    return unit


def _unit(values: Floats) -> Floats:
    return np.asarray(values / max(float(np.linalg.norm(values)), 1e-9), dtype=np.float64)


def _projected(family: Family, row: int, shift: np.uint32) -> Floats:
    own = slice(family.edges[row], family.edges[row + 1])
    mixed = (family.buckets[own] + shift) * _SPREAD
    mixed ^= mixed >> np.uint32(15)
    signs = np.where(mixed & np.uint32(1), 1.0, -1.0)
    places = (mixed >> np.uint32(1)) % np.uint32(DIMENSIONS)
    projected = np.bincount(places, weights=family.weights[own] * signs, minlength=DIMENSIONS)
    return projected.astype(np.float64)

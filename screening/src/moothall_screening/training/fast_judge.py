"""Fits the fast judge: one question for promotion over all rows, one for each other kind over genuine posts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from moothall_screening.fast import FastJudge, Head, Reading, family, in_chunks
from moothall_screening.features import BITS, char_grams, read, word_grams
from moothall_screening.screener import whole
from moothall_screening.signals import NAMES
from moothall_screening.training.rows import Row
from moothall_screening.weights import GENUINE

SEED = 2026
_SIZE = 1 << BITS
_STRENGTH = 3.0
_KIND_STRENGTH = 3.0

Flags = npt.NDArray[np.bool_]


def train(rows: Sequence[Row]) -> FastJudge:
    blank = Head(0.0, *(np.zeros(_SIZE, dtype=np.float32) for _ in range(2)), np.zeros(len(NAMES)))
    char_rarity, word_rarity = rarities([whole(row.candidate) for row in rows])
    reader = FastJudge(promotion=blank, kinds=(), char_rarity=char_rarity, word_rarity=word_rarity)
    matrix = features(reader, [whole(row.candidate) for row in rows])
    promotion = _fit(matrix, np.array([row.is_promotion for row in rows]), _STRENGTH)
    known = np.flatnonzero([row.kind is not None and not row.is_promotion for row in rows])
    kinds = [
        _fit(matrix[known], np.array([rows[place].kind is kind for place in known]), _KIND_STRENGTH) for kind in GENUINE
    ]
    return FastJudge(promotion=promotion, kinds=kinds, char_rarity=char_rarity, word_rarity=word_rarity)


def rarities(texts: Sequence[str]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Smoothed inverse document frequency of every bucket of characters and of words."""
    seen = np.zeros((2, _SIZE))
    flat = np.ones(_SIZE, dtype=np.float32)
    for chunk in in_chunks(texts):
        found = read(chunk)
        for place, grams in enumerate((char_grams(found), word_grams(found))):
            seen[place] += np.bincount(family(found, grams, flat).buckets, minlength=_SIZE)
    char, word = (np.log((1.0 + len(texts)) / (1.0 + counts)) + 1.0 for counts in seen)
    return char.astype(np.float32), word.astype(np.float32)


def features(reader: FastJudge, texts: Sequence[str]) -> sparse.csr_matrix:
    return sparse.vstack([_rows(reader.read(chunk)) for chunk in in_chunks(texts)]).tocsr()


def _rows(reading: Reading) -> sparse.csr_matrix:
    count = len(reading.texts)
    parts = [
        sparse.csr_matrix((each.weights, each.buckets.astype(np.int64), each.edges), shape=(count, _SIZE))
        for each in (reading.char, reading.word)
    ]
    return sparse.hstack([*parts, sparse.csr_matrix(reading.form)]).tocsr()


def _fit(matrix: sparse.csr_matrix, wanted: Flags, strength: float) -> Head:
    model = LogisticRegression(C=strength, solver="liblinear", random_state=SEED, max_iter=200).fit(matrix, wanted)
    weights = model.coef_[0]
    char, word, form = weights[:_SIZE], weights[_SIZE : 2 * _SIZE], weights[2 * _SIZE :]
    return Head(float(model.intercept_[0]), char.astype(np.float32), word.astype(np.float32), form.astype(np.float64))

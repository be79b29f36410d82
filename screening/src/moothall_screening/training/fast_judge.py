"""Fits the fast judge: one question for promotion over all rows, one for each other kind over genuine posts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from moothall_screening.draft import whole
from moothall_screening.fast import FastJudge, Head, Reading, Table, family, in_chunks
from moothall_screening.features import BITS, Flags, Floats, Ints, char_grams, read, word_grams
from moothall_screening.labelled import CORPUS, Row
from moothall_screening.signals import NAMES, signals
from moothall_screening.weights import GENUINE

SEED = 2026
_SIZE = 1 << BITS
_STRENGTH = 4.0
_KIND_STRENGTH = 4.0
_SOURCE_WEIGHT = (
    3.0  # of a column that tells a row's source, so that the n-grams need not learn its share of promotions
)


class FastTraining:
    """The rows of one training run, read once for all that is fitted to them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = list(rows)
        self.texts = [whole(row.candidate) for row in rows]
        self._char_rarity, self._word_rarity = _rarities(self.texts)
        self._usual_form = np.concatenate([signals(read(chunk)) for chunk in in_chunks(self.texts)]).mean(axis=0)
        reader = self._judge(_blank(), ())
        read_rows = sparse.vstack([_sparse(reader.read(chunk)) for chunk in in_chunks(self.texts)])
        self._matrix = sparse.hstack([read_rows, _sources(self.rows)]).tocsr()

    def promotion_judge(self, places: Ints) -> FastJudge:
        """Fitted to the rows at these places, without kinds."""
        wanted = np.array([self.rows[place].is_promotion for place in places.tolist()])
        return self._judge(_fit(self._matrix[places], wanted, _STRENGTH), ())

    def whole_judge(self) -> FastJudge:
        promotion = self.promotion_judge(np.arange(len(self.rows))).promotion
        known = np.flatnonzero([row.kind is not None and not row.is_promotion for row in self.rows])
        found = [self.rows[place].kind for place in known.tolist()]
        kinds = [
            _fit(self._matrix[known], np.array([each is kind for each in found]), _KIND_STRENGTH) for kind in GENUINE
        ]
        return self._judge(promotion, kinds)

    def _judge(self, promotion: Head, kinds: Sequence[Head]) -> FastJudge:
        return FastJudge(
            promotion=promotion,
            kinds=kinds,
            char_rarity=self._char_rarity,
            word_rarity=self._word_rarity,
            usual_form=self._usual_form,
        )


def _blank() -> Head:
    nothing = np.zeros(_SIZE, dtype=np.float32)
    return Head(0.0, nothing, nothing, np.zeros(len(NAMES)))


def _rarities(texts: Sequence[str]) -> tuple[Table, Table]:
    """Smoothed inverse document frequency of every bucket of characters and of words."""
    seen = np.zeros((2, _SIZE))
    flat = np.ones(_SIZE, dtype=np.float32)
    for chunk in in_chunks(texts):
        found = read(chunk)
        for place, grams in enumerate((char_grams(found), word_grams(found))):
            seen[place] += np.bincount(family(found, grams, flat).buckets, minlength=_SIZE)
    rarity = (np.log((1.0 + len(texts)) / (1.0 + seen)) + 1.0).astype(np.float32)
    return rarity[0], rarity[1]


def _sparse(reading: Reading) -> sparse.csr_matrix:
    count = len(reading.texts)
    parts = [
        sparse.csr_matrix((each.weights, each.buckets.astype(np.int64), each.edges), shape=(count, _SIZE))
        for each in (reading.char, reading.word)
    ]
    return sparse.hstack([*parts, sparse.csr_matrix(reading.form)]).tocsr()


def _sources(rows: Sequence[Row]) -> sparse.csr_matrix:
    others = sorted({row.source for row in rows} - {CORPUS})
    columns: npt.NDArray[np.float64] = np.array([[row.source == other for other in others] for row in rows])
    return sparse.csr_matrix(_SOURCE_WEIGHT * columns.reshape(len(rows), len(others)))


def _fit(matrix: sparse.csr_matrix, wanted: Flags, strength: float) -> Head:
    # The solver goes over all columns at every step. One that never occurs gets no weight, and there are many.
    present = np.flatnonzero(matrix.getnnz(axis=0))
    model = LogisticRegression(C=strength, solver="liblinear", random_state=SEED, max_iter=200)
    weights: Floats = np.zeros(matrix.shape[1])
    weights[present] = model.fit(matrix[:, present], wanted).coef_[0]
    form_end = 2 * _SIZE + len(NAMES)
    return Head(
        float(model.intercept_[0]),
        weights[:_SIZE].astype(np.float32),
        weights[_SIZE : 2 * _SIZE].astype(np.float32),
        weights[2 * _SIZE : form_end].astype(np.float64),
    )

"""Fits how much a close reading counts beside the fast judge, to posts of groups that neither saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from moothall_screening import weights
from moothall_screening.closer import Closer
from moothall_screening.draft import Draft, drafts, logistic, whole
from moothall_screening.fast import FastJudge, in_chunks
from moothall_screening.features import Flags, Floats
from moothall_screening.labelled import CORPUS, Row
from moothall_screening.likeness import EMBEDDING_WIDTH
from moothall_screening.sentence import SentenceJudge
from moothall_screening.stack import FIT_COLUMNS, PROMOTION_COLUMNS, CloseReading, Stack, promotion_columns
from moothall_screening.training.fast_judge import SEED
from moothall_screening.training.held_out import is_held_out
from moothall_screening.training.recipe import ON_TOPIC, train
from moothall_screening.verdict import Candidate
from moothall_screening.weights import Facts

# Of the promotions, and of the genuine posts, so many may lie where the fast judge alone decides.
_MISSED, _ACCUSED = 0.005, 0.002
_STRENGTH = 1.0
_BLANK = Stack(
    doubtful=(0.5, 0.5),
    promotion=(0.0,) * len(PROMOTION_COLUMNS),
    intercept=0.0,
    kinds=(1.0, 0.0),
    fit=(0.0,) * len(FIT_COLUMNS),
    fit_intercept=0.0,
    usual_meaning=(0.0,) * EMBEDDING_WIDTH,
)


@dataclass(frozen=True, slots=True)
class Read:
    """Rows read by both judges."""

    rows: tuple[Row, ...]
    drafts: tuple[Draft, ...]
    close: tuple[CloseReading, ...]

    @property
    def labels(self) -> Flags:
        return np.array([row.is_promotion for row in self.rows])

    @property
    def fast(self) -> Floats:
        return np.array([draft.log_odds for draft in self.drafts])


def train_stack(rows: Sequence[Row], judge: SentenceJudge) -> Stack:
    """The stack for a sentence model that was trained without the held-out groups; the fast judge is trained so here.

    Takes about a minute, most of it the close reading of the held-out posts.
    """
    held_out = [row for row in rows if row.source == CORPUS and is_held_out(row.group)]
    apart = {id(row) for row in held_out}
    fast, facts = train([row for row in rows if id(row) not in apart], version="without the held-out groups")
    closer = Closer(judge, _BLANK)
    return fitted(read_by_both(held_out, fast, facts, closer), moved_genuine(held_out, fast, facts, closer))


def read_by_both(rows: Sequence[Row], fast: FastJudge, facts: Facts, closer: Closer) -> Read:
    candidates = [row.candidate for row in rows]
    drafted: list[Draft] = []
    for chunk in in_chunks([whole(candidate) for candidate in candidates]):
        drafted.extend(drafts(fast, facts, candidates[len(drafted) : len(drafted) + len(chunk)], chunk, 1.0))
    return Read(tuple(rows), tuple(drafted), tuple(closer.read(candidates)))


def moved_genuine(rows: Sequence[Row], fast: FastJudge, facts: Facts, closer: Closer) -> Read:
    """Every genuine post in the group of another."""
    genuine = [row for row in rows if not row.is_promotion]
    order = np.random.default_rng(SEED).permutation(len(genuine)).tolist()
    strangers = [(row, genuine[place].candidate) for row, place in zip(genuine, order, strict=True)]
    moved = [
        replace(row, candidate=_in_group_of(row.candidate, other))
        for row, other in strangers
        if other.group_purpose != row.candidate.group_purpose
    ]
    return read_by_both(moved, fast, facts, closer)


def _in_group_of(post: Candidate, other: Candidate) -> Candidate:
    return replace(post, group=other.group, group_purpose=other.group_purpose, rules=other.rules)


def fitted(own: Read, moved: Read) -> Stack:
    promotion = _logistic(_columns(own), own.labels)
    at_home = [place for place, row in enumerate(own.rows) if not row.is_promotion]
    fit_columns = np.array(
        [(*read.drafts[at].surroundings[3:], read.close[at].fit) for read, at in _places(own, at_home, moved)]
    )
    fit = _logistic(fit_columns, np.arange(len(fit_columns)) < len(at_home))
    chances = np.array([logistic(each) for each in own.fast.tolist()])
    return Stack(
        doubtful=(
            float(np.quantile(chances[own.labels], _MISSED)),
            float(np.quantile(chances[~own.labels], 1.0 - _ACCUSED)),
        ),
        promotion=tuple(promotion.coef_[0].tolist()),
        intercept=float(promotion.intercept_[0]),
        kinds=_kind_weights(own, at_home),
        fit=tuple(fit.coef_[0].tolist()),
        # The pairs are half and half; in life nine of ten posts belong where they stand.
        fit_intercept=float(fit.intercept_[0]) + log(ON_TOPIC / (1.0 - ON_TOPIC)),
        usual_meaning=tuple(np.mean([close.embedding for close in own.close], axis=0).round(5).tolist()),
    )


def _places(own: Read, at_home: Sequence[int], moved: Read) -> list[tuple[Read, int]]:
    return [(own, place) for place in at_home] + [(moved, place) for place in range(len(moved.rows))]


def _columns(read: Read) -> Floats:
    return np.array(
        [promotion_columns(fast, close) for fast, close in zip(read.fast.tolist(), read.close, strict=True)]
    )


def _kind_weights(own: Read, genuine: Sequence[int]) -> tuple[float, float]:
    """Those by which the true kinds of the genuine posts are likeliest."""
    known = [(place, kind) for place in genuine if (kind := own.rows[place].kind) is not None]
    true = np.array([weights.GENUINE.index(kind) for _, kind in known])

    def surprise(tried: Floats) -> float:
        stack = replace(_BLANK, kinds=(float(tried[0]), float(tried[1])))
        shares = np.array([stack.shares(own.drafts[place].kinds, own.close[place]) for place, _ in known])
        return -float(np.log(shares[np.arange(len(true)), true] + 1e-9).mean())

    found = minimize(surprise, np.array([0.5, 0.5]), method="Nelder-Mead")
    return float(found.x[0]), float(found.x[1])


def _logistic(columns: Floats, labels: Flags) -> LogisticRegression:
    return LogisticRegression(C=_STRENGTH, solver="newton-cholesky").fit(columns, labels)

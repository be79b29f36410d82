"""From rows to shipped weights: tables, then what is fitted on groups that the tables never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from sklearn.linear_model import LogisticRegression

from moothall_screening.acceptance import USUAL_FIT, Vectors, Welcome, log_odds_of
from moothall_screening.context import NAMES, context
from moothall_screening.draft import whole
from moothall_screening.fast import FastJudge, in_chunks
from moothall_screening.features import Flags, Floats, Ints
from moothall_screening.labelled import CORPUS, Row
from moothall_screening.likeness import vector
from moothall_screening.training.fast_judge import SEED, FastTraining
from moothall_screening.training.welcome import Placed, fitted_welcome
from moothall_screening.verdict import Candidate
from moothall_screening.weights import Facts

FOLDS = 4
SURE = 1e4  # so little regularisation that a handful of coefficients is not shrunk
_FEWEST_IN_A_LANGUAGE = 200


def train(rows: Sequence[Row], *, version: str) -> tuple[FastJudge, Facts]:
    training = FastTraining(rows)
    own = np.flatnonzero([row.source == CORPUS for row in rows])
    unseen = _unseen_log_odds(training, own)
    judge = training.whole_judge()
    return judge, _facts(judge, [rows[place] for place in own.tolist()], unseen, version)


def _unseen_log_odds(training: FastTraining, own: Ints) -> Floats:
    """Of the rows at these places, each judged by tables that saw no post of its group.

    Where a row is not in English, they saw none of its language: what is fitted to these tells how little a judge knows
    of a language that it never learnt.
    """
    apart = [row.group if row.language in {"", "en"} else row.language for row in training.rows]
    folds = np.array([crc32(each.encode()) % FOLDS for each in apart])
    unseen = np.zeros(len(training.rows))
    for fold in range(FOLDS):
        judge = training.promotion_judge(np.flatnonzero(folds != fold))
        held_out = own[folds[own] == fold]
        unseen[held_out] = judge.log_odds([training.texts[place] for place in held_out.tolist()])
    return unseen[own]


def _facts(judge: FastJudge, rows: Sequence[Row], unseen: Floats, version: str) -> Facts:
    labels = np.array([row.is_promotion for row in rows])
    english = np.array([row.language == "en" for row in rows])
    surroundings = contexts(judge, [row.candidate for row in rows])
    known = _fit(np.column_stack((unseen, surroundings))[english], labels[english])
    other = _fit(unseen[~english][:, None], labels[~english])
    interest = _interest(judge, rows)
    languages = [row.language for row in rows]
    return Facts(
        version=version,
        slope=float(known.coef_[0, 0]),
        intercept=float(known.intercept_[0]),
        context=tuple(known.coef_[0, 1:].tolist()),
        fit=interest.fit,
        fit_intercept=interest.fit_intercept,
        welcome=interest.welcome,
        languages=tuple(sorted({each for each in languages if languages.count(each) >= _FEWEST_IN_A_LANGUAGE})),
        other_language=min(1.0, max(0.0, float(other.coef_[0, 0] / known.coef_[0, 0]))),
    )


def contexts(judge: FastJudge, candidates: Sequence[Candidate]) -> Floats:
    found = [np.zeros((0, len(NAMES)))]
    first = 0
    for chunk in in_chunks([whole(candidate) for candidate in candidates]):
        found.append(context(judge, judge.read(chunk), candidates[first : first + len(chunk)]))
        first += len(chunk)
    return np.concatenate(found)


def in_group_of(post: Candidate, other: Candidate) -> Candidate:
    return replace(post, group=other.group, group_purpose=other.group_purpose, rules=other.rules)


@dataclass(frozen=True, slots=True)
class _Interest:
    """What tells by words whether a post keeps to its group's interest; the fields are those of `Facts`."""

    fit: tuple[float, ...]
    fit_intercept: float
    welcome: Welcome


def _interest(judge: FastJudge, rows: Sequence[Row]) -> _Interest:
    """Fitted to every genuine post with its own group's interest, and with that of another."""
    genuine = [row for row in rows if not row.is_promotion]
    order = np.random.default_rng(SEED).permutation(len(genuine)).tolist()
    own = [row.candidate for row in genuine]
    candidates = own + [in_group_of(post, own[place]) for post, place in zip(own, order, strict=True)]
    columns = contexts(judge, candidates)[:, 3:]
    belongs = np.arange(len(columns)) < len(own)
    model = _fit(columns, belongs)
    intercept = float(model.intercept_[0]) + log_odds_of(USUAL_FIT)
    stated = columns @ model.coef_[0] + intercept
    letters = _letters(judge, own)
    placed = [
        Placed(candidate.group_purpose or "", place < len(own), stated[place], letters[at], genuine[at].version_of)
        for place, candidate in enumerate(candidates)
        for at in [place % len(own)]
    ]
    return _Interest(tuple(model.coef_[0].tolist()), intercept, fitted_welcome(placed))


def _letters(judge: FastJudge, candidates: Sequence[Candidate]) -> list[Vectors]:
    found: list[Vectors] = []
    for chunk in in_chunks([whole(candidate) for candidate in candidates]):
        reading = judge.read(chunk)
        found.extend(vector(reading, place).astype(np.float32) for place in range(len(chunk)))
    return found


def _fit(columns: Floats, labels: Flags) -> LogisticRegression:
    return LogisticRegression(C=SURE, solver="newton-cholesky").fit(columns, labels)

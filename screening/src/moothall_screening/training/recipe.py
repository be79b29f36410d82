"""From rows to shipped weights: tables, then what is fitted on groups that the tables never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log
from zlib import crc32

import numpy as np
from sklearn.linear_model import LogisticRegression

from moothall_screening.context import NAMES, context
from moothall_screening.draft import whole
from moothall_screening.fast import FastJudge, in_chunks
from moothall_screening.features import Flags, Floats, Ints
from moothall_screening.labelled import CORPUS, Row
from moothall_screening.training.fast_judge import SEED, FastTraining
from moothall_screening.verdict import Candidate
from moothall_screening.weights import Facts

FOLDS = 4
_SURE = 1e4  # so little regularisation that a handful of coefficients is not shrunk
_FEWEST_IN_A_LANGUAGE = 200
ON_TOPIC = 0.9  # of the posts in a group; fit is fitted on pairs of which half are


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
    fit = _fit_of_interest(judge, rows)
    languages = [row.language for row in rows]
    return Facts(
        version=version,
        slope=float(known.coef_[0, 0]),
        intercept=float(known.intercept_[0]),
        context=tuple(known.coef_[0, 1:].tolist()),
        fit=tuple(fit.coef_[0].tolist()),
        fit_intercept=float(fit.intercept_[0]) + log(ON_TOPIC / (1.0 - ON_TOPIC)),
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


def _fit_of_interest(judge: FastJudge, rows: Sequence[Row]) -> LogisticRegression:
    """Every genuine post with its own group's purpose, and with the purpose of another."""
    genuine = [row.candidate for row in rows if not row.is_promotion]
    random = np.random.default_rng(SEED)
    moved = [
        replace(post, group=other.group, group_purpose=other.group_purpose)
        for post, other in zip(genuine, random.permutation(np.array(genuine, dtype=object)), strict=True)
    ]
    columns = np.concatenate((contexts(judge, genuine), contexts(judge, moved)))[:, 3:]
    return _fit(columns, np.arange(len(columns)) < len(genuine))


def _fit(columns: Floats, labels: Flags) -> LogisticRegression:
    return LogisticRegression(C=_SURE, solver="newton-cholesky").fit(columns, labels)

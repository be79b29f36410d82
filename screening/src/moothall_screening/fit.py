"""Whether a post belongs to what a group says it is for."""

from __future__ import annotations

from math import exp

import numpy as np

from moothall_screening.fast import FastJudge
from moothall_screening.features import Texts, read
from moothall_screening.verdict import Candidate
from moothall_screening.weights import Facts


class Interest:
    """A group's stated purpose and rules, as words weighed by their rarity."""

    def __init__(self, candidate: Candidate, judge: FastJudge, facts: Facts) -> None:
        self._purpose = " ".join((candidate.group or "", candidate.group_purpose or "", *candidate.rules)).strip()
        self._judge = judge
        self._facts = facts

    def fit_of(self, post: Texts) -> float:
        if not self._purpose:
            return 1.0
        overlap = self._overlap(post)
        return 1.0 / (1.0 + exp(-(self._facts.fit_slope * overlap + self._facts.fit_intercept)))

    def _overlap(self, post: Texts) -> float:
        family = self._judge.char_family(read([self._purpose]))
        own = self._judge.char_family(post)
        _, here, there = np.intersect1d(family.buckets, own.buckets, assume_unique=True, return_indices=True)
        return float(family.weights[here] @ own.weights[there])

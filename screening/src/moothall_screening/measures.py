"""How well chances agree with labels: ranking, recall at few false alarms, calibration, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from moothall_screening.features import Flags, Floats

FALSE_ALARMS = 0.01
_BINS = 10
_DRAWS = 400
_SEED = 2026

Measure = Callable[[Flags, Floats], float]


@dataclass(frozen=True, slots=True)
class Interval:
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class Bin:
    """One stretch of stated chances: what was said on average, what came true, of how many."""

    stated: float
    found: float
    count: int


def auc(labels: Flags, chances: Floats) -> float:
    """The chance that a promotion stands above a genuine post; ties count half."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(chances, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    return float((ranks[labels].sum() - positives * (positives + 1) / 2.0) / (positives * negatives))


def average_precision(labels: Flags, chances: Floats) -> float:
    order = np.argsort(-chances, kind="stable")
    hits = np.cumsum(labels[order])
    if not hits.size or not hits[-1]:
        return float("nan")
    last_of_tie = np.append(np.diff(chances[order]) != 0, True)
    precision = (hits / np.arange(1, len(hits) + 1))[last_of_tie]
    recall = (hits / hits[-1])[last_of_tie]
    return float(np.sum(np.diff(np.concatenate(([0.0], recall))) * precision))


def recall_at_false_alarms(labels: Flags, chances: Floats) -> float:
    """The share of promotions above the threshold that stops one genuine post in a hundred."""
    if labels.all() or not labels.any():
        return float("nan")
    threshold = np.quantile(chances[~labels], 1.0 - FALSE_ALARMS)
    return float((chances[labels] > threshold).mean())


def calibration_error(labels: Flags, chances: Floats) -> float:
    """Expected calibration error over ten bins of equal width."""
    # A bin's part is its posts, times how far the stated is off.
    apart = np.bincount(_bins(chances), chances - labels, _BINS)
    return float(np.abs(apart).sum()) / len(labels) if len(labels) else float("nan")


def worst_calibration(labels: Flags, chances: Floats, groups: Sequence[npt.NDArray[np.int64]]) -> float:
    """The calibration error that one group in ten exceeds; of each group the places of its posts."""
    return _Cells(chances, groups).worst(labels)


def by_chance_alone(chances: Floats, groups: Sequence[npt.NDArray[np.int64]]) -> float:
    """The same, were every chance exactly true: so much of it comes of a group having few posts.

    The mean over labels that are drawn by the chances.
    """
    random = np.random.default_rng(_SEED)
    cells = _Cells(chances, groups)
    return float(np.mean([cells.worst(random.random(len(chances)) < chances) for _ in range(_DRAWS)]))


class _Cells:
    """Each group's bins, for many labels of the same chances."""

    def __init__(self, chances: Floats, groups: Sequence[npt.NDArray[np.int64]]) -> None:
        self._places = np.concatenate(groups)
        self._sizes = np.array([len(each) for each in groups])
        self._chances = chances[self._places]
        self._cells = np.repeat(np.arange(len(groups)), self._sizes) * _BINS + _bins(self._chances)

    def worst(self, labels: Flags) -> float:
        # A bin's part of a group's error, as in `calibration_error`: its posts, times how far the stated is off.
        apart = np.bincount(self._cells, self._chances - labels[self._places], len(self._sizes) * _BINS)
        errors = np.abs(apart).reshape(len(self._sizes), _BINS).sum(1) / self._sizes
        return float(np.quantile(errors, 0.9))


def _bins(chances: Floats) -> npt.NDArray[np.int64]:
    return np.minimum((chances * _BINS).astype(np.int64), _BINS - 1)


def reliability(labels: Flags, chances: Floats) -> list[Bin]:
    places = _bins(chances)
    bins = []
    for place in range(_BINS):
        inside = places == place
        if inside.any():
            bins.append(Bin(float(chances[inside].mean()), float(labels[inside].mean()), int(inside.sum())))
    return bins


def interval(measure: Measure, labels: Flags, chances: Floats, clusters: npt.NDArray[np.int64]) -> Interval:
    """With a 95% interval that draws whole clusters (groups), since posts of one group resemble each other."""
    value = measure(labels, chances)
    random = np.random.default_rng(_SEED)
    members = [np.flatnonzero(clusters == each) for each in np.unique(clusters)]
    drawn = []
    for _ in range(_DRAWS):
        chosen = random.integers(0, len(members), len(members))
        places = np.concatenate([members[at] for at in chosen])
        drawn.append(measure(labels[places], chances[places]))
    low, high = np.nanquantile(drawn, [0.025, 0.975]) if np.isfinite(drawn).any() else (np.nan, np.nan)
    return Interval(value, float(low), float(high))

"""Chances that come true as often as they say: Platt's two numbers, without scikit-learn.

See J. Platt, "Probabilistic outputs for support vector machines" (1999), whose smoothed targets are used.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from moothall_screening.features import Flags, Floats
from moothall_screening.weights import Facts

_STEPS = 50
_LONGEST_STEP = 2.0
_LEAST_SLOPE = 0.05
_RIDGE = 1e-6


class OneSidedError(ValueError):
    """Posts of one label only cannot calibrate anything."""

    def __init__(self) -> None:
        super().__init__("all these posts have one label: give promotions and genuine posts")


def fitted(log_odds: Floats, labels: Flags) -> tuple[float, float]:
    """Slope and intercept by Newton's method; the slope stays positive, so the ranking stays as it is."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        raise OneSidedError
    targets = np.where(labels, (positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0))
    spread = float(np.std(log_odds)) or 1.0
    columns = np.column_stack((log_odds / spread, np.ones(len(log_odds))))
    found = np.zeros(2)
    for _ in range(_STEPS):
        chances = 1.0 / (1.0 + np.exp(-np.clip(columns @ found, -500.0, 500.0)))
        weights = np.maximum(chances * (1.0 - chances), 1e-9)
        curvature = (columns * weights[:, None]).T @ columns + _RIDGE * np.eye(2)
        step = np.linalg.solve(curvature, columns.T @ (chances - targets))
        found = found - step * min(1.0, _LONGEST_STEP / float(np.abs(step).max() or 1.0))
    return max(_LEAST_SLOPE, float(found[0]) / spread), float(found[1])


def recalibrated(facts: Facts, slope: float, intercept: float) -> Facts:
    return replace(
        facts,
        slope=facts.slope * slope,
        intercept=facts.intercept * slope + intercept,
        context=tuple(each * slope for each in facts.context),
    )

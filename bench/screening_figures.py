"""What one filter reached: the rows of the table, whatever the filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from moothall_screening.features import Flags, Floats
from moothall_screening.labelled import Row
from moothall_screening.measures import (
    Interval,
    Measure,
    auc,
    average_precision,
    calibration_error,
    interval,
    recall_at_false_alarms,
)

DEV = "corpus dev"


@dataclass(frozen=True, slots=True)
class Figure:
    """`low` and `high` bound 95% of draws over whole groups, where they were drawn."""

    posts: int
    value: float
    low: float | None = None
    high: float | None = None

    @staticmethod
    def of(drawn: Interval, posts: int) -> Figure:
        return Figure(posts, drawn.value, drawn.low, drawn.high)


@dataclass(slots=True)
class Column:
    """One way in which one filter tells offers, or why there is none."""

    name: str
    failed: str = ""
    figures: dict[str, Figure] = field(default_factory=dict)


def of_dev(rows: Sequence[Row], told: Floats) -> Iterator[tuple[str, Figure]]:
    labels = np.array([row.is_promotion for row in rows])
    masked = np.array([row.is_masked is True for row in rows])
    foreign = np.array([row.language not in {"", "en"} for row in rows])
    yield from of_set(DEV, rows, told)
    yield f"{DEV}, average precision", _drawn(average_precision, rows, told)
    yield f"{DEV}, masked, AUC", _plain(auc, labels, told, ~labels | masked)
    yield f"{DEV}, masked, recall at 1%", _plain(recall_at_false_alarms, labels, told, ~labels | masked)
    yield f"{DEV}, not English, AUC", _plain(auc, labels, told, foreign)
    pairs = list(_pairs(rows, told))
    yield f"{DEV}, contrast pairs in order", Figure(len(pairs), float(np.mean(pairs)) if pairs else float("nan"))
    if told.min() >= 0.0 and told.max() <= 1.0:
        yield f"{DEV}, calibration error", _drawn(calibration_error, rows, told)


def of_set(name: str, rows: Sequence[Row], told: Floats) -> Iterator[tuple[str, Figure]]:
    yield f"{name}, AUC", _drawn(auc, rows, told)
    yield f"{name}, recall at 1%", _drawn(recall_at_false_alarms, rows, told)


def speed(done: str, posts: int, cpu_s: float) -> dict[str, Figure]:
    return {f"posts {done} a CPU-second": Figure(posts, posts / max(cpu_s, 1e-3))}


def _drawn(measure: Measure, rows: Sequence[Row], told: Floats) -> Figure:
    labels = np.array([row.is_promotion for row in rows])
    groups = np.unique([row.group for row in rows], return_inverse=True)[1].astype(np.int64)
    return Figure.of(interval(measure, labels, told, groups), len(rows))


def _plain(measure: Measure, labels: Flags, told: Floats, chosen: Flags) -> Figure:
    return Figure(int(chosen.sum()), measure(labels[chosen], told[chosen]))


def _pairs(rows: Sequence[Row], told: Floats) -> Iterator[bool]:
    """Each offer against each genuine version of the same post."""
    for offer, its in zip(rows, told.tolist(), strict=True):
        if offer.is_promotion and offer.pair:
            for twin, other in zip(rows, told.tolist(), strict=True):
                if twin.pair == offer.pair and not twin.is_promotion:
                    yield its > other

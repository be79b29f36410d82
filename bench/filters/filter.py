"""What is measured: a filter that learns labelled posts and then says of others how much they look like offers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import psutil

from moothall_screening.features import Floats
from moothall_screening.labelled import Row


class FilterFailed(RuntimeError):
    """A peer ended with an error or took too long; says which command, and what it printed last."""


@dataclass(frozen=True, slots=True)
class Work:
    """Where a filter may keep its files, and by when (`time.monotonic`) it must have told everything."""

    folder: Path
    until: float

    def left_s(self) -> float:
        """How many seconds are left.

        Raises
        ------
        FilterFailed
            if none are.
        """
        left = self.until - time.monotonic()
        if left <= 0.0:
            raise FilterFailed("given up, since it took longer than its share of the time")
        return left


class Running(Protocol):
    """A filter at work in a folder of its own, with its daemons if it has any."""

    def learn(self, rows: Sequence[Row]) -> None: ...

    def judge(self, rows: Sequence[Row]) -> Mapping[str, Floats]:
        """Numbers that rise with the chance of an offer, under the name of each way in which the filter tells it."""

    def cpu_s(self) -> float:
        """The processor time of all that works for this filter, up to now."""


class Filter(Protocol):
    """`needs` are the programs it consists of, `seen` the sets whose rows it has learnt from before this run.

    `is_taught` says whether this run teaches it at all, so that the time of that means something.
    """

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]: ...

    @property
    def seen(self) -> frozenset[str]: ...

    @property
    def is_taught(self) -> bool: ...

    def running(self, work: Work) -> AbstractContextManager[Running]: ...


def children_cpu_s() -> float:
    """Of all processes that this one started and those started in turn, whether they still run or have ended."""
    own = psutil.Process().cpu_times()
    total = own.children_user + own.children_system
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return float(total)


def by_number(count: int, numbered: Iterator[tuple[int, float]]) -> Floats:
    """The answers in the order of the posts; every post must have got one."""
    found = np.full(count, np.nan)
    for number, value in numbered:
        found[number] = value
    if np.isnan(found).any():
        raise FilterFailed(f"{int(np.isnan(found).sum())} of {count} posts got no answer")
    return found

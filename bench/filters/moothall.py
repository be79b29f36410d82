"""Moothall's own judges: the shipped cascade, its fast judge alone, and a fast judge taught in this very run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from filters.filter import Running, Work
from moothall_screening import Screener, weights
from moothall_screening.features import Floats
from moothall_screening.labelled import OPEN_SETS, Row


@dataclass(frozen=True, slots=True)
class Moothall:
    """As shipped; what it learnt from is told in docs/screening.md, so the rows of this run teach it nothing more."""

    name: str
    closely: bool
    needs: tuple[str, ...] = ()
    seen: frozenset[str] = frozenset(OPEN_SETS)
    is_taught: bool = False

    @contextmanager
    def running(self, work: Work) -> Iterator[Running]:
        yield _Running(self.name, lambda rows: Screener(closely=self.closely))


@dataclass(frozen=True, slots=True)
class Taught:
    """The fast judge trained on the same rows as the peers and on nothing else."""

    name: str = "fast-judge-retrained"
    needs: tuple[str, ...] = ()
    seen: frozenset[str] = frozenset()
    is_taught: bool = True

    @contextmanager
    def running(self, work: Work) -> Iterator[Running]:
        from moothall_screening.training.recipe import train  # noqa: PLC0415 - scikit-learn takes over a second

        def trained(rows: Sequence[Row]) -> Screener:
            weights.save(work.folder, *train(rows, version="taught in a measurement"))
            return Screener(work.folder)

        yield _Running(self.name, trained)


class _Running:
    def __init__(self, name: str, screener_from: Callable[[Sequence[Row]], Screener]) -> None:
        self._name = name
        self._screener_from = screener_from
        self._screener: Screener | None = None

    def learn(self, rows: Sequence[Row]) -> None:
        self._screener = self._screener_from(rows)
        self._screener.screen(rows[0].candidate)  # loads what is loaded at the first use

    def judge(self, rows: Sequence[Row]) -> Mapping[str, Floats]:
        if self._screener is None:
            raise ValueError("learn before you judge")
        verdicts = self._screener.screen_many([row.candidate for row in rows])
        return {self._name: np.array([verdict.promotion for verdict in verdicts])}

    def cpu_s(self) -> float:
        return time.process_time()

"""The yardstick: each public set judged by a model that saw no row of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from moothall_screening import weights
from moothall_screening.evaluation import Judged, judged
from moothall_screening.labelled import OPEN_SETS, TRANSFER_SETS, Row, read_open_set, read_rows, read_set
from moothall_screening.screener import Screener
from moothall_screening.training.recipe import train


def transfer(corpus: Path, folder: Path) -> Iterator[tuple[str, Judged]]:
    """One model for all sets that nobody trains on; one each, trained without it, for those that are."""
    with TemporaryDirectory() as made:
        whole = _screener(corpus, folder, OPEN_SETS, Path(made) / "whole")
        for name in TRANSFER_SETS:
            others = tuple(each for each in OPEN_SETS if each != name)
            screener = whole if name not in OPEN_SETS else _screener(corpus, folder, others, Path(made) / name)
            yield name, _judged(screener, read_set(folder / name))
        yield "corpus dev", _judged(whole, read_rows(corpus / "dev.jsonl"))


def _screener(corpus: Path, folder: Path, open_sets: tuple[str, ...], to: Path) -> Screener:
    rows = read_rows(corpus / "train.jsonl")
    for name in open_sets:
        rows += read_open_set(folder, name)
    weights.save(to, *train(rows, version="transfer"))
    return Screener(to)


def _judged(screener: Screener, rows: list[Row]) -> Judged:
    return judged(rows, screener.screen_many([row.candidate for row in rows]))

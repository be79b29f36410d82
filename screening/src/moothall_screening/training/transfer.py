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


def transfer(shipped: Screener, corpus: Path, folder: Path) -> Iterator[tuple[str, Judged]]:
    """The shipped model for sets that it was not trained on; for the others one trained again without them."""
    for name in TRANSFER_SETS:
        rows = read_set(folder / name)
        yield name, _judged(_without(name, corpus, folder) if name in OPEN_SETS else shipped, rows)


def _without(left_out: str, corpus: Path, folder: Path) -> Screener:
    rows = read_rows(corpus / "train.jsonl")
    for name in OPEN_SETS:
        if name != left_out:
            rows += read_open_set(folder, name)
    with TemporaryDirectory() as made:
        weights.save(Path(made), *train(rows, version=f"without {left_out}"))
        return Screener(Path(made))


def _judged(screener: Screener, rows: list[Row]) -> Judged:
    return judged(rows, screener.screen_many([row.candidate for row in rows]))

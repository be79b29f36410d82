"""The yardstick: each public set judged by a model that saw no row of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from moothall_screening import closer, stack, weights
from moothall_screening.evaluation import Judged, judged
from moothall_screening.labelled import OPEN_SETS, TRANSFER_SETS, Row, read_open_set, read_rows, read_set
from moothall_screening.screener import Screener
from moothall_screening.training.recipe import train


def transfer(shipped: Screener, corpus: Path, folder: Path) -> Iterator[tuple[str, Judged]]:
    """The shipped model for sets that it was not trained on; for the others its fast judge is trained again without."""
    for name in TRANSFER_SETS:
        rows = read_set(folder / name)
        if name not in OPEN_SETS:
            yield name, _judged(shipped, rows)
            continue
        with TemporaryDirectory() as made:
            _train_without(name, corpus, folder, Path(made))
            _share_sentence_model(shipped.folder, Path(made))
            yield name, _judged(Screener(Path(made)), rows)


def _train_without(left_out: str, corpus: Path, folder: Path, made: Path) -> None:
    rows = read_rows(corpus / "train.jsonl")
    for name in OPEN_SETS:
        if name != left_out:
            rows += read_open_set(folder, name)
    weights.save(made, *train(rows, version=f"without {left_out}"))


def _share_sentence_model(shipped: Path, made: Path) -> None:
    """It learns from none of the sets that are measured on; the stack's few numbers are the shipped ones."""
    for part in (stack.FILE, closer.FOLDER):
        if (shipped / part).exists():
            (made / part).symlink_to((shipped / part).resolve())


def _judged(screener: Screener, rows: list[Row]) -> Judged:
    return judged(rows, screener.screen_many([row.candidate for row in rows]))

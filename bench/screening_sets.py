"""What filters are taught and measured on: the corpus, and the public sets whose folder the environment names."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from moothall_screening.labelled import TRANSFER_SETS, Row, read_rows, read_set

VARIABLE = "MOOTHALL_BENCH_SETS"
CORPUS = Path(__file__).parent.parent / "corpus"
MOST = 400  # posts drawn of each public set, so that a filter of 50 ms a post is through in time
_SEED = 2026


@dataclass(frozen=True, slots=True)
class Sets:
    """`dev` holds groups that `train` has no post of; `public` are real posts from places that `train` never saw."""

    train: Sequence[Row]
    dev: Sequence[Row]
    public: Mapping[str, Sequence[Row]]


def sets() -> Sets:
    folder = os.environ.get(VARIABLE)
    public = {name: _drawn(_read(Path(folder) / name)) for name in TRANSFER_SETS} if folder else {}
    return Sets(read_rows(CORPUS / "train.jsonl"), read_rows(CORPUS / "dev.jsonl"), public)


def _read(folder: Path) -> list[Row]:
    if not folder.is_dir():
        raise SystemExit(f"There is no folder {folder}. Let {VARIABLE} name a folder with {', '.join(TRANSFER_SETS)}.")
    return read_set(folder)


def _drawn(rows: Sequence[Row]) -> list[Row]:
    """In the same order for every filter."""
    return Random(_SEED).sample(rows, min(MOST, len(rows)))

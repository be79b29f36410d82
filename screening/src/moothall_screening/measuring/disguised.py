"""Whether a pitch is still known, and nobody else accused, once every letter of a post was disguised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

import numpy as np

from moothall_screening.features import Floats
from moothall_screening.labelled import Row
from moothall_screening.measures import auc
from moothall_screening.measuring.rewording import DISGUISES, REWORDINGS
from moothall_screening.screener import Screener
from moothall_screening.verdict import Candidate

_SEED = 2026
_OFFER = 0.5


def report(screener: Screener, rows: Sequence[Row]) -> Iterator[str]:
    """A line for the posts as they are, and one for each disguise of all of them."""
    yield _line("as they are", rows, _chances(screener, [row.candidate for row in rows]))
    for name in DISGUISES:
        random = Random(_SEED)  # noqa: S311 - nothing secret is drawn
        worn = [
            replace(row.candidate, text=REWORDINGS[name](row.candidate.text, random, [row.candidate.text]))
            for row in rows
        ]
        yield _line(name, rows, _chances(screener, worn))


def _chances(screener: Screener, candidates: Sequence[Candidate]) -> Floats:
    return np.array([verdict.promotion for verdict in screener.screen_many(candidates, told_from=1.0)])


def _line(name: str, rows: Sequence[Row], chances: Floats) -> str:
    labels = np.array([row.is_promotion for row in rows], dtype=np.bool_)
    found, accused = (
        float((chances[chosen] >= _OFFER).mean()) if chosen.any() else 0.0 for chosen in (labels, ~labels)
    )
    return f"  {name:32} AUC {auc(labels, chances):.3f}  found {found:.3f}  wrongly accused {accused:.3f}"

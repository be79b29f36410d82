"""What a group's own decisions are worth: each public set judged by a screener that four fifths of it have taught.

The folds keep near-duplicates together, so that no measured post was taught in other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from moothall_screening.evaluation import Judged, judged
from moothall_screening.features import Ints
from moothall_screening.group_model import Example, GroupModel
from moothall_screening.labelled import Row, read_set
from moothall_screening.screener import Screener
from moothall_screening.verdict import Verdict

SETS = ("datacamp_comments", "mailing_list_promo", "jigsaw_advertising")
FOLDS = 5
_SEED = 2026


def own_posts(screener: Screener, folder: Path) -> Iterator[tuple[str, Judged]]:
    """Each set as one group, every post judged after the decisions on the posts of the other folds."""
    for name in SETS:
        rows = read_set(folder / name)
        yield name, judged(rows, taught_by_the_others(screener, rows))


def taught_by_the_others(screener: Screener, rows: Sequence[Row]) -> list[Verdict]:
    examples = [Example(row.candidate.text, row.is_promotion, subject=row.candidate.subject) for row in rows]
    traces = screener.traces(examples)
    parts = folds(screener, rows)
    found: dict[int, Verdict] = {}
    for part in range(FOLDS):
        model = GroupModel()
        for place in np.flatnonzero(parts != part).tolist():
            model.learn(traces[place])
        own = np.flatnonzero(parts == part).tolist()
        verdicts = screener.screen_many([rows[place].candidate for place in own], model, told_from=1.0)
        found.update(zip(own, verdicts, strict=True))
    return [found[place] for place in range(len(rows))]


def folds(screener: Screener, rows: Sequence[Row]) -> Ints:
    """The number of each row's fold; rows that share a near-duplicate key, at first or second hand, share it."""
    verdicts = screener.screen_many([row.candidate for row in rows], told_from=1.0, closely=False)
    leaders = np.arange(len(rows))
    holders: dict[int, int] = {}
    for place, verdict in enumerate(verdicts):
        for key in verdict.duplicate_keys:
            _join(leaders, place, holders.setdefault(key, place))
    families = np.array([_leader(leaders, place) for place in range(len(rows))], dtype=np.int64)
    of_family = np.random.default_rng(_SEED).integers(0, FOLDS, len(rows))
    return np.asarray(of_family[families], dtype=np.int64)


def _leader(leaders: Ints, place: int) -> int:
    while leaders[place] != place:
        place = int(leaders[place])
    return place


def _join(leaders: Ints, left: int, right: int) -> None:
    leaders[_leader(leaders, left)] = _leader(leaders, right)

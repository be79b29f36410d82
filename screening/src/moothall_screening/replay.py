"""A group's posts in time order: each is judged before its decision is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from moothall_screening.evaluation import Judged, judged
from moothall_screening.group_model import Example, GroupModel
from moothall_screening.labelled import Row
from moothall_screening.screener import Screener

_SEED = 2026
_ONE_GROUP = "one group"


@dataclass(frozen=True, slots=True)
class Teaching:
    """What a group's decisions are like.

    Attributes
    ----------
    feedback
        the share of the posts that is decided on, 0 to 1.
    wrong
        the share of the decisions that is the opposite of the truth, 0 to 1.
    """

    feedback: float = 1.0
    wrong: float = 0.0

    def __post_init__(self) -> None:
        if not (0.0 <= self.feedback <= 1.0 and 0.0 <= self.wrong <= 1.0):
            raise ValueError("a share of the posts or of the decisions lies between 0 and 1")


def stream(rows: Sequence[Row], *, in_one_group: bool, shuffled: bool) -> list[Row]:
    """The rows as one stream of posts; `shuffled` for sets that have no order of time."""
    ordered = list(rows)
    if shuffled:
        ordered = [ordered[place] for place in np.random.default_rng(_SEED).permutation(len(rows)).tolist()]
    if in_one_group:
        return [replace(row, candidate=replace(row.candidate, group=_ONE_GROUP)) for row in ordered]
    return ordered


def frozen(screener: Screener, rows: Sequence[Row]) -> Judged:
    """What the judge said without any teaching."""
    return judged(rows, screener.screen_many([row.candidate for row in rows], told_from=1.0))


def taught(screener: Screener, rows: Sequence[Row], teaching: Teaching) -> Judged:
    """What it said of each post after the decisions on the posts before it."""
    random = np.random.default_rng(_SEED)
    decided = (random.random(len(rows)) < teaching.feedback).tolist()
    mistaken = (random.random(len(rows)) < teaching.wrong).tolist()
    models: dict[str, GroupModel] = {}
    found = []
    for row, is_decided, is_mistaken in zip(rows, decided, mistaken, strict=True):
        model = models.setdefault(row.candidate.group or "", GroupModel())
        found.append(screener.screen(row.candidate, model))
        if is_decided:
            screener.learn(model, _example(row, row.is_promotion is not is_mistaken))
    return judged(rows, found)


def _example(row: Row, is_promotion: bool) -> Example:
    post = row.candidate
    return Example(post.text, is_promotion, subject=post.subject, id=post.id or "")

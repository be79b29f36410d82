"""A group's posts in time order: each is judged before its decision is learnt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from moothall_screening.evaluation import Judged, judged
from moothall_screening.group_model import Example, GroupModel
from moothall_screening.labelled import Row
from moothall_screening.screener import Screener

_SEED = 2026


def replay(screener: Screener, rows: Sequence[Row], *, feedback: float) -> tuple[Judged, Judged]:
    """What the frozen judge and the taught one said, where the share `feedback` of the posts was decided on."""
    decided = np.random.default_rng(_SEED).random(len(rows)) < feedback
    models: dict[str, GroupModel] = {}
    taught = []
    for row, is_decided in zip(rows, decided.tolist(), strict=True):
        model = models.setdefault(row.candidate.group or "", GroupModel())
        taught.append(screener.screen(row.candidate, model))
        if is_decided:
            screener.learn(model, _example(row))
    frozen = screener.screen_many([row.candidate for row in rows])
    return judged(rows, frozen), judged(rows, taught)


def _example(row: Row) -> Example:
    post = row.candidate
    return Example(post.text, row.is_promotion, subject=post.subject, id=post.id or "")

"""Fits what accepted posts add to fit, as they would on each group's way from its first post to its thirtieth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from scipy.optimize import minimize

from moothall_screening.acceptance import USUAL_FIT, Accepted, Vectors, Welcome, log_odds_of
from moothall_screening.features import Flags, Floats
from moothall_screening.training.fast_judge import SEED

# So many posts accepted; each weighs alike.
_COUNTS = (1, 2, 3, 5, 8, 12, 20, 30)
_SHRINKAGE = 1e-3


@dataclass(frozen=True, slots=True)
class Placed:
    """A genuine post beside a group's interest: that of its own group, or another's.

    Attributes
    ----------
    stated
        log-odds of fit by the interest alone.
    version_of
        what it shares with the other versions of one post, none of which is accepted beside it.
    """

    group: str
    belongs: bool
    stated: float
    vector: Vectors
    version_of: str


def fitted_welcome(placed: Sequence[Placed]) -> Welcome:
    """Half of what is placed should belong; the others count as much as those that do."""
    lines = list(_lines(placed))
    belongs: Flags = np.array([post.belongs for post, _ in lines])
    stated = np.array([post.stated for post, _ in lines])
    columns = np.array([told for _, told in lines])
    columns[:, 0] *= stated
    scale = np.maximum(columns.std(axis=0), 1e-9)
    weight = np.where(belongs, 0.5 / belongs.mean(), 0.5 / (1.0 - belongs.mean())) / len(belongs)
    signs = np.where(belongs, 1.0, -1.0)
    start = stated - log_odds_of(USUAL_FIT)

    def surprise(tried: Floats) -> tuple[float, Floats]:
        against = -signs * (start + (columns / scale) @ tried)
        slope = (columns / scale).T @ (-signs * weight / (1.0 + np.exp(-against)))
        return float(weight @ np.logaddexp(0.0, against) + _SHRINKAGE * (tried @ tried) / 2), slope + _SHRINKAGE * tried

    found = minimize(surprise, np.zeros(columns.shape[1]), jac=True, method="BFGS").x / scale
    return Welcome(*found.round(4).tolist())


def _lines(placed: Sequence[Placed]) -> Iterator[tuple[Placed, tuple[float, float, float, float]]]:
    """Each post beside so many accepted ones of the group, with what `Welcome` weighs: its fields, in their order."""
    at_home: dict[str, list[Placed]] = defaultdict(list)
    for post in placed:
        if post.belongs:
            at_home[post.group].append(post)
    orders = {group: _shuffled(posts, group) for group, posts in at_home.items()}
    for post in placed:
        others = [each for each in orders.get(post.group, ()) if each.version_of != post.version_of]
        for count in _COUNTS:
            nearness = Accepted.of(np.array([each.vector for each in others[:count]])).nearness(post.vector)
            if others and nearness:
                known = nearness.known
                yield post, (known, known * nearness.nearest, known * nearness.middle, known)


def _shuffled(posts: Sequence[Placed], group: str) -> list[Placed]:
    order = np.random.default_rng([SEED, crc32(group.encode())]).permutation(len(posts))
    return [posts[place] for place in order.tolist()]

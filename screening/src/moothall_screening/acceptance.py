"""How near a post stands to those that its group accepted, and what that adds to its fit."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt

from moothall_screening.likeness import DIMENSIONS, unit_rows

Vectors = npt.NDArray[np.float32]

# Of posts of which nothing is known, the share that belong where they stand; of the pairs that are learnt from, half.
USUAL_FIT = 0.9

_NEAREST = 3
_HALF_KNOWN = 8  # By so many accepted posts half is told of what they can tell.


@dataclass(frozen=True, slots=True)
class Nearness:
    """Of one post to the accepted ones.

    Attributes
    ----------
    nearest
        the mean likeness of letters to the three nearest, 0 to 1; to fewer, as if the others were unlike.
    middle
        how much nearer it stands to the middle of what they mean than they themselves do on average, -2 to 2; nought
        where no meanings are known.
    known
        how far the accepted posts tell what belongs, 0 to 1: the more there are, the farther.
    """

    nearest: float
    middle: float
    known: float


@dataclass(frozen=True, slots=True)
class Accepted:
    """The posts that a group accepted; `vectors` float32 `(n, width)` are those of `likeness.joined`, or of letters."""

    vectors: Vectors
    lengths: Vectors
    middle: Vectors
    closeness: float

    @staticmethod
    def of(vectors: Vectors) -> Accepted:
        meanings = unit_rows(vectors[:, DIMENSIONS:])
        middle = meanings.sum(axis=0)
        others = unit_rows(middle - meanings)
        closeness = float((others * meanings).sum(axis=1).mean()) if len(vectors) > 1 else 0.0
        return Accepted(vectors, np.linalg.norm(vectors[:, :DIMENSIONS], axis=1), unit_rows(middle), closeness)

    def nearness(self, vector: Vectors) -> Nearness | None:
        """None where nothing was accepted; `vector` is float32 `(width,)`."""
        count = len(self.vectors)
        if not count:
            return None
        lengths = self.lengths * np.linalg.norm(vector[:DIMENSIONS])
        alike = (self.vectors[:, :DIMENSIONS] @ vector[:DIMENSIONS]) / np.maximum(lengths, np.float32(1e-9))
        nearest = np.sort(np.maximum(alike, 0.0))[-_NEAREST:]
        meaning = unit_rows(vector[DIMENSIONS:])
        # Neither a single post nor a text without a meaning tells how near is near.
        is_told = count > 1 and bool(meaning.any())
        middle = float(meaning @ self.middle) - self.closeness if is_told else 0.0
        known = count / (count + _HALF_KNOWN) if count > 1 else 0.0
        return Nearness(float(nearest.sum()) / _NEAREST, middle, known)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What accepted posts add to the log-odds of fit that the purpose tells; fitted, see `training.welcome`."""

    stated: float
    nearest: float
    middle: float
    intercept: float

    def log_odds(self, stated: float, nearness: Nearness) -> float:
        told = self.nearest * nearness.nearest + self.middle * nearness.middle + self.intercept
        return stated + nearness.known * (self.stated * stated + told)


def log_odds_of(share: float) -> float:
    return log(share / (1.0 - share))

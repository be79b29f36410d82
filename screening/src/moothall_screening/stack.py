"""How the two judges are put together: what a close reading adds to the fast judge's log-odds, and to fit."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np

from moothall_screening.acceptance import USUAL_FIT, Welcome, log_odds_of
from moothall_screening.draft import logistic
from moothall_screening.features import Floats
from moothall_screening.sentence import SentenceReading
from moothall_screening.verdict import Kind
from moothall_screening.weights import NoWeightsError

FILE = "stack.json"
PROMOTION_COLUMNS = ("fast", "close")
FIT_COLUMNS = ("purpose_words", "purpose_letters", "sentence")

_PROMOTION = tuple(Kind).index(Kind.PROMOTION)
_ANNOUNCED = [place for place, kind in enumerate(Kind) if kind in (Kind.EVENT, Kind.JOB)]
_GENUINE = [place for place, kind in enumerate(Kind) if kind is not Kind.PROMOTION]
_LEAST_SHARE = 1e-6
_WIDE_FROM = 0.5
# Of the answer to the kinds in the log-odds of a close reading. Of real posts the model seldom learns a kind but
# "promotion", so among them that answer accuses too easily.
_KINDS_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Stack:
    """Fitted to posts of groups that neither judge had seen.

    Attributes
    ----------
    clear_below
        P(promotion) by the fast judge from which on a post is read closely: by that one alone none is an offer.
    promotion, intercept
        The log-odds of a post read closely are `intercept` plus `PROMOTION_COLUMNS` times `promotion`.
    announced
        What is added to them where the post, were it no offer, would be an event or a job: a sober announcement sells
        as often as not, and whoever holds it is seldom told by its wording.
    fast_bounds
        Within these the fast judge's log-odds count once a post was read closely, so that it alone turns none.
    languages
        Those that the sentence model has learnt from; what it says of others counts for less.
    kinds
        Weights of the fast judge's and of the sentence model's log-probabilities of the other kinds.
    fit, fit_intercept
        The same for fit, over `FIT_COLUMNS`.
    welcome
        What accepted posts change of that.
    width, width_intercept
        The log-odds that an interest is so wide that it admits nearly every post, over the purpose's embedding.
    usual_meaning
        The mean of embeddings: only what departs from it tells one text from another.
    """

    clear_below: float
    promotion: tuple[float, ...]
    intercept: float
    announced: float
    fast_bounds: tuple[float, float]
    languages: tuple[str, ...]
    kinds: tuple[float, float]
    fit: tuple[float, ...]
    fit_intercept: float
    welcome: Welcome
    width: tuple[float, ...]
    width_intercept: float
    usual_meaning: tuple[float, ...]

    def is_doubtful(self, log_odds: float) -> bool:
        return log_odds >= log_odds_of(self.clear_below)

    def fast_share(self, fast: float) -> float:
        """What the parts of the fast judge's log-odds count for once a post was read closely; always above nought."""
        low, high = self.fast_bounds
        if low <= fast <= high:
            return self.promotion[0]
        return self.promotion[0] * ((min(max(fast, low), high) - self._usual) / (fast - self._usual))

    def usual_beside(self, share: float) -> float:
        """What is added to parts that count for `share`, so that the usual counts as it always does."""
        return (self.promotion[0] - share) * self._usual

    @property
    def _usual(self) -> float:
        """The middle of the bounds; not nought where posts were calibrated of which most, or few, are promotions."""
        return sum(self.fast_bounds) / 2.0

    def log_odds(self, fast: float, close: CloseReading, known: float) -> float:
        """`known`: the share for which the close reading counts in the post's language."""
        share = self.fast_share(fast)
        return share * fast + self.usual_beside(share) + known * self.added(close)

    def added(self, close: CloseReading) -> float:
        """What the close reading says by itself."""
        told = float(np.dot(self.promotion, promotion_columns(0.0, close)))
        return self.intercept + told + self.announced * announced_share(close)

    def recalibrated(self, slope: float, intercept: float) -> Stack:
        """For a fast judge that was recalibrated alike: every sum becomes `slope` times itself plus `intercept`."""
        fast, *close = self.promotion
        moved = self.intercept * slope + intercept * (1.0 - fast)
        promotion = (fast, *(each * slope for each in close))
        low, high = (bound * slope + intercept for bound in self.fast_bounds)
        return replace(
            self,
            clear_below=logistic(log_odds_of(self.clear_below) * slope + intercept),
            promotion=promotion,
            intercept=moved,
            announced=self.announced * slope,
            fast_bounds=(low, high),
        )

    def stated_log_odds(self, shared: Floats, close: CloseReading) -> float:
        """Of fit, by the purpose alone.

        So far as the interest is a wide one, the usual share of posts belongs, whatever they are about.
        """
        by_interest = logistic(self.fit_intercept + float(np.dot(self.fit, (*shared, close.fit))))
        wide = self.wideness(close.purpose_embedding)
        chance = (1.0 - wide) * by_interest + wide * USUAL_FIT
        return log(max(_LEAST_SHARE, chance) / max(_LEAST_SHARE, 1.0 - chance))

    def wideness(self, purpose_embedding: Floats) -> float:
        """The probability that an interest admits nearly every post, as "general discussion" does."""
        return logistic(self.width_intercept + float(np.dot(self.width, purpose_embedding)))

    def is_wide(self, purpose_embedding: Floats) -> bool:
        return self.wideness(purpose_embedding) > _WIDE_FROM

    def shares(self, fast: Floats, close: CloseReading) -> Floats:
        """Of the kinds but promotion; `fast` are their shares by the fast judge."""
        told = self.kinds[0] * np.log(np.maximum(fast, _LEAST_SHARE)) + self.kinds[1] * close.kinds[_GENUINE]
        shares = np.exp(told - told.max())
        return np.asarray(shares / shares.sum(), dtype=np.float64)

    def meaning(self, close: CloseReading) -> Floats:
        return np.asarray(close.embedding - np.array(self.usual_meaning), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class CloseReading:
    """What the sentence model says of one candidate; see `SentenceReading`."""

    promotion: float
    kinds: Floats
    fit: float
    pitch: tuple[tuple[int, int, float], ...]
    embedding: Floats
    purpose_embedding: Floats

    @staticmethod
    def of(reading: SentenceReading, place: int) -> CloseReading:
        return CloseReading(
            promotion=float(reading.promotion[place]),
            kinds=reading.kinds[place].astype(np.float64),
            fit=float(reading.fit[place]),
            pitch=reading.pitch[place],
            embedding=reading.embedding[place].astype(np.float64),
            purpose_embedding=reading.purpose_embedding[place].astype(np.float64),
        )


def promotion_columns(fast: float, close: CloseReading) -> tuple[float, ...]:
    """In the order of `PROMOTION_COLUMNS`; the sentence model answers twice, and both together err less than either."""
    share = min(1.0 - _LEAST_SHARE, max(_LEAST_SHARE, exp(close.kinds[_PROMOTION])))
    told_by_kind = log(share / (1.0 - share))
    return fast, (1.0 - _KINDS_SHARE) * close.promotion + _KINDS_SHARE * told_by_kind


def announced_share(close: CloseReading) -> float:
    """Of all kinds but promotion, the share of event and job, 0 to 1."""
    shares = np.exp(close.kinds - close.kinds[_GENUINE].max())
    return float(shares[_ANNOUNCED].sum() / shares[_GENUINE].sum())


def save(folder: Path, stack: Stack) -> None:
    (folder / FILE).write_text(json.dumps(asdict(stack), indent=1) + "\n", encoding="utf-8")


def load(folder: Path) -> Stack:
    try:
        return _stack(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NoWeightsError(folder / FILE) from error


def _stack(stored: dict[str, Any]) -> Stack:
    values: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in stored.items()}
    return Stack(**values | {"welcome": Welcome(**stored["welcome"])})

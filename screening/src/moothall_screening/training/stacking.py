"""Fits how much a close reading counts beside the fast judge, to posts of groups that neither saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from moothall_screening import weights
from moothall_screening.acceptance import USUAL_FIT, Welcome, log_odds_of
from moothall_screening.closer import Closer
from moothall_screening.draft import Draft, drafts, whole
from moothall_screening.fast import FastJudge, in_chunks
from moothall_screening.features import Flags, Floats
from moothall_screening.labelled import CORPUS, Row
from moothall_screening.likeness import EMBEDDING_WIDTH, joined, vector
from moothall_screening.sentence import SentenceJudge
from moothall_screening.stack import FIT_COLUMNS, PROMOTION_COLUMNS, CloseReading, Stack, promotion_columns
from moothall_screening.training.fast_judge import SEED
from moothall_screening.training.held_out import is_held_out
from moothall_screening.training.interests import Interests
from moothall_screening.training.recipe import SURE, in_group_of, train
from moothall_screening.training.welcome import Placed, fitted_welcome
from moothall_screening.weights import Facts

# P(promotion) by the fast judge below which it alone decides: it knows too little to decide more, or to accuse anybody.
CLEAR_BELOW = 0.01
_STRENGTH = 1.0
# By the interests themselves, each fifth told by the others: at 1, 10 and 100 the AUC is 0.982, 0.993 and 0.993.
_WIDTH_STRENGTH = 100.0
# The share of groups whose interest is a wide one; chosen so that fit loses nothing on communities' own statements.
_WIDE = 0.1
# How much all other places together count beside the held-out groups.
_AWAY = 0.5
# Chosen by the corpus's `dev` (docs/screening.md): the held-out groups hold few announcements of the sober kind.
ANNOUNCED = -1.0
# The fast judge is surest where a text is odd: with a picture behind every word, say.
FAST_BOUNDS = (-3.0, 3.0)
# A language is learnt from so many posts on.
_FEWEST_OF_A_LANGUAGE = 20
_BLANK = Stack(
    clear_below=0.5,
    promotion=(0.0,) * len(PROMOTION_COLUMNS),
    intercept=0.0,
    announced=0.0,
    fast_bounds=FAST_BOUNDS,
    languages=(),
    kinds=(1.0, 0.0),
    fit=(0.0,) * len(FIT_COLUMNS),
    fit_intercept=0.0,
    welcome=Welcome(0.0, 0.0, 0.0, 0.0),
    width=(0.0,) * EMBEDDING_WIDTH,
    width_intercept=0.0,
    usual_meaning=(0.0,) * EMBEDDING_WIDTH,
)


@dataclass(frozen=True, slots=True)
class Read:
    """Rows read by both judges."""

    rows: tuple[Row, ...]
    drafts: tuple[Draft, ...]
    close: tuple[CloseReading, ...]

    @property
    def labels(self) -> Flags:
        return np.array([row.is_promotion for row in self.rows], dtype=np.bool_)

    @property
    def fast(self) -> Floats:
        return np.array([draft.log_odds for draft in self.drafts])


def train_stack(rows: Sequence[Row], judge: SentenceJudge, interests: Interests, real: Sequence[Row] = ()) -> Stack:
    """The stack for a sentence model that was trained without the held-out groups; the fast judge is trained so here.

    Takes about a minute, most of it the close reading of the held-out posts.

    Args:
        real: posts from other places that neither judge saw, see `real_places`. They say how much each judge can be
            relied on away from home; how common promotions are is told by the held-out groups alone.
    """
    held_out = [row for row in rows if row.source == CORPUS and is_held_out(row.group)]
    apart = {id(row) for row in held_out}
    fast, facts = train([row for row in rows if id(row) not in apart], version="without the held-out groups")
    closer = Closer(judge, _BLANK)
    own, away = (read_by_both(each, fast, facts, closer) for each in (held_out, real))
    width, width_intercept = fitted_width(judge, interests)
    learnt = learnt_languages([row for row in rows if id(row) not in apart])
    blank = replace(_BLANK, width=width, width_intercept=width_intercept, languages=learnt)
    return fitted(blank, own, away, moved_genuine(held_out, fast, facts, closer))


def learnt_languages(rows: Sequence[Row]) -> tuple[str, ...]:
    """Those of the corpus's posts that are more than a few, in order."""
    counts = Counter(row.language for row in rows if row.source == CORPUS)
    return tuple(sorted(each for each, count in counts.items() if count >= _FEWEST_OF_A_LANGUAGE))


def read_by_both(rows: Sequence[Row], fast: FastJudge, facts: Facts, closer: Closer) -> Read:
    candidates = [row.candidate for row in rows]
    drafted: list[Draft] = []
    for chunk in in_chunks([whole(candidate) for candidate in candidates]):
        drafted.extend(drafts(fast, facts, candidates[len(drafted) : len(drafted) + len(chunk)], chunk, 1.0))
    return Read(tuple(rows), tuple(drafted), tuple(closer.read(candidates)))


def moved_genuine(rows: Sequence[Row], fast: FastJudge, facts: Facts, closer: Closer) -> Read:
    """Every genuine post in the group of another."""
    genuine = [row for row in rows if not row.is_promotion]
    order = np.random.default_rng(SEED).permutation(len(genuine)).tolist()
    strangers = [(row, genuine[place].candidate) for row, place in zip(genuine, order, strict=True)]
    moved = [
        replace(row, candidate=in_group_of(row.candidate, other))
        for row, other in strangers
        if other.group_purpose != row.candidate.group_purpose
    ]
    return read_by_both(moved, fast, facts, closer)


def fitted(blank: Stack, own: Read, away: Read, moved: Read) -> Stack:
    promotion = _promotion_weights(own, away)
    at_home = [place for place, row in enumerate(own.rows) if not row.is_promotion]
    places = _places(own, at_home, moved)
    fit_columns = np.array([(*read.drafts[at].surroundings[3:], read.close[at].fit) for read, at in places])
    fit = _logistic(fit_columns, np.arange(len(fit_columns)) < len(at_home))
    stack = replace(
        blank,
        clear_below=CLEAR_BELOW,
        announced=ANNOUNCED,
        promotion=tuple(promotion[:-1].tolist()),
        intercept=float(promotion[-1]),
        kinds=_kind_weights(own, at_home),
        fit=tuple(fit.coef_[0].tolist()),
        # The pairs are half and half; in life nine of ten posts belong where they stand.
        fit_intercept=float(fit.intercept_[0]) + log_odds_of(USUAL_FIT),
        usual_meaning=tuple(np.mean([close.embedding for close in own.close], axis=0).round(5).tolist()),
    )
    return replace(
        stack, welcome=fitted_welcome([_placed(stack, read, at, is_home=read is own) for read, at in places])
    )


def _placed(stack: Stack, read: Read, at: int, *, is_home: bool) -> Placed:
    draft, close = read.drafts[at], read.close[at]
    return Placed(
        group=draft.candidate.group_purpose or "",
        belongs=is_home,
        stated=stack.stated_log_odds(draft.surroundings[3:], close),
        vector=joined(vector(draft.reading, 0), stack.meaning(close)).astype(np.float32),
        version_of=read.rows[at].version_of,
    )


def fitted_width(judge: SentenceJudge, interests: Interests) -> tuple[tuple[float, ...], float]:
    """What tells a wide interest from a narrow one: weights of the embedding, and the intercept."""
    stated = [*interests.wide, *interests.narrow]
    embeddings = np.array([judge.purpose_embedding(each) for each in stated])
    model = LogisticRegression(C=_WIDTH_STRENGTH, class_weight="balanced", solver="newton-cholesky")
    model.fit(embeddings, np.arange(len(stated)) < len(interests.wide))
    intercept = float(model.intercept_[0]) + log_odds_of(_WIDE)
    return tuple(model.coef_[0].round(4).tolist()), round(intercept, 4)


def _places(own: Read, at_home: Sequence[int], moved: Read) -> list[tuple[Read, int]]:
    return [(own, place) for place in at_home] + [(moved, place) for place in range(len(moved.rows))]


def _promotion_weights(own: Read, away: Read) -> Floats:
    """Coefficients and, last, the intercept. Each other place has a column of its own, so that its share of promotions
    is not taken for that of groups."""
    places = sorted({row.source for row in away.rows})
    apart = [[row.source == place for place in places] for row in (*own.rows, *away.rows)]
    columns = np.column_stack((np.concatenate((_columns(own), _columns(away))), np.array(apart, dtype=np.float64)))
    labels = np.concatenate((own.labels, away.labels))
    weight = np.where(np.arange(len(labels)) < len(own.rows), 1.0, _AWAY * len(own.rows) / max(1, len(away.rows)))
    model = LogisticRegression(C=_STRENGTH, solver="newton-cholesky").fit(columns, labels, weight)
    return np.append(model.coef_[0, : len(PROMOTION_COLUMNS)], model.intercept_)


def _columns(read: Read) -> Floats:
    return np.array(
        [promotion_columns(fast, close) for fast, close in zip(read.fast.tolist(), read.close, strict=True)]
    )


def _kind_weights(own: Read, genuine: Sequence[int]) -> tuple[float, float]:
    """Those by which the true kinds of the genuine posts are likeliest."""
    known = [(place, kind) for place in genuine if (kind := own.rows[place].kind) is not None]
    true = np.array([weights.GENUINE.index(kind) for _, kind in known])

    def surprise(tried: Floats) -> float:
        stack = replace(_BLANK, kinds=(float(tried[0]), float(tried[1])))
        shares = np.array([stack.shares(own.drafts[place].kinds, own.close[place]) for place, _ in known])
        return -float(np.log(shares[np.arange(len(true)), true] + 1e-9).mean())

    found = minimize(surprise, np.array([0.5, 0.5]), method="Nelder-Mead")
    return float(found.x[0]), float(found.x[1])


def _logistic(columns: Floats, labels: Flags) -> LogisticRegression:
    """Barely shrunk: likeness of words is a few hundredths, which any penalty on its weight would wipe out."""
    return LogisticRegression(C=SURE, solver="newton-cholesky").fit(columns, labels)

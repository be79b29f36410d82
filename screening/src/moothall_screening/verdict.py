"""What the library says of one text: the types that its callers depend on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a post is."""

    DISCUSSION = "discussion"
    QUESTION = "question"
    REQUEST = "request"
    EXPERTISE = "expertise"
    EVENT = "event"
    JOB = "job"
    PROMOTION = "promotion"


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """What a caller knows of the author, in counts; all of it optional."""

    accepted_posts: int = 0
    rejected_posts: int = 0
    thanked: int = 0
    member_days: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One text to be judged. Only `text` is required."""

    text: str
    subject: str = ""
    parent: str | None = None
    group: str | None = None
    group_purpose: str | None = None
    rules: tuple[str, ...] = ()
    author: AuthorRecord | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for (positive log-odds) or against (negative) the post being a promotion.

    `spans` are half-open character offsets into `Candidate.text`; spans of the subject are offset by
    `-len(subject) - 1`, so that a negative start means the subject.
    """

    source: str
    log_odds: float
    reason: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one candidate.

    `promotion` is calibrated: of 100 posts that get 0.9, about 90 are promotions. `fit` is the calibrated
    probability that the post belongs to the group's stated interest (1.0 when no interest was given).
    The evidence's log-odds sum to `log_odds`, and `promotion` is its logistic.
    """

    kind: Kind
    kinds: Mapping[Kind, float]
    promotion: float
    log_odds: float
    fit: float
    language: str
    evidence: tuple[Evidence, ...]
    duplicate_keys: tuple[int, ...]
    worth_keeping: tuple[tuple[int, int], ...] = ()
    model_version: str = ""
    id: str | None = field(default=None)

"""From a verdict to what is done: pure, so that it can be tried on last month's posts.

A post is held when the expected cost of showing it, P(promotion) x (cost of an advert shown), exceeds the expected cost
of holding it, P(genuine) x (cost of a genuine post delayed). A preset is the ratio of these two costs.
"""

from __future__ import annotations

from dataclasses import dataclass

from moothall.discussions.models import Inbox, Lane, Source
from moothall.groups.models import Policy
from moothall.moderation.models import UNPROVED, Action
from moothall.rules.models import Concern
from moothall_screening import Evidence, Verdict
from moothall_screening import Kind as ReadAs

# How many adverts shown cost a group as much as one genuine post delayed.
ADVERTS_FOR_ONE_DELAY = {Policy.RELAXED: 19.0, Policy.BALANCED: 4.5, Policy.STRICT: 1.5}
# How many genuine posts left out of the mail cost as much as one advert mailed, by standing: a mail can't be
# called back, while what is left out can still be read on the site.
LEFT_OUT_FOR_ONE_MAILED = {True: 3.0, False: 9.0}
MAILED_FIT = 0.1
DOUBTFUL_FROM = 0.35
DOUBTFUL_FIT = 0.05
JOB_FROM = 0.5
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """The part of a verdict that decides; also made from a stored Screening."""

    promotion: float
    fit: float
    job: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyContext:
    """What decides beside the verdict: the group's preset, where the author put it, and who wrote it."""

    preset: Policy
    lane: Lane
    source: Source
    is_comment: bool
    is_manager: bool
    has_standing: bool
    is_unproved: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    action: Action
    lane: Lane
    is_doubtful: bool = False
    reasons: tuple[str, ...] = ()
    concern: Concern | None = None


def reading(verdict: Verdict) -> Reading:
    return Reading(
        promotion=verdict.promotion,
        fit=verdict.fit,
        job=verdict.kinds[ReadAs.JOB],
        reasons=telling_reasons(verdict.evidence),
    )


def telling_reasons(evidence: tuple[Evidence, ...]) -> tuple[str, ...]:
    """The reasons that weigh most for an offer, in plain words."""
    for_offer = sorted((e for e in evidence if e.log_odds > 0 and e.reason), key=lambda e: -e.log_odds)
    return tuple(dict.fromkeys(e.reason for e in for_offer))[:MOST_REASONS]


def hold_from(preset: Policy) -> float:
    """P(promotion) from which holding costs less than showing."""
    ratio = ADVERTS_FOR_ONE_DELAY[preset]
    return ratio / (1 + ratio)


def rule(read: Reading, context: PolicyContext) -> Ruling:
    """A worse verdict never gets a milder action (tested)."""
    if context.is_unproved:
        return Ruling(Action.HOLD, context.lane, True, (UNPROVED,))
    if context.lane == Lane.PROMOTIONS:
        return Ruling(Action.ACCEPT, Lane.PROMOTIONS)
    if context.is_manager:
        return Ruling(Action.ACCEPT, context.lane)
    is_offer = read.promotion >= hold_from(context.preset)
    if context.source == Source.IMPORT:
        return _rule_history(read, context, is_offer=is_offer)
    if is_offer:
        return Ruling(Action.HOLD, context.lane, True, read.reasons, Concern.OFFERS)
    is_doubtful = read.promotion >= DOUBTFUL_FROM or read.fit < DOUBTFUL_FIT
    if is_doubtful and context.preset == Policy.STRICT and not context.has_standing:
        concern = Concern.OFFERS if read.promotion >= DOUBTFUL_FROM else Concern.TOPIC
        return Ruling(Action.HOLD, context.lane, True, read.reasons, concern)
    return Ruling(Action.ACCEPT, context.lane, is_doubtful)


def mailed_below(*, has_standing: bool) -> float:
    """P(promotion) below which mailing costs less than leaving out."""
    return 1 / (1 + LEFT_OUT_FOR_ONE_MAILED[has_standing])


def inbox(read: Reading, ruling: Ruling, context: PolicyContext) -> Inbox:
    """The stricter gate: a worse verdict is never more mailable, and nothing held or doubtful is (tested).

    Promotions are mailed to nobody but those who asked for them, so their verdict does not matter there.
    """
    if ruling.action not in (Action.ACCEPT, Action.REROUTE) or context.source == Source.IMPORT:
        return Inbox.SHUT
    if ruling.is_doubtful:
        return Inbox.EARNING
    if context.is_manager or ruling.lane == Lane.PROMOTIONS:
        return Inbox.OPEN
    is_clear = read.promotion < mailed_below(has_standing=context.has_standing) and read.fit >= MAILED_FIT
    return Inbox.OPEN if is_clear else Inbox.EARNING


def _rule_history(read: Reading, context: PolicyContext, *, is_offer: bool) -> Ruling:
    """Imported posts have no author to ask and mail nobody: adverts and jobs go to their lanes, comments stay."""
    if context.is_comment:
        return Ruling(Action.ACCEPT, context.lane, is_offer)
    if read.job >= JOB_FROM:
        return Ruling(Action.REROUTE, Lane.JOBS, read.promotion >= DOUBTFUL_FROM, ("It offers work.",), Concern.JOBS)
    if is_offer:
        return Ruling(Action.REROUTE, Lane.PROMOTIONS, True, read.reasons, Concern.OFFERS)
    return Ruling(Action.ACCEPT, context.lane, read.promotion >= DOUBTFUL_FROM)

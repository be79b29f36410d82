"""What members' flags weigh: pure, so that it can be tried everywhere. docs/policy.md has the figures.

A flag weighs as evidence does, in log-odds: log(r / (1 - r)), where r is how often this member's flags were right in
the group. Before anybody has decided on one, r stands as if four of five had been right for a member with standing, and
one of two for others, whose first flags thus weigh nothing (a Beta prior, as for any share that is seldom observed).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import exp, log

from moothall.groups.models import Policy
from moothall.moderation.policy import hold_from
from moothall.rules.models import Concern
from moothall_screening import Evidence

# Right and wrong flags with which a member begins, by standing.
BEGINS_WITH = {True: (4.0, 1.0), False: (1.0, 1.0)}
MOST_OF_A_HUNDRED = 95
# Never one alone: so many hold a post that with their flags reads as an offer, and so many any post.
AGREE_WITH_READING = 2
AGREE_ALONE = 3


@dataclass(frozen=True, slots=True)
class Record:
    """How a member's earlier flags turned out: managers went along with them, or let the post stand."""

    has_standing: bool
    right: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """One open flag: what it says, and its weight in log-odds."""

    concern: Concern
    weight: float


def weight(record: Record) -> float:
    """In log-odds, never below 0: a flag that says nothing counts neither for the post nor against it."""
    right, wrong = BEGINS_WITH[record.has_standing]
    share = (right + record.right) / (right + wrong + record.right + record.wrong)
    share = min(share, MOST_OF_A_HUNDRED / 100)
    return max(0.0, log(share / (1 - share)))


def stops_mail(said: Collection[Said]) -> bool:
    """One flag that weighs anything is enough, since a mail can't be called back."""
    return any(each.weight > 0 for each in said)


def agreeing(said: Collection[Said]) -> int:
    return sum(each.weight > 0 for each in said)


def log_odds(said: Collection[Said]) -> float:
    """What the flags add to the reading of a post as an offer."""
    return sum(each.weight for each in said if each.concern == Concern.OFFERS)


def evidence(said: Collection[Said]) -> Evidence | None:
    """For the ledger: what the flags add, where they add anything."""
    offers = [each for each in said if each.concern == Concern.OFFERS and each.weight > 0]
    if not offers:
        return None
    who = (
        "a member says that it is an advert" if len(offers) == 1 else f"{len(offers)} members say that it is an advert"
    )
    return Evidence(source="flags", log_odds=log_odds(offers), reason=who, spans=())


def with_flags(promotion: float, said: Collection[Said]) -> float:
    """P(promotion) once the flags are evidence too."""
    odds = promotion * exp(log_odds(said))
    return odds / (1 - promotion + odds)


def holds(promotion: float, said: Sequence[Said], preset: Policy) -> bool:
    """More flags, heavier ones or a worse reading never let a post stand that fewer hold (tested)."""
    if agreeing(said) >= AGREE_ALONE:
        return True
    offers = [each for each in said if each.concern == Concern.OFFERS]
    return agreeing(offers) >= AGREE_WITH_READING and with_flags(promotion, offers) >= hold_from(preset)

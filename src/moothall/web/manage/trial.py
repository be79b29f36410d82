"""What each preset would have done with last month's posts: the same pure policy, on the verdicts that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Subquery

from moothall.core.clock import now
from moothall.discussions.models import Kind, Lane, Source, Status
from moothall.groups.models import Group, Policy
from moothall.judging.models import Screening
from moothall.moderation.models import Action, Decision
from moothall.moderation.policy import PolicyContext, Reading, hold_from, rule

DAYS = 30
MOST_POSTS = 2000
OFFER_ACTIONS = (Action.REROUTE, Action.RETURN, Action.REJECT)


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A post of last month: how it read, in what circumstances, and what a manager said of it, if one did."""

    reading: Reading
    lane: Lane
    source: Source
    is_comment: bool
    is_manager: bool
    has_standing: bool
    decided: Action | None

    @property
    def is_offer(self) -> bool:
        return self.decided in OFFER_ACTIONS


@dataclass(frozen=True, slots=True)
class Tried:
    """One preset's figures.

    `rightly`: held, and a manager thought so too; `undecided`: held, and no manager has said; `shown`: an offer that it
    lets through.
    """

    policy: Policy
    held: int
    rightly: int
    undecided: int
    shown: int


def last_months_posts(group: Group) -> list[ReadPost]:
    by_people = Decision.objects.filter(post=OuterRef("post"), is_machine=False, undoes=None, undone_by=None)
    membership = group.memberships.active().filter(profile=OuterRef("post__author"))
    found = (
        Screening.objects.filter(group=group, screened_at__gt=_since())
        .exclude(post__status=Status.DELETED)
        .annotate(
            decided=Subquery(by_people.order_by("-decided_at").values("action")[:1]),
            by_manager=Exists(membership.managers()),
            by_known=Exists(membership.filter(has_standing=True)),
        )
        .order_by("post", "-screened_at")
        .distinct("post")
        .values_list(
            "promotion",
            "fit",
            "kinds",
            "post__kind",
            "post__lane",
            "post__source",
            "post__is_first",
            "by_manager",
            "by_known",
            "decided",
        )
    )
    return [
        ReadPost(
            Reading(promotion, fit, kinds.get(Kind.JOB, 0.0), ()),
            # What its author called it; a comment stands where its conversation does.
            Kind(kind).lane if is_first else Lane(lane),
            Source(source),
            not is_first,
            by_manager and Source(source).proves_author,
            by_known or by_manager,
            Action(decided) if decided else None,
        )
        for promotion, fit, kinds, kind, lane, source, is_first, by_manager, by_known, decided in found[:MOST_POSTS]
    ]


def _since() -> datetime:
    return now() - timedelta(days=DAYS)


def try_all(posts: Sequence[ReadPost]) -> list[Tried]:
    return [_try(policy, posts) for policy in Policy]


def _try(policy: Policy, posts: Sequence[ReadPost]) -> Tried:
    held = [post for post in posts if _would_hold(post, policy)]
    rightly = sum(post.is_offer for post in held)
    return Tried(
        policy=policy,
        held=len(held),
        rightly=rightly,
        undecided=sum(post.decided is None for post in held),
        shown=sum(post.is_offer for post in posts) - rightly,
    )


def _would_hold(post: ReadPost, policy: Policy) -> bool:
    context = PolicyContext(
        preset=policy,
        lane=post.lane,
        source=post.source,
        is_comment=post.is_comment,
        is_manager=post.is_manager,
        has_standing=post.has_standing,
    )
    return rule(post.reading, context).action == Action.HOLD


@dataclass(frozen=True, slots=True)
class Threshold:
    label: str
    x: float
    text_x: float
    label_y: int
    line_from: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """One stroke for each post, by how much it reads as an offer; the lines are where each preset begins to hold."""

    talk: str
    offers: str
    thresholds: tuple[Threshold, ...]


LEFT, RIGHT = 6.0, 354.0


def picture(posts: Sequence[ReadPost], chosen: Policy) -> Picture:
    ordered = sorted(posts, key=lambda post: post.reading.promotion)
    return Picture(
        talk="".join(f"M{_x(p.reading.promotion)} 58V82" for p in ordered if not p.is_offer),
        offers="".join(f"M{_x(p.reading.promotion)} 50V82" for p in ordered if p.is_offer),
        thresholds=tuple(
            Threshold(
                label=policy.label.lower(),
                x=_x(hold_from(policy)),
                text_x=min(_x(hold_from(policy)) - 5, RIGHT) if nth < 2 else RIGHT,
                label_y=28 if nth == 1 else 14,
                line_from=18 if nth else 4,
                is_chosen=policy == chosen,
            )
            for nth, policy in enumerate((Policy.STRICT, Policy.BALANCED, Policy.RELAXED))
        ),
    )


def _x(promotion: float) -> float:
    return round(LEFT + promotion * (RIGHT - LEFT), 1)

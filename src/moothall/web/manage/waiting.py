"""The queue as a manager reads it: what waits, for how long, and what is known of the post in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from moothall.core.clock import now
from moothall.discussions.models import Lane, Post, Status
from moothall.groups.models import Group, Membership
from moothall.judging.models import Screening
from moothall.members.models import Profile
from moothall.moderation.decide import UNDO_HOURS
from moothall.moderation.models import Action, Decision, ReviewItem

QUEUE_SHOWN = 50
EARLIER_SHOWN = 5
ALIKE_SHOWN = 10
# Of a text's keys, the share that another must have in common to be called nearly the same.
NEARLY = 1 / 3


TOLD = {
    Action.ACCEPT: "Approved",
    Action.RETURN: "Returned to its author",
    Action.HOLD: "Held",
    Action.REJECT: "Rejected",
}


def told(decision: Decision) -> str:
    """What was done, in words for the managers."""
    return TOLD.get(Action(decision.action), f"Moved to {Lane(decision.lane).label}")


@dataclass(frozen=True, slots=True)
class Clock:
    """How long a post has waited, beside the group's promise. `share` of 100, full once the promise is broken."""

    waited: str
    promised: str
    share: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Alike:
    post: Post
    words: str
    is_waiting: bool


def waiting(group: Group) -> QuerySet[ReviewItem]:
    """Held and flagged posts, oldest first."""
    return (
        ReviewItem.objects.filter(group=group, decision=None, post__status__in=[Status.HELD, Status.PUBLISHED])
        .select_related("post__topic", "post__author")
        .order_by("opened_at", "id")
    )


def duration_words(length: timedelta) -> str:
    """2 h 40 min, 45 min, 3 days."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes}\u00a0min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours}\u00a0h" + (f"\u00a0{rest}\u00a0min" if rest else "")
    return f"{minutes // (24 * 60)}\u00a0days"


def clock(item: ReviewItem, at: datetime) -> Clock | None:
    """None for imported posts, for which nothing was promised."""
    if item.due_at is None:
        return None
    waited, promised = at - item.opened_at, item.due_at - item.opened_at
    share = min(100, int(100 * waited / promised)) if promised else 100
    return Clock(duration_words(waited), duration_words(promised), share, waited > promised)


def decided_before(post: Post) -> list[Decision]:
    """What people decided on this author's posts here, and did not take back."""
    found = Decision.objects.filter(
        group_id=post.group_id, post__author=post.author_id, is_machine=False, undoes=None, undone_by=None
    ).exclude(post=post)
    return list(found.select_related("post__topic", "decided_by", "rule").order_by("-decided_at")[:EARLIER_SHOWN])


def alike(post: Post, screening: Screening | None) -> list[Alike]:
    """Posts of the same group that say nearly the same, the likest first."""
    if screening is None or not screening.duplicate_keys:
        return []
    keys = set(screening.duplicate_keys)
    found = (
        Screening.objects.filter(group_id=post.group_id, duplicate_keys__overlap=screening.duplicate_keys)
        .exclude(post=post)
        .exclude(post__status=Status.DELETED)
        .select_related("post__topic", "post__author")
        .order_by("post", "-screened_at")
        .distinct("post")[:200]
    )
    by_share = sorted(
        ((len(keys & set(other.duplicate_keys)) / len(keys), other.post) for other in found),
        key=lambda pair: (-pair[0], pair[1].id),
    )
    return [Alike(other, _likeness_words(share), other.status == Status.HELD) for share, other in by_share][
        :ALIKE_SHOWN
    ]


def _likeness_words(share: float) -> str:
    if share == 1:
        return "the same words"
    return "nearly the same words" if share >= NEARLY else "in part the same words"


def groups_with_the_same(post: Post, screening: Screening | None) -> int:
    """In how many other groups nearly the same words stand; a number only, since some may be private."""
    if screening is None or not screening.duplicate_keys:
        return 0
    elsewhere = Screening.objects.filter(duplicate_keys__overlap=screening.duplicate_keys)
    return elsewhere.exclude(group_id=post.group_id).values("group").distinct().count()


@dataclass(frozen=True, slots=True)
class AuthorHere:
    membership: Membership | None
    posts_count: int
    thanked_count: int


def author_here(post: Post) -> AuthorHere:
    published = Post.objects.filter(group_id=post.group_id, author_id=post.author_id, status=Status.PUBLISHED)
    thanked = sum(published.values_list("thanked_count", flat=True)[:1000])
    membership = Membership.objects.filter(group_id=post.group_id, profile_id=post.author_id).first()
    return AuthorHere(membership, published.count(), thanked)


def undoable(group: Group, profile: Profile) -> Sequence[Decision]:
    """Decisions of people of the last 24 hours that nothing has followed, this manager's own first."""
    since = now() - timedelta(hours=UNDO_HOURS)
    found = (
        Decision.objects.filter(group=group, is_machine=False, undoes=None, undone_by=None, decided_at__gt=since)
        .exclude(post__status=Status.DELETED)
        .select_related("post__topic", "decided_by", "rule")
        .order_by("post", "-decided_at", "-id")
        .distinct("post")
    )
    return sorted(found[:50], key=lambda d: (d.decided_by_id != profile.id, -d.decided_at.timestamp()))[:6]

"""The budget of reach: how many inboxes a member may fill with promotions, and with new topics while they are new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from moothall.core.clock import now
from moothall.discussions.models import Inbox, Lane, Post
from moothall.groups.models import MailChoice, Membership
from moothall.members.models import Profile

DAYS = 30
# One promotion a month to a group of thousand, or one new topic of a newcomer a week to a group of 250.
INBOXES = 1000
BEYOND = f"It is on the site, and not mailed: your {INBOXES} inboxes of {DAYS} days are used up."


@dataclass(frozen=True, slots=True)
class Reach:
    """What a post would cost. `left` is None where no budget counts; `paid` is what it has cost in another lane."""

    inboxes: int
    left: int | None
    paid: int = 0

    @property
    def is_beyond(self) -> bool:
        return self.left is not None and self.inboxes - self.paid > self.left


def reach_of(group_id: int, author_id: int, lane: Lane, *, is_first: bool, has_standing: bool, paid: int = 0) -> Reach:
    """All who have mail of the lane count, at whatever pace."""
    readers = Membership.objects.active().filter(group=group_id).exclude(profile=author_id)
    inboxes = readers.exclude(**{f"mail_{lane}": MailChoice.NONE}).count()
    counts = lane == Lane.PROMOTIONS or (is_first and not has_standing)
    return Reach(inboxes, max(INBOXES - spent(author_id), 0) if counts else None, paid)


def spent(author_id: int) -> int:
    """In all groups together, in the last 30 days; what was deleted has been used up all the same."""
    return int(_mailed_lately(Post.objects.filter(author=author_id)).aggregate(used=Sum("reach"))["used"] or 0)


def _mailed_lately(posts: QuerySet[Post]) -> QuerySet[Post]:
    """An old one, too, that an edit or a manager made fit for a mail of these days."""
    since = now() - timedelta(days=DAYS)
    return posts.filter(Q(created_at__gt=since) | Q(inbox_at__gt=since))


def used_in(group_id: int) -> Coalesce:
    """For a query of memberships: what each used up of the budget in this group."""
    recent = _mailed_lately(Post.objects.filter(group=group_id, author=OuterRef("profile")))
    return Coalesce(Subquery(recent.order_by().values("author").annotate(used=Sum("reach")).values("used")), 0)


def take_from_budget(post: Post, *, has_standing: bool) -> None:
    """Notes on a post that is new, or came into another lane, what it costs, or that it is published without mail; the
    caller saves that, in the same transaction. What was paid for in one lane costs in another what it reaches more."""
    if post.inbox == Inbox.SHUT:
        return
    # Two at once would both find the whole budget there.
    list(Profile.objects.select_for_update(no_key=True).filter(id=post.author_id).values_list("id"))
    cost = reach_of(
        post.group_id,
        post.author_id,
        post.lane_value,
        is_first=post.is_first,
        has_standing=has_standing,
        paid=post.reach,
    )
    post.is_beyond_reach = cost.is_beyond
    if cost.left is not None and not cost.is_beyond:
        post.reach = max(cost.inboxes, post.reach)

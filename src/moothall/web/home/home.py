"""The first page: one's groups and what is new in them; for others, what this place is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from moothall.core.clock import now
from moothall.discussions.feed import FeedRow, feed_heads
from moothall.discussions.models import Lane, Post, Status, Topic
from moothall.discussions.titles import title_for
from moothall.groups.models import Group, MailChoice, Membership, MembershipState
from moothall.members.models import Profile
from moothall.moderation.models import ReviewItem
from moothall.web.home.for_you import for_you
from moothall.web.home.suggestions import groups_to_find
from moothall.web.mail.own_settings import is_stopped
from moothall.web.reader import reader

ROWS_A_GROUP = 3
# Further groups are named without their conversations.
GROUPS_SHOWN = 12
WAITING_SHOWN = 10
# How long somebody reads here that a manager did not let them in.
REFUSED_TOLD_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class GroupHead:
    group: Group
    rows: Sequence[FeedRow]
    mail: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One's own post that others can't read; `item` where it waits in the queue of a manager."""

    post: Post
    item: ReviewItem | None

    @property
    def hours(self) -> int:
        return int((now() - self.item.opened_at).total_seconds() // 3600) if self.item else 0

    @property
    def width(self) -> float:
        """Of the bar, in hundredths of what was promised."""
        if self.item is None or self.item.due_at is None:
            return 0.0
        promised = (self.item.due_at - self.item.opened_at).total_seconds()
        return round(min(100.0, 100 * (now() - self.item.opened_at).total_seconds() / max(promised, 1)), 1)


def home(request: HttpRequest) -> HttpResponse:
    viewer = reader(request)
    if viewer is None:
        return render(request, "home/welcome.html", {"groups": groups_to_find(None), "nav": "home"})
    groups = list(Group.objects.joined_by(viewer).order_by("name"))
    heads = _heads(groups, viewer)
    return render(
        request,
        "home/home.html",
        {
            "heads": heads[:GROUPS_SHOWN],
            "more_groups": [head.group for head in heads[GROUPS_SHOWN:]],
            "groups_count": len(groups),
            "unanswered": _unanswered(groups),
            "waiting": _waiting(viewer),
            "news": for_you(viewer, groups),
            "requests": _requests(viewer),
            "to_find": groups_to_find(viewer),
            "mail_choices": MailChoice.choices,
            "is_stopped": is_stopped(viewer),
            "nav": "home",
        },
    )


def _heads(groups: Sequence[Group], viewer: Profile) -> list[GroupHead]:
    """The groups in which something happened last come first."""
    rows = feed_heads(groups, viewer, ROWS_A_GROUP)
    memberships = Membership.objects.filter(profile=viewer, group__in=groups)
    mail = dict(memberships.values_list("group_id", "mail_discussions"))
    heads = [GroupHead(group, rows[group.id], mail[group.id]) for group in groups]
    return sorted(heads, key=lambda head: -max((r.topic.last_post_at.timestamp() for r in head.rows), default=0))


def _unanswered(groups: Sequence[Group]) -> int:
    waiting = Topic.objects.filter(group__in=groups, lane=Lane.DISCUSSIONS, status=Status.PUBLISHED)
    return waiting.filter(is_unanswered=True).count()


def _requests(viewer: Profile) -> list[Membership]:
    """Where one has asked to join, and has no answer yet or was not let in; who was let in finds the group above."""
    refused = Q(state=MembershipState.LEFT, refused_at__gt=now() - REFUSED_TOLD_FOR)
    asked = Membership.objects.filter(Q(state=MembershipState.PENDING) | refused, profile=viewer, group__closed_at=None)
    return list(asked.select_related("group").order_by("-joined_at"))


def _waiting(viewer: Profile) -> list[Waiting]:
    posts = Post.objects.readable_by(viewer).filter(author=viewer, status__in=[Status.HELD, Status.RETURNED])
    posts = posts.select_related("group").annotate(shown_title=title_for(viewer, "topic"))
    found = list(posts.order_by("-created_at")[:WAITING_SHOWN])
    items = {item.post_id: item for item in ReviewItem.objects.filter(post__in=found, decision=None)}
    return [Waiting(post, items.get(post.id)) for post in found]

"""How a group's week was, in figures for its managers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from moothall.discussions.models import Lane, Post
from moothall.groups.models import Group, MailChoice, Membership
from moothall.mailer.models import StoppedAddress
from moothall.moderation.models import ReviewItem

DAYS = 7


def week(group: Group, until: datetime) -> dict[str, int]:
    """Named counts; {} where nothing happened at all."""
    span = (until - timedelta(days=DAYS), until)
    found = {**_talk(group, span), **_members(group, span), **_decisions(group, span)}
    return found if any(found.values()) else {}


def _talk(group: Group, span: tuple[datetime, datetime]) -> dict[str, int]:
    posts = Post.objects.published().filter(group=group, created_at__range=span)
    return posts.aggregate(
        people=Count("author", distinct=True, filter=Q(lane=Lane.DISCUSSIONS)),
        topics=Count("id", filter=Q(lane=Lane.DISCUSSIONS, is_first=True)),
        comments=Count("id", filter=Q(lane=Lane.DISCUSSIONS, is_first=False)),
        promotions=Count("id", filter=Q(lane=Lane.PROMOTIONS, is_first=True)),
    )


def _members(group: Group, span: tuple[datetime, datetime]) -> dict[str, int]:
    members = Membership.objects.active().filter(group=group)
    stopped = StoppedAddress.objects.filter(stopped_at__range=span).values("address")
    return members.aggregate(
        joined=Count("id", filter=Q(joined_at__range=span)),
        mail_off=Count("id", filter=Q(mail_chosen_at__range=span, mail_discussions=MailChoice.NONE)),
        unreached=Count("id", filter=Q(profile__user__email__in=stopped)),
    )


def _decisions(group: Group, span: tuple[datetime, datetime]) -> dict[str, int]:
    decided = ReviewItem.objects.filter(group=group, decision__decided_at__range=span).exclude(due_at=None)
    return decided.aggregate(decided=Count("id"), in_time=Count("id", filter=Q(decision__decided_at__lte=F("due_at"))))

"""What waits for a group's managers, and how the week was: one mail, at the hour that each of them chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from moothall.accounts.models import User
from moothall.discussions.models import Status
from moothall.groups.models import Group, MailChoice, Membership
from moothall.mailer.queueing import Waiting, queue
from moothall.moderation.models import ReviewItem
from moothall.moderation.week import week
from moothall.notifications.digests import ABSENT_DAYS
from moothall.notifications.models import ManagersMail
from moothall.notifications.presence import here_among
from moothall.notifications.quiet import due_at, zone_of

POSTS_NAMED = 10
# A worker that was away builds what it missed, while it is still that day's mail.
CATCH_UP_HOURS = 12


@dataclass(frozen=True, slots=True)
class Due:
    """A manager's window that has ended; `has_week` on the weekday of their choice."""

    membership: Membership
    user: User
    until: datetime
    has_week: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """Who asks to join is counted when the mail is sent: here it only says that there is something to tell."""

    posts: tuple[int, ...]
    more_count: int
    is_asked: bool
    week: dict[str, int]

    @property
    def is_empty(self) -> bool:
        return not self.posts and not self.is_asked and not self.week


def build_due(at: datetime) -> int:
    """Returns how many mails were built. Building twice changes nothing."""
    told: dict[tuple[int, datetime, bool], _Told] = {}
    built = 0
    for each in _due(at):
        group = each.membership.group
        key = (group.id, each.until, each.has_week)
        if key not in told:
            told[key] = _tell(group, each.until, has_week=each.has_week)
        if not told[key].is_empty:
            built += _build(each, told[key], at)
    return built


def thing_of(row: ManagersMail) -> str:
    return f"keeping:{row.id}"


def window(membership: Membership, user: User, at: datetime) -> Due | None:
    """The one that ended last, if that is their mail's day and not long ago."""
    local = at.astimezone(zone_of(user.time_zone))
    # An hour that comes twice when summer time ends is the first of the two.
    until = local.replace(hour=membership.mail_keeping_hour, minute=0, second=0, microsecond=0, fold=0)
    if until > local:
        until -= timedelta(days=1)
    is_weekday = until.weekday() == membership.mail_keeping_weekday
    if at - until > timedelta(hours=CATCH_UP_HOURS) or (
        membership.mail_keeping == MailChoice.WEEKLY and not is_weekday
    ):
        return None
    return Due(membership, user, until, is_weekday)


def _due(at: datetime) -> Sequence[Due]:
    managers = (
        Membership.objects.managers()
        .filter(group__closed_at=None, profile__user__is_active=True)
        .exclude(mail_keeping=MailChoice.NONE)
        .select_related("group", "profile__user")
    )
    since = at - timedelta(hours=CATCH_UP_HOURS)
    built = set(ManagersMail.objects.filter(until__gte=since).values_list("profile_id", "group_id", "until"))
    found = []
    for membership in managers.order_by("group", "id").iterator():
        user = membership.profile.user
        due = window(membership, user, at) if user is not None else None
        if due is not None and (membership.profile_id, membership.group_id, due.until) not in built:
            found.append(due)
    here = here_among({due.user.id for due in found}, at - timedelta(days=ABSENT_DAYS))
    return [due for due in found if due.user.id in here]


def _tell(group: Group, until: datetime, *, has_week: bool) -> _Told:
    held_or_flagged = Q(post__status=Status.HELD) | Q(post__status=Status.PUBLISHED, post__is_flagged=True)
    waiting = ReviewItem.objects.filter(held_or_flagged, group=group, decision=None).order_by("opened_at", "id")
    posts = list(waiting.values_list("post_id", flat=True)[:POSTS_NAMED])
    more = waiting.count() - len(posts) if len(posts) == POSTS_NAMED else 0
    is_asked = group.memberships.asking().exists()
    return _Told(tuple(posts), max(more, 0), is_asked, week(group, until) if has_week else {})


@transaction.atomic
def _build(due: Due, told: _Told, at: datetime) -> int:
    row, is_new = ManagersMail.objects.get_or_create(
        profile_id=due.membership.profile_id,
        group_id=due.membership.group_id,
        until=due.until,
        defaults={"posts": list(told.posts), "more_count": told.more_count, "week": told.week},
    )
    if is_new:
        queue([Waiting(row.profile_id, thing_of(row), due_at(due.user, at), due.user.email)])
    return int(is_new)

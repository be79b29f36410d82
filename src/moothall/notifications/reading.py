"""The list behind the envelope: what a member was told, by topic, and how far they have read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from moothall.core.clock import now
from moothall.discussions.models import Status, Topic
from moothall.discussions.titles import title_for
from moothall.groups.models import Group
from moothall.members.models import Profile
from moothall.notifications.models import Notification, Reason

SHOWN = 60
MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class TopicNews:
    """What was told of one conversation, the latest first; each line with `shown_title`."""

    topic: Topic
    lines: Sequence[Notification]

    @property
    def is_unread(self) -> bool:
        return any(line.read_at is None for line in self.lines)


def _readable(profile: Profile) -> QuerySet[Notification]:
    """Nothing of groups that one may not read any more, nor of posts that are gone."""
    shown = Q(event__post__status=Status.PUBLISHED, event__topic__status=Status.PUBLISHED)
    own = Q(reason=Reason.DECIDED) & ~Q(event__post__status=Status.DELETED)
    return Notification.objects.filter(
        shown | own, profile=profile, event__group__in=Group.objects.readable_by(profile).values("id")
    )


def news(profile: Profile, after: int | None = None) -> tuple[list[TopicNews], int | None]:
    """Grouped by topic, in the order of the latest line of each; and where to go on, if there is more.

    `after` is the id of the last line seen.
    """
    told = _readable(profile).select_related(
        "event__actor", "event__group", "event__post__author", "event__post__topic", "event__topic"
    )
    told = told.annotate(shown_title=title_for(profile, "event__post__topic"))
    last = Notification.objects.filter(profile=profile, id=after).first() if after is not None else None
    if last is not None:
        told = told.filter(Q(happened_at__lt=last.happened_at) | Q(happened_at=last.happened_at, id__lt=last.id))
    found = list(told.order_by("-happened_at", "-id")[: SHOWN + 1])
    grouped: dict[int, TopicNews] = {}
    for line in found[:SHOWN]:
        topic = line.event.post.topic if line.event.post is not None else line.event.topic
        if topic is not None:
            lines = [*grouped[topic.id].lines, line] if topic.id in grouped else [line]
            grouped[topic.id] = TopicNews(topic, lines)
    return list(grouped.values()), found[SHOWN - 1].id if len(found) > SHOWN else None


def unread_count(profile: Profile) -> int:
    """At most 99: nobody reads the difference."""
    # Every page asks, and most have nothing unread; what of it may be read is a question to five tables.
    if not Notification.objects.filter(profile=profile, read_at=None).exists():
        return 0
    return _readable(profile).filter(read_at=None)[:MOST_COUNTED].count()


def mark_topic_read(profile: Profile, topic_id: int) -> None:
    unread = Notification.objects.filter(profile=profile, read_at=None)
    unread.filter(Q(event__topic=topic_id) | Q(event__post__topic=topic_id)).update(read_at=now())


def mark_all_read(profile: Profile) -> None:
    Notification.objects.filter(profile=profile, read_at=None, event__happened_at__lte=now()).update(read_at=now())

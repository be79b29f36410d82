"""What happened lately that concerns the reader: answers, thanks, decisions on their posts."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F, Q

from moothall.discussions.models import Status
from moothall.groups.models import Group
from moothall.members.models import Profile
from moothall.notifications.models import Event, EventKind

SHOWN = 8


def for_you(viewer: Profile, groups: Sequence[Group]) -> list[Event]:
    """Newest first, with post, topic, group and actor; nothing that the reader may not read."""
    readable = Q(post__status=Status.PUBLISHED, topic__status=Status.PUBLISHED)
    told = Q(kind__in=[EventKind.REPLIED, EventKind.THANKED]) & readable
    decided = Q(kind=EventKind.DECIDED, post__author=viewer) & ~Q(post__status=Status.DELETED)
    events = Event.objects.filter(told | decided, concerns=viewer, group__in=groups).exclude(actor=F("concerns"))
    return list(events.select_related("post", "topic", "group", "actor").order_by("-happened_at", "-id")[:SHOWN])

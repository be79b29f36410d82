"""What happened lately that concerns the reader: answers, thanks, decisions on their posts."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F, Q

from moothall.discussions.models import Status
from moothall.discussions.titles import title_for
from moothall.groups.models import Group
from moothall.members.models import Profile
from moothall.notifications.models import Event, EventKind

SHOWN = 8


def for_you(viewer: Profile, groups: Sequence[Group]) -> list[Event]:
    """Newest first, with post, group, actor and `shown_title`; nothing that the reader may not read."""
    readable = Q(post__status=Status.PUBLISHED, topic__status=Status.PUBLISHED)
    told = Q(kind__in=[EventKind.REPLIED, EventKind.THANKED]) & readable
    decided = Q(kind=EventKind.DECIDED, post__author=viewer) & ~Q(post__status=Status.DELETED)
    events = Event.objects.filter(told | decided, concerns=viewer, group__in=groups).exclude(actor=F("concerns"))
    events = events.select_related("post", "group", "actor").annotate(shown_title=title_for(viewer, "post__topic"))
    return list(events.order_by("-happened_at", "-id")[:SHOWN])

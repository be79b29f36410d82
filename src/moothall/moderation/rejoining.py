"""Two conversations become one: with the undo of a move that made the other, or as an archive's mails show it."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Least

from moothall.discussions.models import Draft, Post, Topic, TopicRead
from moothall.moderation.models import Decision
from moothall.notifications.models import Event, Watch


def rejoin(source_id: int, target_id: int) -> None:
    """All that was said, begun, moved away, followed, muted or read in the source is the target's, and the source ends.

    Where somebody follows or mutes both, what they said of the target holds.
    """
    Post.objects.filter(topic=source_id).update(topic=target_id, is_first=False)
    Event.objects.filter(topic=source_id).update(topic=target_id)
    Decision.objects.filter(from_topic=source_id).update(from_topic=target_id)
    Draft.objects.filter(topic=source_id).update(topic=target_id)
    _join_read_marks(source_id, target_id)
    watched = Watch.objects.filter(topic=target_id, profile=OuterRef("profile"))
    Watch.objects.filter(~Exists(watched), topic=source_id).update(topic=target_id)
    Topic.objects.filter(id=source_id).delete()


def _join_read_marks(source_id: int, target_id: int) -> None:
    """Of two the earlier stands, so that nothing passes for read that was not."""
    other = TopicRead.objects.filter(topic=source_id, profile=OuterRef("profile"))
    both = TopicRead.objects.filter(Exists(other), topic=target_id)
    both.update(read_at=Least(F("read_at"), Subquery(other.values("read_at"))))
    read = TopicRead.objects.filter(topic=target_id, profile=OuterRef("profile"))
    TopicRead.objects.filter(~Exists(read), topic=source_id).update(topic=target_id)

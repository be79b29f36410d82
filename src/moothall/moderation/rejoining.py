"""A conversation that a move made ends with the undo of it, and what was said there goes where its first post went."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from moothall.discussions.models import Draft, Post, Topic
from moothall.notifications.models import Event, Watch


def rejoin(source_id: int, target_id: int) -> None:
    """Also what was only begun there, and who follows or mutes it, unless they have the same in the other already."""
    Post.objects.filter(topic=source_id).update(topic=target_id, is_first=False)
    Event.objects.filter(topic=source_id).update(topic=target_id)
    begun = Draft.objects.filter(topic=target_id, author=OuterRef("author"))
    Draft.objects.filter(~Exists(begun), topic=source_id).update(topic=target_id)
    watched = Watch.objects.filter(topic=target_id, profile=OuterRef("profile"))
    Watch.objects.filter(~Exists(watched), topic=source_id).update(topic=target_id)
    Topic.objects.filter(id=source_id).delete()

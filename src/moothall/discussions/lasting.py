"""A conversation lasts as long as anybody's words in it can be read, whatever becomes of its first post."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from moothall.discussions.models import Post, Status, Topic


def end_when_silent(topic_id: int) -> None:
    """Call when a post of it was deleted: ends it with its last words."""
    # Of two who delete at once, the later one waits here and finds the other's words gone too.
    topic = Topic.objects.select_for_update(no_key=True).get(id=topic_id)
    begins = Q(is_first=True) & ~Q(status=Status.DELETED)
    if not Post.objects.filter(begins | Q(status=Status.PUBLISHED), topic=topic).exists():
        Topic.objects.filter(id=topic_id).update(status=Status.DELETED)


def bring_back(topic_id: int) -> bool:
    """Call when a comment can be read again: an ended conversation goes on, if the group could read its beginning.

    False where nothing was to be brought back, or may not be.
    """
    began = Post.objects.filter(topic=OuterRef("id"), is_first=True, status_before=Status.PUBLISHED)
    ended = Topic.objects.filter(Exists(began), id=topic_id, status=Status.DELETED)
    return ended.update(status=Status.PUBLISHED) == 1

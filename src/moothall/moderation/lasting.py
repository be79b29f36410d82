"""A conversation lasts as long as anybody's words in it can be read, whatever becomes of its first post."""

from __future__ import annotations

from moothall.discussions.models import Post, Revision, Status, Topic
from moothall.discussions.titles import UNTITLED
from moothall.moderation.models import Decision

_WAITING = (Status.HELD, Status.RETURNED)


def end_when_silent(topic_id: int) -> None:
    """Call when a post of it went: ends it with its last words, and lets it go on with those that stand."""
    # Of two who delete at once, the later one waits here and finds the other's words gone too.
    topic = Topic.objects.select_for_update(no_key=True).get(id=topic_id)
    first = Post.objects.select_related("topic").get(topic=topic, is_first=True)
    if first.status != Status.DELETED:
        return
    if goes_on_without(first, first.status_before):
        _open(topic, first)
    else:
        Topic.objects.filter(id=topic_id).update(status=Status.DELETED)


def goes_on_without(first: Post, status: str) -> bool:
    """Whether comments stay readable when a first post of this status is deleted."""
    comments = Post.objects.filter(topic=first.topic_id, is_first=False, status=Status.PUBLISHED)
    return _could_be_read(first, status) and comments.exists()


def bring_back(topic_id: int) -> bool:
    """Call when a comment can be read again: an ended conversation goes on, if the group could read its beginning.

    False where nothing was to be brought back, or may not be.
    """
    topic = Topic.objects.select_for_update(no_key=True).filter(id=topic_id, status=Status.DELETED).first()
    if topic is None:
        return False
    first = Post.objects.select_related("topic").get(topic=topic, is_first=True)
    if not _could_be_read(first, first.status_before):
        return False
    _open(topic, first)
    return True


def give_back_title(first: Post) -> None:
    """Call when a first post is put back: its conversation has the title that it had."""
    kept = Revision.objects.filter(post=first, version=first.version).first()
    if kept is not None:
        Topic.objects.filter(id=first.topic_id).update(title=kept.title)
        kept.delete()


def _could_be_read(first: Post, status: str) -> bool:
    """By the group, now or before somebody held or returned it; what a manager rejects takes its conversation along.

    No status is left of what went with its author's account.
    """
    if not status:
        return not first.topic.is_removed
    if status in _WAITING:
        return Decision.objects.filter(post=first, status_before=Status.PUBLISHED).exists()
    return status == Status.PUBLISHED


def _open(topic: Topic, first: Post) -> None:
    if first.status_before in _WAITING:
        written = {"title": topic.title, "text": first.text, "written_at": first.edited_at or first.created_at}
        Revision.objects.get_or_create(post=first, version=first.version, defaults=written)
        topic.title = UNTITLED
    topic.status = Status.PUBLISHED
    topic.save(update_fields=["title", "status"])

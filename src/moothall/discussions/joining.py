"""Two topics that turn out to be one conversation, as when a mail arrives that answers both."""

from __future__ import annotations

from django.db import transaction

from moothall.discussions.models import Post, Topic
from moothall.discussions.ranking import recount


@transaction.atomic
def join_threads(group_id: int, *, joined: str, into: str) -> bool:
    """Moves the posts of the thread `joined` into the thread `into`; False when there is nothing to move.

    Where only `joined` has a topic yet, that topic takes the other key.
    """
    topics = {t.thread_key: t for t in Topic.objects.filter(group=group_id, thread_key__in=[joined, into])}
    if joined not in topics:
        return False
    source = topics[joined]
    if into not in topics:
        Topic.objects.filter(id=source.id).update(thread_key=into)
        return False
    target = topics[into]
    Post.objects.filter(topic=source).update(topic=target, is_first=False)
    Topic.objects.filter(id=source.id).delete()
    recount([target.id])
    return True

"""Two topics that turn out to be one conversation, as when a mail arrives that answers both."""

from __future__ import annotations

from django.db import transaction

from moothall.discussions.models import Status, Topic
from moothall.discussions.ranking import recount
from moothall.moderation.rejoining import rejoin


@transaction.atomic
def join_threads(group_id: int, *, joined: str, into: str) -> bool:
    """Moves the thread `joined` into the thread `into`; False when there is nothing to move.

    Where only `joined` has a topic yet, that topic takes the other key. What was rejected or deleted is not joined to
    what is shown: that would vanish with it.
    """
    topics = {t.thread_key: t for t in Topic.objects.filter(group=group_id, thread_key__in=[joined, into])}
    if joined not in topics:
        return False
    source = topics[joined]
    if into not in topics:
        Topic.objects.filter(id=source.id).update(thread_key=into)
        return False
    target = topics[into]
    if {source.status, target.status} != {Status.PUBLISHED}:
        return False
    rejoin(source.id, target.id)
    recount([target.id])
    return True

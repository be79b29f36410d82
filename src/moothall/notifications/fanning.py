"""An event reaches those whom it concerns: the list on the site, and instant mail. Doing it twice changes nothing."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from moothall.core.clock import now
from moothall.discussions.models import Lane, Post
from moothall.mailer.queueing import Waiting, queue, queue_again
from moothall.notifications.audience import hearers, instant_readers
from moothall.notifications.message_ids import give_message_id
from moothall.notifications.models import Event, EventKind, Notification

_MAILED = (EventKind.POSTED, EventKind.REPLIED, EventKind.DECIDED, EventKind.EARNED)
# An old post that a manager clears today is news to nobody.
MAILED_WITHIN = timedelta(days=14)


@transaction.atomic
def fan_out_event(event_id: int) -> bool:
    """True when mails wait to be sent."""
    event = Event.objects.select_related("post__topic", "post__reply_to", "group", "actor").filter(id=event_id).first()
    if event is None or event.post is None:
        return False
    Notification.objects.bulk_create(
        [
            Notification(profile_id=profile_id, event=event, reason=reason, happened_at=event.happened_at)
            for profile_id, reason in hearers(event).items()
        ],
        ignore_conflicts=True,
    )
    return event.kind in _MAILED and mail_at_once(event.post)


def mail_at_once(post: Post) -> bool:
    """With the replies that the beginning of a discussion kept back while it was not fit for the inbox itself."""
    fit = Post.objects.mailable().filter(created_at__gte=now() - MAILED_WITHIN)
    posts = list(fit.filter(id=post.id).select_related("topic"))
    if posts and post.is_first and post.topic.lane == Lane.DISCUSSIONS:
        replies = fit.filter(topic=post.topic_id, is_first=False, created_at__lt=post.inbox_at)
        posts += replies.select_related("topic").order_by("id")
    waiting = [_mail_one_at_once(each) for each in posts]
    return any(waiting)


def _mail_one_at_once(post: Post) -> bool:
    readers = instant_readers(post)
    if not readers:
        return False
    give_message_id(post)
    at = now()
    thing = f"post:{post.id}"
    waiting = [Waiting(reader.profile_id, thing, reader.hours.due_at(at), reader.address) for reader in readers]
    queue(waiting)
    queue_again(waiting)
    return True

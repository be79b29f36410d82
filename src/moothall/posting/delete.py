"""Deleting one's post, and taking that back for 30 days."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from moothall.core.clock import now
from moothall.core.deadlocks import again_after_deadlock
from moothall.discussions.models import Post, Status, Topic
from moothall.discussions.ranking import recount
from moothall.judging.standing import refresh_standing
from moothall.moderation.apply import hold_offers, topics_of
from moothall.moderation.flagged import has_open_flags
from moothall.moderation.lasting import bring_back, end_when_silent, give_back_title
from moothall.moderation.models import ReviewItem
from moothall.moderation.queue import review_item
from moothall.posting.submission import Outcome, Result, refused
from moothall.posting.submit import RESULT_OF

RESTORABLE_DAYS = 30


@again_after_deadlock
@transaction.atomic
def delete(post_id: int, by_id: int) -> Outcome:
    """Only the author deletes; managers decide instead. A conversation in which others talk outlives its first post."""
    post = Post.objects.select_for_update(of=("self",)).filter(id=post_id, author=by_id).first()
    if post is None or post.status == Status.DELETED:
        return refused("", "This post is no longer here.")
    post.status_before, post.status, post.deleted_at = post.status, Status.DELETED, now()
    post.save(update_fields=["status_before", "status", "deleted_at"])
    ReviewItem.objects.filter(post=post, decision=None).delete()
    end_when_silent(post.topic_id)
    _recount(post)
    return Outcome(Result.PUBLISHED, post.lane_value, post.topic_id, post.id)


@again_after_deadlock
@transaction.atomic
def restore(post_id: int, by_id: int) -> Outcome:
    """Puts a deleted post back as it was; one that waited for a manager waits again."""
    rows = Post.objects.select_for_update(of=("self",)).select_related("group", "topic")
    post = rows.filter(id=post_id, author=by_id).first()
    if post is None or post.status != Status.DELETED or post.deleted_at is None:
        return refused("", "There is nothing to put back.")
    if not is_restorable(post):
        return refused("", f"A deleted post can be put back for {RESTORABLE_DAYS} days; this one is older.")
    if post.is_left_behind:
        return refused("", "The conversation goes on without it. Your words are here to be copied.")
    if not _has_its_place(post):
        return refused("", "The conversation in which it stood is no longer here.")
    post.status, post.status_before, post.deleted_at = post.status_before, "", None
    post.save(update_fields=["status", "status_before", "deleted_at"])
    if post.is_first:
        give_back_title(post)
        Topic.objects.filter(id=post.topic_id).update(status=post.status)
    if post.status == Status.HELD or has_open_flags(post):
        review_item(post, post.group.promise_hours).save()
    hold_offers(post.topic_id)
    post.refresh_from_db(fields=["status", "lane"])
    _recount(post)
    return Outcome(RESULT_OF[Status(post.status)], post.lane_value, post.topic_id, post.id)


def is_restorable(post: Post) -> bool:
    """Whether it was deleted so lately that it can be put back, where its place still is."""
    return post.deleted_at is not None and now() - post.deleted_at <= timedelta(days=RESTORABLE_DAYS)


def _recount(post: Post) -> None:
    """With its author's standing, which what was deleted earns no more."""
    changed = refresh_standing(post.group_id, [post.author_id])
    recount({post.topic_id} | topics_of(post.group_id, changed))


def _has_its_place(post: Post) -> bool:
    """A comment that was published brings back a conversation that ended with it."""
    if post.is_first or post.topic.status != Status.DELETED:
        return True
    return post.status_before == Status.PUBLISHED and bring_back(post.topic_id)

"""Whoever asks says which reply answered, and may take that back."""

from __future__ import annotations

from django.db import transaction

from moothall.core.deadlocks import again_after_deadlock
from moothall.discussions.models import Post, Status, Topic
from moothall.discussions.ranking import recount
from moothall.posting.submission import Outcome, Result, refused


@again_after_deadlock
@transaction.atomic
def choose_answer(post_id: int, by_id: int) -> Outcome:
    post = Post.objects.published().select_related("topic").filter(id=post_id, is_first=False).first()
    if post is None:
        return refused("", "This reply is no longer here.")
    if post.topic.author_id != by_id or not post.topic.shown_kind.waits_for_an_answer:
        return refused("", "Only whoever asked can say what answered.")
    Topic.objects.filter(id=post.topic_id).update(answer=post)
    return _settled(post)


@again_after_deadlock
@transaction.atomic
def take_back_answer(post_id: int, by_id: int) -> Outcome:
    post = Post.objects.exclude(status=Status.DELETED).filter(id=post_id).first()
    if post is None or not Topic.objects.filter(answer=post, author=by_id).update(answer=None):
        return refused("", "This reply is not marked as the answer.")
    return _settled(post)


def _settled(post: Post) -> Outcome:
    recount({post.topic_id})
    return Outcome(Result.PUBLISHED, post.lane_value, post.topic_id, post.id)

"""A post waits for a manager, from now on and by the group's promise."""

from __future__ import annotations

from datetime import timedelta

from moothall.core.clock import now
from moothall.discussions.models import Post
from moothall.moderation.models import ReviewItem


def review_item(post: Post, promise_hours: int) -> ReviewItem:
    """Unsaved, since many are stored at once."""
    at = now()
    return ReviewItem(group_id=post.group_id, post=post, opened_at=at, due_at=at + timedelta(hours=promise_hours))


def put_in_queue(post: Post, promise_hours: int) -> None:
    """What waits already goes on waiting since then."""
    ReviewItem.objects.bulk_create([review_item(post, promise_hours)], ignore_conflicts=True)

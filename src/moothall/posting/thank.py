"""Thanks for a post, and taking them back."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Count

from moothall.core.clock import now
from moothall.core.deadlocks import again_after_deadlock
from moothall.discussions.models import Post, Status, Thank
from moothall.discussions.ranking import recount
from moothall.groups.access import access
from moothall.members.models import Profile
from moothall.notifications.models import Event, EventKind
from moothall.notifications.telling import tell
from moothall.posting.submission import Outcome, Result, refused

# In all groups together: each shows the giver's name to somebody.
THANKS_A_DAY = 60


@again_after_deadlock
@transaction.atomic
def thank(post_id: int, by_id: int) -> Outcome:
    """Members thank each other, once a post, never themselves."""
    # Of many at once each would find room for itself.
    giver = Profile.objects.select_for_update(no_key=True).filter(id=by_id).first()
    post = Post.objects.published().select_related("group").filter(id=post_id).first()
    if post is None or giver is None or not access(post.group, giver).is_member:
        return refused("", "Only members can thank for a post here.")
    if post.author_id == by_id:
        return refused("", "This is your own post; thanks come from others.")
    if _is_over_the_rate(post, giver):
        return refused("", f"You have thanked for {THANKS_A_DAY} posts in 24 hours, which is as many as fit.")
    _, is_new = Thank.objects.get_or_create(post=post, profile=giver)
    if is_new:
        _count(post)
        tell([_thanked(post, giver)])
    return Outcome(Result.PUBLISHED, post.lane_value, post.topic_id, post.id)


@again_after_deadlock
@transaction.atomic
def take_back(post_id: int, by_id: int) -> Outcome:
    post = Post.objects.filter(id=post_id).exclude(status=Status.DELETED).first()
    if post is None:
        return refused("", "This post is no longer here.")
    taken, _ = Thank.objects.filter(post=post, profile=by_id).delete()
    if taken:
        Event.objects.filter(kind=EventKind.THANKED, post=post, actor=by_id).delete()
        _count(post)
    return Outcome(Result.PUBLISHED, post.lane_value, post.topic_id, post.id)


def _is_over_the_rate(post: Post, giver: Profile) -> bool:
    """What was thanked for before may be thanked for again."""
    given = Thank.objects.filter(profile=giver)
    lately = given.filter(created_at__gt=now() - timedelta(days=1)).count()
    return lately >= THANKS_A_DAY and not given.filter(post=post).exists()


def _thanked(post: Post, giver: Profile) -> Event:
    return Event(
        kind=EventKind.THANKED,
        group_id=post.group_id,
        topic_id=post.topic_id,
        post=post,
        actor=giver,
        concerns_id=post.author_id,
    )


def _count(post: Post) -> None:
    # Whoever thanks for it at the same moment waits here, and counts both.
    list(Post.objects.select_for_update(no_key=True).filter(id=post.id).values_list("id"))
    thanks = Thank.objects.filter(post=post).aggregate(n=Count("id"))["n"]
    Post.objects.filter(id=post.id).update(thanked_count=thanks)
    recount({post.topic_id})

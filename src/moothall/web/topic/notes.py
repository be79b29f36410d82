"""What was decided about posts of a conversation, as its page tells it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from moothall.discussions.models import Post, Topic
from moothall.groups.access import Access
from moothall.moderation.models import Action, Decision, ReviewItem

_UNPUBLISHED_ACTIONS = (Action.HOLD, Action.RETURN, Action.REJECT)


@dataclass(frozen=True, slots=True)
class Moved:
    """A post that stood here; `decision.post` is loaded with its author, topic and group."""

    decision: Decision
    may_follow: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a post is not published; `item` is its place in the managers' queue."""

    decision: Decision | None
    item: ReviewItem | None


def was_kept_back(post: Post) -> bool:
    """What was once kept from the group stays between its author and the managers."""
    return Decision.objects.filter(post=post, action__in=_UNPUBLISHED_ACTIONS).exists()


def moved_away(topic: Topic, there: Access) -> list[Moved]:
    """Oldest post first. Who may not read the post at its new place learns that it was moved, no more."""
    decisions = (
        Decision.objects.filter(from_topic=topic, undone_by=None)
        .exclude(post__topic=topic)
        .select_related("post__author", "post__topic", "decided_by", "rule")
        .order_by("post_id", "-decided_at", "-id")
        .distinct("post_id")
    )
    found = list(decisions)
    readable = set(
        Post.objects.readable_by(there.profile).filter(id__in=[d.post_id for d in found]).values_list("id", flat=True)
    )
    found.sort(key=lambda d: (d.post.created_at, d.post_id))
    return [Moved(decision, decision.post_id in readable) for decision in found]


def waiting(posts: Iterable[Post]) -> dict[int, Waiting]:
    """By post: what was decided last, and since when a manager is awaited."""
    ids = [post.id for post in posts]
    decisions = latest_decisions(ids)
    items = {item.post_id: item for item in ReviewItem.objects.filter(post__in=ids, decision=None)}
    return {post: Waiting(decisions.get(post), items.get(post)) for post in ids}


def latest_decisions(post_ids: Sequence[int]) -> dict[int, Decision]:
    rows = (
        Decision.objects.filter(post__in=post_ids)
        .select_related("decided_by", "rule")
        .order_by("post_id", "-decided_at", "-id")
        .distinct("post_id")
    )
    return {decision.post_id: decision for decision in rows}

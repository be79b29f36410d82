"""Carrying out a decision on a post that exists: its state, its topic, the queue and the log, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import Truncator

from moothall.core.clock import now
from moothall.core.text import clean_line
from moothall.discussions.models import TITLE_LENGTH, Lane, Post, Status, Topic
from moothall.discussions.ranking import begun_after, recount
from moothall.judging.standing import refresh_standing
from moothall.moderation.lasting import bring_back, end_when_silent
from moothall.moderation.leaving_promotions import rule_on_comments
from moothall.moderation.models import Action, Decision, ReviewItem
from moothall.moderation.rejoining import rejoin
from moothall.notifications import telling
from moothall.notifications.models import Event, EventKind

STATUS_OF = {
    Action.ACCEPT: Status.PUBLISHED,
    Action.REROUTE: Status.PUBLISHED,
    Action.RETURN: Status.RETURNED,
    Action.HOLD: Status.HELD,
    Action.REJECT: Status.REJECTED,
}
OWN_TITLE_LENGTH = 80  # of a comment that becomes a topic: about one line of the feed


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post stands: its state, its lane and its topic."""

    status: Status
    lane: Lane
    topic_id: int
    is_first: bool


def place_of(post: Post) -> Place:
    return Place(Status(post.status), post.lane_value, post.topic_id, post.is_first)


def move(post: Post, place: Place) -> None:
    """Puts the post there. A first post takes its topic along; a comment goes alone, and comes back with the answers
    that it had where it stood first."""
    before, began, lane_before = post.topic_id, post.is_first, post.lane
    post.status, post.lane, post.topic_id, post.is_first = place.status, place.lane, place.topic_id, place.is_first
    post.save(update_fields=["status", "lane", "topic", "is_first", "is_doubtful", "inbox", "inbox_at", "is_flagged"])
    if post.is_first:
        Topic.objects.filter(id=post.topic_id).update(status=place.status, lane=place.lane)
    elif place.status == Status.PUBLISHED:
        bring_back(post.topic_id)
    elif place.status == Status.REJECTED:
        end_when_silent(post.topic_id)
    if before != post.topic_id:
        _leave(before, post, began=began)
    hold_offers(post.topic_id)
    changed = {before, post.topic_id}
    recount(changed | begun_after(post.topic_id) if post.lane != lane_before else changed)


def _leave(topic_id: int, post: Post, *, began: bool) -> None:
    """What the post left behind goes with it where it began that conversation, and stands without it elsewhere."""
    if began:
        rejoin(topic_id, post.topic_id)
        end_when_silent(post.topic_id)
    else:
        end_when_silent(topic_id)


def hold_offers(topic_id: int) -> None:
    """Call when comments that were written in Promotions may have come to stand in another lane."""
    for decision in rule_on_comments(topic_id):
        tell(decision.post, decision)


def mailed_in(post_id: int) -> str | None:
    """The lane whose readers may be mailed the post; None while it may be mailed to nobody."""
    return Post.objects.mailable().filter(id=post_id).values_list("topic__lane", flat=True).first()


def note_when_fit(post: Post, before: str | None) -> bool:
    """Digests tell of a post in the window in which it became fit for the mail of its lane; `before` is what
    `mailed_in` said before the change. True when it became so now."""
    lane = mailed_in(post.id)
    if lane is None or lane == before:
        return False
    post.inbox_at = now()
    Post.objects.filter(id=post.id).update(inbox_at=post.inbox_at)
    return True


def own_topic(post: Post, lane: Lane) -> Place:
    """A topic of its own for a comment that is moved out of its conversation."""
    first_line = next(filter(None, map(clean_line, post.text.splitlines())), "")
    # Marks above and below letters are not counted as characters, and stored all the same.
    title = Truncator(first_line).chars(OWN_TITLE_LENGTH) or f"From ‘{post.topic.title}’"
    topic = Topic.objects.create(
        group_id=post.group_id,
        author_id=post.author_id,
        title=title[:TITLE_LENGTH],
        kind=post.kind,
        lane=lane,
        status=Status.PUBLISHED,
        created_at=post.created_at,
        last_post_at=post.created_at,
        last_author_id=post.author_id,
        rank_at=post.created_at,
    )
    return Place(Status.PUBLISHED, lane, topic.id, is_first=True)


def close_items(post: Post, decision: Decision) -> None:
    ReviewItem.objects.filter(post=post, decision=None).update(decision=decision)


def tell(post: Post, decision: Decision) -> None:
    """The author hears what became of the post; their standing may have changed with it."""
    decided = Event(
        kind=EventKind.DECIDED,
        group_id=post.group_id,
        topic_id=post.topic_id,
        post=post,
        actor=decision.decided_by,
        concerns_id=post.author_id,
    )
    telling.tell([decided])
    recount(topics_of(post.group_id, refresh_standing(post.group_id, [post.author_id])))


def topics_of(group_id: int, profiles: Sequence[int]) -> set[int]:
    """Where these people talk: their standing counts there. Only the last 200 posts, the feed's living part."""
    if not profiles:
        return set()
    posts = Post.objects.filter(group=group_id, author__in=profiles).order_by("-created_at")
    return set(posts.values_list("topic_id", flat=True)[:200])

"""What a group's managers decided, as lessons for the screener.

Only what says something about offers teaches: a post accepted, one moved to Promotions, one returned or rejected with a
rule about offers quoted. A post removed for another reason teaches nothing. What was left standing teaches a little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db.models import F, Q

from moothall.core.clock import now
from moothall.core.seen import seen
from moothall.discussions.models import Lane, Post, Revision, Source, Status
from moothall.judging.memory import remember
from moothall.moderation.models import Action, Decision
from moothall.rules.models import Concern
from moothall_screening import Example, Strength

MOST_DECISIONS = 400
MOST_LEFT_STANDING = 150
STANDING_DAYS = 3


def relearn(group_id: int) -> None:
    """Makes the group's memory anew from its decisions: running it twice, or after an undo, needs no bookkeeping."""
    remember(group_id, lessons(group_id))


def lessons(group_id: int) -> list[Example]:
    decided = _decided(group_id)
    return decided + _left_standing(group_id, {int(example.id) for example in decided})


def _decided(group_id: int) -> list[Example]:
    """The last word of a manager on each post."""
    said = Decision.objects.filter(group=group_id, is_machine=False, undoes=None, undone_by=None)
    last = said.order_by("post", "-decided_at", "-id").distinct("post")
    telling = (
        Decision.objects.filter(id__in=last.values("id"))
        .filter(
            Q(action=Action.ACCEPT)
            | Q(action=Action.REROUTE, lane=Lane.PROMOTIONS)
            | Q(action__in=[Action.RETURN, Action.REJECT], rule__concern=Concern.OFFERS)
        )
        .exclude(post__text="")  # its author took the words back with the account
        .select_related("post__topic", "post__reply_to", "screening")
        .order_by("-decided_at", "-id")[:MOST_DECISIONS]
    )
    decisions = list(telling)
    before = _versions_decided_on(decisions)
    begun = _beginnings([decision.post for decision in decisions])
    return [_lesson(decision, before.get(decision.id), begun) for decision in decisions]


def _lesson(decision: Decision, before: Revision | None, begun: Mapping[int, Post]) -> Example:
    """`before` is the version that was decided on, where the post has been edited since."""
    post, written = decision.post, before or decision.post
    title = before.title if before is not None else post.topic.title
    return Example(
        text=_as_judged(post, written.text, begun),
        subject=title if post.is_first else "",
        is_promotion=decision.action != Action.ACCEPT,
        id=str(post.id),
        author=str(post.author_id),
    )


def _versions_decided_on(decisions: list[Decision]) -> dict[int, Revision]:
    """By decision, where its screening names another version than the present one."""
    edited = {
        (d.post_id, d.screening.post_version): d.id
        for d in decisions
        if d.screening is not None and d.screening.post_version != d.post.version
    }
    revisions = Revision.objects.filter(post__in=[post for post, _ in edited]) if edited else Revision.objects.none()
    return {edited[r.post_id, r.version]: r for r in revisions if (r.post_id, r.version) in edited}


def _beginnings(posts: Iterable[Post]) -> dict[int, Post]:
    topics = {post.topic_id for post in posts if not post.is_first}
    return {first.topic_id: first for first in Post.objects.filter(topic__in=topics, is_first=True)}


def _as_judged(post: Post, text: str, begun: Mapping[int, Post]) -> str:
    """What it taught is learnt of what was read: not of an honest question above a pitch that poses as a quotation."""
    if post.source == Source.IMPORT and post.version == 1:
        return text
    said = (post.reply_to, None if post.is_first else begun.get(post.topic_id))
    return seen(text, [each.text for each in said if each is not None and each.is_quotable])


def _left_standing(group_id: int, decided: set[int]) -> list[Example]:
    posts = (
        Post.objects.published()
        .filter(group=group_id, lane=Lane.DISCUSSIONS, is_doubtful=False, topic__lane=F("lane"))
        .filter(created_at__lt=now() - timedelta(days=STANDING_DAYS), status=Status.PUBLISHED)
        .exclude(id__in=decided)
        .select_related("topic", "reply_to")
        .order_by("-created_at", "-id")[:MOST_LEFT_STANDING]
    )
    begun = _beginnings(posts)
    return [
        Example(
            text=_as_judged(post, post.text, begun),
            subject=post.topic.title if post.is_first else "",
            is_promotion=False,
            id=str(post.id),
            strength=Strength.LEFT_STANDING,
            author=str(post.author_id),
        )
        for post in posts
    ]

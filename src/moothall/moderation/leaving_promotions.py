"""In Promotions nothing is held for being an offer. Comments that stand elsewhere, since their conversation left it,
are ruled on by the verdict that they have."""

from __future__ import annotations

from moothall.core.clock import now
from moothall.discussions.models import Kind, Lane, Post, Source, Status, Topic
from moothall.groups.access import Access
from moothall.groups.models import Membership
from moothall.judging.models import Screening
from moothall.judging.record import latest_screenings
from moothall.moderation.flagged import cleared
from moothall.moderation.models import Action, Decision
from moothall.moderation.policy import PolicyContext, Reading, Ruling, inbox, rule, telling_reasons
from moothall.moderation.queue import put_in_queue
from moothall.rules.current import rule_for
from moothall_screening import Evidence


def rule_on_comments(topic_id: int) -> list[Decision]:
    """Those that were written in Promotions become the conversation's; returns what is held by that."""
    topic = Topic.objects.select_related("group").get(id=topic_id)
    if topic.lane == Lane.PROMOTIONS:
        return []
    written = Post.objects.filter(topic=topic, is_first=False, status=Status.PUBLISHED, lane=Lane.PROMOTIONS)
    comments = list(written.select_related("author").select_for_update(of=("self",)).order_by("id"))
    read, clear = latest_screenings(comments), cleared(topic.group_id, comments)
    members = Membership.objects.filter(group=topic.group, profile__in={post.author_id for post in comments})
    there = {each.profile_id: each for each in members}
    Post.objects.filter(id__in=[post.id for post in comments]).update(lane=topic.lane)
    ruled = (
        _rule_on(post, topic, read[post.id], Access(topic.group, post.author, there.get(post.author_id)))
        for post in comments
        if post.id in read and post.id not in clear
    )
    return [decision for decision in ruled if decision is not None]


def _rule_on(post: Post, topic: Topic, screening: Screening, there: Access) -> Decision | None:
    read, context = _reading(screening), _context(post, topic, there)
    ruling = rule(read, context)
    decision = _held(post, topic, screening, ruling) if ruling.action == Action.HOLD else None
    post.lane, opening = topic.lane, inbox(read, ruling, context)
    if decision is None and (post.is_doubtful, post.inbox) == (ruling.is_doubtful, opening):
        return None
    if opening != post.inbox:
        post.inbox, post.inbox_at = opening, now()
    post.is_doubtful = ruling.is_doubtful
    post.status = Status.HELD if decision is not None else post.status
    post.save(update_fields=["status", "is_doubtful", "inbox", "inbox_at"])
    return decision


def _reading(screening: Screening) -> Reading:
    evidence = [Evidence(e["source"], e["log_odds"], e["reason"]) for e in screening.evidence]
    job = screening.kinds.get(Kind.JOB, 0.0)
    return Reading(screening.promotion, screening.fit, job, telling_reasons(tuple(evidence)))


def _context(post: Post, topic: Topic, there: Access) -> PolicyContext:
    return PolicyContext(
        preset=topic.group.policy_preset,
        lane=topic.lane_value,
        source=Source(post.source),
        is_comment=True,
        is_manager=there.is_manager and Source(post.source).proves_author,
        has_standing=there.has_standing,
    )


def _held(post: Post, topic: Topic, screening: Screening, ruling: Ruling) -> Decision:
    put_in_queue(post, topic.group.promise_hours)
    return Decision.objects.create(
        group_id=post.group_id,
        post=post,
        action=Action.HOLD,
        lane=topic.lane,
        is_machine=True,
        reason="\n".join(ruling.reasons),
        rule=rule_for(topic.group, ruling.concern) if ruling.concern is not None else None,
        screening=screening,
        status_before=post.status,
        from_lane=post.lane,
        from_topic_id=post.topic_id,
        inbox_before=post.inbox,
        was_doubtful=post.is_doubtful,
    )

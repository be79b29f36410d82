"""A manager's decision on a post, and taking it back. People outrank the machine: what they decide stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from moothall.core.clock import now
from moothall.core.deadlocks import again_after_deadlock
from moothall.discussions.models import Inbox, Lane, Post, Status
from moothall.groups.access import access
from moothall.judging.record import latest_screening
from moothall.members.models import Profile
from moothall.moderation.apply import (
    STATUS_OF,
    Place,
    close_items,
    mailed_in,
    move,
    note_when_fit,
    own_topic,
    place_of,
    tell,
)
from moothall.moderation.flagged import has_open_flags, reopen, settle
from moothall.moderation.models import Action, Decision, ReviewItem
from moothall.moderation.queue import review_item
from moothall.moderation.reach import take_from_budget
from moothall.moderation.tasks import learn_soon
from moothall.rules.models import Rule

UNDO_HOURS = 24
NOTE_LENGTH = 2000


class DecisionRefused(Exception):
    """The decision cannot be taken; the message says why, in words for the manager."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a manager chose. `lane` counts for a move only; `note` is what the author reads."""

    action: Action
    lane: Lane = Lane.PROMOTIONS
    note: str = ""
    rule_id: int | None = None


@again_after_deadlock
@transaction.atomic
def decide(post_id: int, choice: Choice, by_id: int) -> Decision:
    """Raises DecisionRefused when this person may not, or when the post is gone."""
    post, manager = _locked(post_id, by_id)
    before = place_of(post)
    mailed_before = mailed_in(post.id)
    decision = Decision.objects.create(
        group_id=post.group_id,
        post=post,
        action=choice.action,
        lane=choice.lane if choice.action == Action.REROUTE else before.lane,
        decided_by=manager,
        is_machine=False,
        reason=choice.note[:NOTE_LENGTH],
        rule=_rule(choice.rule_id, post.group_id),
        screening=latest_screening(post),
        status_before=before.status,
        from_lane=before.lane,
        from_topic_id=before.topic_id,
        inbox_before=post.inbox,
        was_doubtful=post.is_doubtful,
    )
    post.is_doubtful = choice.action == Action.HOLD
    _set_inbox(post, Inbox.OPEN if choice.action in (Action.ACCEPT, Action.REROUTE) else Inbox.SHUT)
    settle(post, decision)
    move(post, _destination(post, choice))
    _count_reach(post, before.lane)
    note_when_fit(post, mailed_before)
    close_items(post, decision)
    if choice.action == Action.HOLD:
        _queue(post)
    tell(post, decision)
    learn_soon(post.group_id)
    return decision


@again_after_deadlock
@transaction.atomic
def undo(decision_id: int, by_id: int) -> Decision:
    """Takes back a manager's decision whole, within 24 hours: place, queue, standing, order.

    Raises DecisionRefused when it is too late, when it was taken back before, when another decision followed it or the
    post is gone.
    """
    decision = Decision.objects.filter(id=decision_id, is_machine=False, undoes=None).first()
    if decision is None:
        raise DecisionRefused("There is nothing to undo here.")
    post, manager = _locked(decision.post_id, by_id)
    latest = post.decisions.order_by("-decided_at", "-id").first()
    if latest is None or latest.id != decision.id:
        raise DecisionRefused("Something else was decided about this post since. Decide again instead.")
    if now() - decision.decided_at > timedelta(hours=UNDO_HOURS):
        raise DecisionRefused(f"A decision can be undone for {UNDO_HOURS} hours. Decide again instead.")
    mailed_before = mailed_in(post.id)
    taken_back = Decision.objects.create(
        group_id=post.group_id,
        post=post,
        action=decision.action,
        lane=decision.from_lane,
        decided_by=manager,
        is_machine=False,
        undoes=decision,
        status_before=post.status,
        from_lane=post.lane,
        inbox_before=post.inbox,
    )
    _set_inbox(post, Inbox(decision.inbox_before))
    post.is_doubtful = decision.was_doubtful or decision.status_before == Status.HELD
    reopen(post, decision)
    move(post, _origin(post, decision))
    _count_reach(post, Lane(taken_back.from_lane))
    note_when_fit(post, mailed_before)
    _requeue(post, decision)
    tell(post, taken_back)
    learn_soon(post.group_id)
    return taken_back


def _locked(post_id: int, by_id: int) -> tuple[Post, Profile]:
    post = Post.objects.select_for_update(of=("self",)).select_related("group", "topic").filter(id=post_id).first()
    manager = Profile.objects.filter(id=by_id).first()
    if post is None or manager is None or not access(post.group, manager).is_manager:
        raise DecisionRefused("Only the managers of this group can decide this.")
    if post.status == Status.DELETED:
        raise DecisionRefused("Its author has deleted this post since.")
    return post, manager


def _destination(post: Post, choice: Choice) -> Place:
    if choice.action == Action.REROUTE:
        if post.is_first:
            return Place(Status.PUBLISHED, choice.lane, post.topic_id, is_first=True)
        return own_topic(post, choice.lane)
    return Place(STATUS_OF[choice.action], post.lane_value, post.topic_id, post.is_first)


def _origin(post: Post, decision: Decision) -> Place:
    topic_id = decision.from_topic_id or post.topic_id
    is_first = post.is_first and topic_id == post.topic_id
    return Place(Status(decision.status_before), Lane(decision.from_lane), topic_id, is_first)


def _set_inbox(post: Post, inbox: Inbox) -> None:
    if post.inbox != inbox:
        post.inbox, post.inbox_at = inbox, now()


def _count_reach(post: Post, lane_before: Lane) -> None:
    """Offers cost their author's budget whoever puts them into Promotions; what a manager puts elsewhere is mailed
    whatever is left of it."""
    if post.lane != lane_before:
        take_from_budget(post, has_standing=True)
        post.save(update_fields=["reach", "is_beyond_reach"])


def _queue(post: Post) -> None:
    review_item(post, post.group.promise_hours).save()


def _requeue(post: Post, undone: Decision) -> None:
    """It waits since it did before the decision; what was flagged only after that waits too."""
    waiting = ReviewItem.objects.filter(post=post, decision=None)
    before = ReviewItem.objects.filter(decision=undone)
    if before.exists():
        waiting.delete()
        before.update(decision=None)
    elif not has_open_flags(post):
        waiting.delete()


def _rule(rule_id: int | None, group_id: int) -> Rule | None:
    return Rule.objects.filter(id=rule_id, edition__group=group_id).first() if rule_id is not None else None

"""Members flag a post, and take that back. Its author hears of a decision only, never who flagged."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from moothall.core.clock import now
from moothall.core.deadlocks import again_after_deadlock
from moothall.discussions.models import Lane, Post, Status
from moothall.groups.access import access
from moothall.groups.refusal import Refusal
from moothall.judging.models import Screening
from moothall.judging.record import latest_screening
from moothall.mailer.queueing import stop
from moothall.members.models import Profile
from moothall.moderation.apply import Place, mailed_in, move, note_when_fit, tell
from moothall.moderation.flag_weight import agreeing, holds
from moothall.moderation.flagged import Raised, is_cleared, refresh_flagged
from moothall.moderation.models import Action, Decision, Flag, ReviewItem
from moothall.moderation.queue import put_in_queue
from moothall.notifications import telling
from moothall.notifications.models import Event, EventKind
from moothall.rules.current import current_rules
from moothall.rules.models import Concern, Rule

log = logging.getLogger(__name__)

FLAGS_A_DAY = {False: 5, True: 30}
_SAYS = {
    Concern.OFFERS: "this reads as an advert",
    Concern.TOPIC: "this is off the shared interest",
    Concern.JOBS: "this offers work, for which there is a page of its own",
    Concern.CONDUCT: "this is not how people treat each other here",
    Concern.OTHER: "this breaks a rule",
}


@again_after_deadlock
@transaction.atomic
def flag(post_id: int, by_id: int, rule_number: int | None) -> Refusal | None:
    """`rule_number` is that of the group's present rules; None says that the post reads as an advert."""
    # Of many at once each would find room for itself.
    member = Profile.objects.select_for_update(no_key=True).filter(id=by_id).first()
    post = Post.objects.select_for_update(of=("self",)).select_related("group", "topic").filter(id=post_id).first()
    if post is None or member is None or not access(post.group, member).is_member:
        return Refusal("Only members can flag a post here.")
    refusal = _refusal(post, member, rule_number)
    if refusal is not None:
        return refusal
    rule = _rule(post, rule_number)
    concern = Concern(rule.concern) if rule is not None and rule_number is not None else Concern.OFFERS
    row = Flag(group_id=post.group_id, post=post, profile=member, concern=concern, rule=rule)
    if Flag.objects.bulk_create([row], ignore_conflicts=True):
        _act(post)
    return None


@again_after_deadlock
@transaction.atomic
def withdraw(post_id: int, by_id: int) -> Refusal | None:
    """Only while no manager has answered it. A post that several flags held stays with the managers."""
    post = Post.objects.select_for_update(of=("self",)).select_related("group").filter(id=post_id).first()
    if post is None or not Flag.objects.filter(post=post, profile=by_id, decision=None).delete()[0]:
        return Refusal("There is no flag of yours to take back: a manager has looked at the post since.")
    mailed_before = mailed_in(post.id)
    raised = refresh_flagged(post)
    if post.status == Status.PUBLISHED and not raised:
        ReviewItem.objects.filter(post=post, decision=None).delete()
    if note_when_fit(post, mailed_before):
        # Those who were spared it get it now, if it may still be mailed.
        free = Event(kind=EventKind.EARNED, group_id=post.group_id, topic_id=post.topic_id, post=post)
        telling.tell([free])
    return None


def _refusal(post: Post, member: Profile, rule_number: int | None) -> Refusal | None:
    if post.status != Status.PUBLISHED:
        return Refusal("This post is not shown any more, so there is nothing to flag.")
    if post.author_id == member.id:
        return Refusal("This is your own post. You can edit or delete it.")
    if rule_number is None and post.lane == Lane.PROMOTIONS:
        return Refusal("It stands in Promotions, where offers belong. Name the rule that it breaks.")
    if rule_number is not None and _rule(post, rule_number) is None:
        return Refusal("The rules have changed since. Choose one of those that stand now.")
    if Flag.objects.filter(post=post, profile=member).exclude(decision=None).exists():
        return Refusal("You flagged this before, and a manager has decided on it. Write to the managers.")
    since = now() - timedelta(days=1)
    limit = FLAGS_A_DAY[access(post.group, member).has_standing]
    if Flag.objects.filter(group=post.group_id, profile=member, created_at__gt=since).count() >= limit:
        return Refusal(f"You have flagged {limit} posts in 24 hours, which is as many as fit. Write to the managers.")
    return None


def _rule(post: Post, number: int | None) -> Rule | None:
    """The one of that number; without a number the group's first on offers."""
    rules = current_rules(post.group)
    if number is None:
        return next((rule for rule in rules if rule.concern == Concern.OFFERS), None)
    return next((rule for rule in rules if rule.number == number), None)


def _act(post: Post) -> None:
    raised = refresh_flagged(post)
    put_in_queue(post, post.group.promise_hours)
    if post.is_flagged:
        spared = stop(f"post:{post.id}", "Members flagged it.")
        log.info("A flag on post %d spared %d inboxes.", post.id, spared)
    screening = latest_screening(post)
    promotion = screening.promotion if screening is not None else 0.0
    said = [each.said for each in raised]
    if holds(promotion, said, post.group.policy_preset) and not is_cleared(post):
        _hold(post, raised, screening)


def _hold(post: Post, raised: Sequence[Raised], screening: Screening | None) -> None:
    """The machine's hand, and the members' word: the decision says how many, and never who."""
    count = agreeing([each.said for each in raised])
    concern, _ = Counter(each.flag.concern for each in raised).most_common(1)[0]
    decision = Decision.objects.create(
        group_id=post.group_id,
        post=post,
        action=Action.HOLD,
        lane=post.lane,
        is_machine=True,
        reason=f"{count} members agree: {_SAYS[Concern(concern)]}.",
        rule=next((each.flag.rule for each in raised if each.flag.concern == concern), None),
        screening=screening,
        agreed_count=count,
        status_before=post.status,
        from_lane=post.lane,
        from_topic_id=post.topic_id,
        inbox_before=post.inbox,
    )
    post.is_doubtful = True
    move(post, Place(Status.HELD, post.lane_value, post.topic_id, post.is_first))
    tell(post, decision)

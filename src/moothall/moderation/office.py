"""Who helps to keep a group, and who owns it: what they wrote stands in the feed as their standing by office has it."""

from __future__ import annotations

from django.db import transaction

from moothall.core.deadlocks import again_after_deadlock
from moothall.discussions.ranking import recount
from moothall.groups import leave as groups
from moothall.groups import promote, transfer
from moothall.groups.models import Membership
from moothall.groups.refusal import Refusal
from moothall.moderation.apply import topics_of


@again_after_deadlock
@transaction.atomic
def make_moderator(group_id: int, membership_id: int, *, by_id: int) -> Refusal | None:
    refusal = promote.make_moderator(group_id, membership_id, by_id=by_id)
    if refusal is None:
        _place_anew(group_id, Membership.objects.get(id=membership_id).profile_id)
    return refusal


@again_after_deadlock
@transaction.atomic
def make_member(group_id: int, membership_id: int, *, by_id: int) -> Refusal | None:
    refusal = promote.make_member(group_id, membership_id, by_id=by_id)
    if refusal is None:
        _place_anew(group_id, Membership.objects.get(id=membership_id).profile_id)
    return refusal


@again_after_deadlock
@transaction.atomic
def accept_offer(group_id: int, *, by_id: int) -> Refusal | None:
    """Whoever owned it until then keeps it still, as a moderator."""
    refusal = transfer.accept_offer(group_id, by_id=by_id)
    if refusal is None:
        _place_anew(group_id, by_id)
    return refusal


@again_after_deadlock
@transaction.atomic
def leave(group_id: int, profile_id: int) -> Refusal | None:
    """With the group, its moderators leave their office."""
    kept = Membership.objects.managers().filter(group=group_id, profile=profile_id).exists()
    refusal = groups.leave(group_id, profile_id)
    if refusal is None and kept:
        _place_anew(group_id, profile_id)
    return refusal


def _place_anew(group_id: int, profile_id: int) -> None:
    recount(topics_of(group_id, [profile_id]))

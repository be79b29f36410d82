"""Whom a group is closed to lifts nothing in its feed any more: neither by what they wrote nor by whom they thanked."""

from __future__ import annotations

from django.db import transaction

from moothall.core.deadlocks import again_after_deadlock
from moothall.discussions.models import Thank
from moothall.discussions.ranking import recount
from moothall.groups import ban as groups
from moothall.groups.models import Membership
from moothall.groups.refusal import Refusal
from moothall.moderation.apply import topics_of

LATEST_THANKS = 200


@again_after_deadlock
@transaction.atomic
def ban(group_id: int, membership_id: int, *, reason: str, by_id: int) -> Refusal | None:
    refusal = groups.ban(group_id, membership_id, reason=reason, by_id=by_id)
    if refusal is None:
        profile_id = Membership.objects.get(id=membership_id).profile_id
        recount(topics_of(group_id, [profile_id]) | _thanked_in(group_id, profile_id))
    return refusal


def _thanked_in(group_id: int, profile_id: int) -> set[int]:
    """As far back as their posts are looked at."""
    thanks = Thank.objects.filter(profile=profile_id, post__group=group_id).order_by("-created_at")
    return set(thanks.values_list("post__topic", flat=True)[:LATEST_THANKS])

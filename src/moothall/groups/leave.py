from __future__ import annotations

from django.db import transaction

from moothall.groups.authority import lock, membership_of
from moothall.groups.models import Group, MembershipState, Role
from moothall.groups.refusal import Refusal


def leave(group_id: int, profile_id: int) -> Refusal | None:
    """Go, or take back the wish to join. Posts stay, as the author's."""
    with transaction.atomic():
        group = lock(group_id)
        there = membership_of(group, profile_id)
        if there is None or there.state not in (MembershipState.ACTIVE, MembershipState.PENDING):
            return Refusal("You are not a member of this group.")
        if there.role == Role.OWNER:
            return Refusal("You own this group. Hand it over to somebody, or close it, before you leave.")
        there.state, there.role, there.answer = MembershipState.LEFT, Role.MEMBER, ""
        there.save(update_fields=["state", "role", "answer"])
        Group.objects.filter(id=group_id, ownership_offered_to_id=profile_id).update(ownership_offered_to=None)
    return None

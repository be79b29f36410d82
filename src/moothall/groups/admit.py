"""Yes or no to somebody who asks to join."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from moothall.core.clock import now
from moothall.groups.authority import NOT_A_MANAGER, is_manager, lock
from moothall.groups.models import Membership, MembershipState
from moothall.groups.refusal import Refusal

ALREADY_DECIDED = Refusal("Somebody has decided this request already, or it was taken back.")


def approve(group_id: int, membership_id: int, *, by_id: int) -> Refusal | None:
    return _settle(group_id, membership_id, by_id, state=MembershipState.ACTIVE)


def refuse(group_id: int, membership_id: int, *, by_id: int) -> Refusal | None:
    """They are told so, and may ask again; a ban is another thing."""
    return _settle(group_id, membership_id, by_id, state=MembershipState.LEFT, refused_at=now())


def _settle(
    group_id: int, membership_id: int, by_id: int, *, state: MembershipState, refused_at: datetime | None = None
) -> Refusal | None:
    with transaction.atomic():
        if not is_manager(lock(group_id), by_id):
            return NOT_A_MANAGER
        waiting = Membership.objects.filter(id=membership_id, group_id=group_id, state=MembershipState.PENDING)
        return None if waiting.update(state=state, joined_at=now(), refused_at=refused_at) else ALREADY_DECIDED

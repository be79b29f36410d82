from __future__ import annotations

from django.db import transaction

from moothall.core.clock import now
from moothall.groups.authority import NOT_A_MANAGER, NOT_THE_OWNER, is_manager, is_owner, lock
from moothall.groups.invite import open_invitations
from moothall.groups.models import Group, Membership, MembershipState, Role
from moothall.groups.refusal import Refusal


def ban(group_id: int, membership_id: int, *, reason: str, by_id: int) -> Refusal | None:
    """Close the group to one person, who is told the reason, and with it the ways in that they opened to others.

    A moderator's ban is for the owner to decide.
    """
    if not reason.strip():
        return Refusal("Say why. The person reads it when they come back.", "reason")
    with transaction.atomic():
        group = lock(group_id)
        if not is_manager(group, by_id):
            return NOT_A_MANAGER
        there = Membership.objects.filter(id=membership_id, group=group).first()
        if there is None:
            return Refusal("There is no such person in this group.")
        if there.role == Role.OWNER or there.profile_id == by_id:
            return Refusal("The owner can’t be banned, and nobody bans themselves.")
        if there.role == Role.MODERATOR and not is_owner(group, by_id):
            return NOT_THE_OWNER
        there.state, there.role, there.banned_reason = MembershipState.BANNED, Role.MEMBER, reason.strip()
        there.save(update_fields=["state", "role", "banned_reason"])
        open_invitations(group_id).filter(invited_by=there.profile_id).update(withdrawn_at=now())
        Group.objects.filter(id=group_id, ownership_offered_to_id=there.profile_id).update(ownership_offered_to=None)
    return None


def lift(group_id: int, membership_id: int, *, by_id: int) -> Refusal | None:
    """Take a ban back. The person stands where one stands who has left: free to join as others do."""
    with transaction.atomic():
        if not is_manager(lock(group_id), by_id):
            return NOT_A_MANAGER
        banned = Membership.objects.filter(id=membership_id, group_id=group_id, state=MembershipState.BANNED)
        if not banned.update(state=MembershipState.LEFT, banned_reason=""):
            return Refusal("This person is not banned.")
    return None

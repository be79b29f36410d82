"""One change of a group's people at a time: the group's row is the lock, and rights are read under it."""

from __future__ import annotations

from moothall.groups.models import Group, Membership, Role
from moothall.groups.refusal import Refusal

NOT_A_MANAGER = Refusal("Only the managers of this group can do that.")
NOT_THE_OWNER = Refusal("Only the owner of this group can do that.")
NOT_HERE = Refusal("This person is known from an old list and has no account here. Invite them first.")


def lock(group_id: int) -> Group:
    """Hold the group until the transaction ends. NO KEY, so that posts may be written meanwhile."""
    return Group.objects.select_for_update(no_key=True).get(id=group_id)


def membership_of(group: Group, profile_id: int) -> Membership | None:
    return Membership.objects.filter(group=group, profile_id=profile_id).first()


def role_of(group: Group, profile_id: int) -> Role | None:
    """None for everybody who takes no part now."""
    if group.closed_at is not None:
        return None
    found = Membership.objects.active().filter(group=group, profile_id=profile_id).first()
    return Role(found.role) if found else None


def is_manager(group: Group, profile_id: int) -> bool:
    return role_of(group, profile_id) in (Role.OWNER, Role.MODERATOR)


def is_owner(group: Group, profile_id: int) -> bool:
    return role_of(group, profile_id) == Role.OWNER

"""A group changes hands: the owner offers it, the other accepts. Until then nothing has changed."""

from __future__ import annotations

from django.db import transaction

from moothall.groups.authority import NOT_HERE, NOT_THE_OWNER, is_owner, lock, role_of
from moothall.groups.models import Group, Membership, Role
from moothall.groups.refusal import Refusal
from moothall.members.models import Profile, ProfileState

NO_OFFER = Refusal("This group is not on offer to you. The offer may have been taken back.")


def offer(group_id: int, to_id: int, *, by_id: int) -> Refusal | None:
    """Offer it to one active member; a new offer takes the place of the last."""
    with transaction.atomic():
        group = lock(group_id)
        if not is_owner(group, by_id):
            return NOT_THE_OWNER
        if to_id == by_id or role_of(group, to_id) is None:
            return Refusal("Choose another active member of this group.", "to")
        if Profile.objects.filter(id=to_id, state=ProfileState.PLACEHOLDER).exists():
            return NOT_HERE
        _set_offer(group, to_id)
    return None


def withdraw_offer(group_id: int, *, by_id: int) -> Refusal | None:
    with transaction.atomic():
        group = lock(group_id)
        if not is_owner(group, by_id):
            return NOT_THE_OWNER
        _set_offer(group, None)
    return None


def accept_offer(group_id: int, *, by_id: int) -> Refusal | None:
    """The former owner stays as a moderator."""
    with transaction.atomic():
        group = lock(group_id)
        if group.ownership_offered_to_id != by_id or role_of(group, by_id) is None:
            return NO_OFFER
        Membership.objects.filter(group=group, role=Role.OWNER).update(role=Role.MODERATOR)
        Membership.objects.filter(group=group, profile_id=by_id).update(role=Role.OWNER)
        _set_offer(group, None)
    return None


def decline_offer(group_id: int, *, by_id: int) -> Refusal | None:
    with transaction.atomic():
        group = lock(group_id)
        if group.ownership_offered_to_id != by_id:
            return NO_OFFER
        _set_offer(group, None)
    return None


def _set_offer(group: Group, to_id: int | None) -> None:
    group.ownership_offered_to_id = to_id
    group.save(update_fields=["ownership_offered_to"])

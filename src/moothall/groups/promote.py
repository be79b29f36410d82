"""Who helps to keep the group."""

from __future__ import annotations

from django.db import transaction

from moothall.groups.authority import NOT_HERE, NOT_THE_OWNER, is_owner, lock
from moothall.groups.models import Membership, Role
from moothall.groups.refusal import Refusal
from moothall.members.models import ProfileState


def make_moderator(group_id: int, membership_id: int, *, by_id: int) -> Refusal | None:
    return _change_role(group_id, membership_id, (Role.MEMBER, Role.MODERATOR), by_id)


def make_member(group_id: int, membership_id: int, *, by_id: int) -> Refusal | None:
    return _change_role(group_id, membership_id, (Role.MODERATOR, Role.MEMBER), by_id)


def _change_role(group_id: int, membership_id: int, change: tuple[Role, Role], by_id: int) -> Refusal | None:
    before, after = change
    with transaction.atomic():
        if not is_owner(lock(group_id), by_id):
            return NOT_THE_OWNER
        fitting = Membership.objects.active().filter(id=membership_id, group_id=group_id, role=before)
        if after != Role.MEMBER and fitting.filter(profile__state=ProfileState.PLACEHOLDER).exists():
            return NOT_HERE
        if not fitting.update(role=after):
            return Refusal(f"This person is not a {before.label.lower()} now.")
    return None

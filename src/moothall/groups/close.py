from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from moothall.core.clock import now
from moothall.groups.authority import NOT_THE_OWNER, is_owner, lock
from moothall.groups.models import Group, Membership, Role
from moothall.groups.refusal import Refusal
from moothall.members.models import Profile

RECOVERABLE_FOR = timedelta(days=30)


def close(group_id: int, *, typed_name: str, by_id: int) -> Refusal | None:
    """Nobody finds, reads or writes it any more. The owner, who types its name to be sure, has 30 days to reopen it."""
    with transaction.atomic():
        group = lock(group_id)
        if not is_owner(group, by_id):
            return NOT_THE_OWNER
        if typed_name.strip().casefold() != group.name.strip().casefold():
            return Refusal(f"Type the group’s name, ‘{group.name}’, to close it.", "typed_name")
        group.closed_at = now()
        group.ownership_offered_to = None
        group.save(update_fields=["closed_at", "ownership_offered_to"])
    return None


def reopen(group_id: int, *, by_id: int) -> Refusal | None:
    with transaction.atomic():
        group = lock(group_id)
        if not Membership.objects.filter(group=group, profile_id=by_id, role=Role.OWNER).exists():
            return NOT_THE_OWNER
        group.closed_at = None
        group.save(update_fields=["closed_at"])
    return None


def closed_by(owner: Profile) -> list[Group]:
    """Groups that this person can still open again, the last one closed first."""
    mine = Group.objects.exclude(closed_at=None).filter(memberships__profile=owner, memberships__role=Role.OWNER)
    return list(mine.order_by("-closed_at"))


def removed_at(group: Group) -> datetime | None:
    """When a closed group goes for good."""
    return group.closed_at + RECOVERABLE_FOR if group.closed_at else None


def remove_long_closed() -> int:
    """Remove, with all that is in them, the groups whose 30 days are over; return how many."""
    return sum(_remove(group_id) for group_id in list(_long_closed().values_list("id", flat=True)))


def _long_closed() -> QuerySet[Group]:
    return Group.objects.filter(closed_at__lt=now() - RECOVERABLE_FOR)


@transaction.atomic
def _remove(group_id: int) -> bool:
    """Asked once more under its lock: removing the ones before may take long, and the owner may open it meanwhile."""
    group = _long_closed().select_for_update().filter(id=group_id).first()
    if group is None:
        return False
    group.delete()
    return True

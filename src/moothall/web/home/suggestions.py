"""Groups that somebody may find and is not in."""

from __future__ import annotations

from django.db.models import F

from moothall.groups.models import Group, Membership, MembershipState, Visibility
from moothall.members.models import Profile

SHOWN = 4


def groups_to_find(viewer: Profile | None) -> list[Group]:
    """The largest, with `members`."""
    known = Membership.objects.filter(profile=viewer).exclude(state=MembershipState.LEFT).values("group")
    groups = Group.objects.findable_by(viewer).exclude(visibility=Visibility.PRIVATE).exclude(id__in=known)
    return list(groups.with_members_counted().order_by(F("members").desc(), "name")[:SHOWN])

"""Who the rows of a batch are for: memberships as they stand now."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from moothall.core.clock import now
from moothall.groups.models import Membership, MembershipState
from moothall.mailer.mail import Dropped
from moothall.notifications.quiet import is_paused

Members = Mapping[tuple[int, int], Membership]


def members(profile_ids: Collection[int], group_ids: Collection[int]) -> Members:
    """Active ones, by profile and group, with group, profile and user."""
    found = Membership.objects.filter(
        profile__in=profile_ids,
        group__in=group_ids,
        state=MembershipState.ACTIVE,
        profile__user__is_active=True,
        group__closed_at=None,
    ).select_related("group", "profile__user")
    return {(membership.profile_id, membership.group_id): membership for membership in found}


def refusal(membership: Membership | None) -> Dropped | None:
    """Why this member gets no mail of the group just now."""
    if membership is None:
        return Dropped("No longer a member.")
    user = membership.profile.user
    if user is not None and is_paused(user, now()):
        return Dropped("All mail is paused.")
    return None


def address_of(membership: Membership) -> str:
    user = membership.profile.user
    return user.email if user is not None else ""

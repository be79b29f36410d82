"""Who the rows of a batch are for: memberships as they stand now."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from moothall.core.clock import now
from moothall.groups.models import Group, Membership, MembershipState
from moothall.mailer.mail import Dropped
from moothall.notifications.quiet import is_paused

Members = Mapping[tuple[int, int], Membership]
# Thousands are read for one post, and each further field costs.
_CHOICES = ("role", "state", "mail_chosen_at", "mail_discussions", "mail_promotions", "mail_jobs", "mail_keeping")
_WHERE_AND_WHEN = ("email", "time_zone", "mail_paused_until")


def members(profile_ids: Collection[int], group_ids: Collection[int]) -> Members:
    """Active ones, by profile and group, with the group, their choices, and where and when their user is mailed."""
    groups = Group.objects.filter(id__in=group_ids, closed_at=None).in_bulk()
    found = Membership.objects.filter(
        profile__in=profile_ids, group__in=groups, state=MembershipState.ACTIVE, profile__user__is_active=True
    )
    fields = ("group", "profile", *_CHOICES, *(f"profile__user__{each}" for each in _WHERE_AND_WHEN))
    there: dict[tuple[int, int], Membership] = {}
    for membership in found.select_related("profile__user").only(*fields):
        membership.group = groups[membership.group_id]
        there[membership.profile_id, membership.group_id] = membership
    return there


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

"""Who the rows of a batch are for: memberships as they stand now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from moothall.core.clock import now
from moothall.groups.models import Group, MailChoice, Membership, Role
from moothall.mailer.mail import Dropped
from moothall.notifications.quiet import is_paused


@dataclass(frozen=True, slots=True)
class Addressee:
    """An active member, as far as their mail is about it: thousands are read for one post, and whole rows of three
    tables would cost more than their mails."""

    profile_id: int
    group: Group
    role: str
    mail_chosen_at: datetime | None
    mail_discussions: str
    mail_promotions: str
    mail_jobs: str
    mail_keeping: str
    address: str
    time_zone: str
    paused_until: date | None

    def mail_of(self, lane: str) -> MailChoice:
        """What the member chose for the lane of that name, or for `keeping`, the managers' mail."""
        return MailChoice(getattr(self, f"mail_{lane}"))

    @property
    def is_manager(self) -> bool:
        return self.role != Role.MEMBER


Addressees = Mapping[tuple[int, int], Addressee]
_READ = (
    "profile_id", "group_id", "role", "mail_chosen_at", "mail_discussions", "mail_promotions", "mail_jobs",
    "mail_keeping", "profile__user__email", "profile__user__time_zone", "profile__user__mail_paused_until",
)  # fmt: skip


def addressees(profile_ids: Collection[int], group_ids: Collection[int]) -> Addressees:
    """By profile and group. Whoever asked for their account to be deleted is written to no more."""
    groups = Group.objects.filter(id__in=group_ids, closed_at=None).in_bulk()
    members = Membership.objects.active().filter(profile__user__is_active=True, profile__user__deletion=None)
    found = members.filter(profile__in=profile_ids, group__in=groups)
    return {
        (profile_id, group_id): Addressee(profile_id, groups[group_id], *rest)
        for profile_id, group_id, *rest in found.values_list(*_READ)
    }


def refusal(addressee: Addressee | None) -> Dropped | None:
    """Why this member gets no mail of the group just now."""
    if addressee is None:
        return Dropped("No longer a member.")
    if is_paused(addressee.paused_until, addressee.time_zone, now()):
        return Dropped("All mail is paused.")
    return None

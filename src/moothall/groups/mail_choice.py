"""What a member wants to be mailed of a group."""

from __future__ import annotations

from moothall.core.clock import now
from moothall.groups.models import MailChoice, Membership, MembershipState

LANES = ("discussions", "promotions", "jobs")


def choose_mail(group_id: int, profile_id: int, lane: str, choice: MailChoice) -> bool:
    """False when this person is no member of the group."""
    if lane not in LANES:
        raise ValueError(f"{lane} is no lane")
    mine = Membership.objects.filter(group=group_id, profile=profile_id, state=MembershipState.ACTIVE)
    return mine.update(**{f"mail_{lane}": choice}, mail_chosen_at=now()) == 1

"""What a member wants to be mailed of a group."""

from __future__ import annotations

from moothall.core.clock import now
from moothall.groups.models import MailChoice, Membership

LANES = ("discussions", "promotions", "jobs")
# What waits for a manager, and how the group's week was.
KEEPING = "keeping"
KINDS = (*LANES, KEEPING)
# Of all groups: what is mailed at a pace, or all of it.
EVERYTHING = "everything"
EVERYWHERE = (EVERYTHING, MailChoice.DAILY.value, MailChoice.WEEKLY.value)
CHOICES = {
    KEEPING: (MailChoice.DAILY, MailChoice.WEEKLY, MailChoice.NONE),
    **dict.fromkeys(LANES, tuple(MailChoice)),
}


def choose_mail(group_id: int, profile_id: int, kind: str, choice: MailChoice) -> bool:
    """`kind` is a lane or `keeping`. False when this person is no member of the group."""
    if choice not in CHOICES.get(kind, ()):
        raise ValueError(f"{kind} has no {choice}")
    mine = Membership.objects.active().filter(group=group_id, profile=profile_id)
    chosen_at = {"mail_chosen_at": now()} if kind in LANES else {}
    return mine.update(**{f"mail_{kind}": choice}, **chosen_at) == 1


def choose_keeping_time(group_id: int, profile_id: int, hour: int, weekday: int) -> bool:
    """When the managers' mail comes; the weekday is that of the week's figures. False for those who keep nothing."""
    mine = Membership.objects.managers().filter(group=group_id, profile=profile_id)
    return mine.update(mail_keeping_hour=hour, mail_keeping_weekday=weekday) == 1


def stop_everywhere(profile_id: int, what: str) -> None:
    """In all groups: every lane that is mailed at this pace, or everything."""
    if what not in EVERYWHERE:
        raise ValueError(f"{what} is no pace")
    mine = Membership.objects.active().filter(profile=profile_id)
    for kind in KINDS if what == EVERYTHING else LANES:
        at_pace = mine if what == EVERYTHING else mine.filter(**{f"mail_{kind}": what})
        at_pace.exclude(**{f"mail_{kind}": MailChoice.NONE}).update(
            **{f"mail_{kind}": MailChoice.NONE}, mail_chosen_at=now()
        )

"""What a member wants to be mailed of a group."""

from __future__ import annotations

from django.db.models import QuerySet

from moothall.core.clock import now
from moothall.groups.models import MailChoice, Membership

LANES = ("discussions", "promotions", "jobs")
# What waits for a manager, and how the group's week was.
KEEPING = "keeping"
KINDS = (*LANES, KEEPING)
# What digests have.
PACES = (MailChoice.DAILY.value, MailChoice.WEEKLY.value)
# Of all groups: what is mailed at a pace, or all of it.
EVERYTHING = "everything"
EVERYWHERE = (EVERYTHING, *PACES)
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
    if what != EVERYTHING:
        _stop_pace(mine, MailChoice(what))
        return
    for kind in KINDS:
        _stop(mine, kind)


def stop_pace(group_id: int, profile_id: int, pace: MailChoice) -> None:
    """Every lane of this group that is mailed at this pace: one mail tells of them all."""
    _stop_pace(Membership.objects.active().filter(group=group_id, profile=profile_id), pace)


def _stop_pace(mine: QuerySet[Membership], pace: MailChoice) -> None:
    for lane in LANES:
        _stop(mine.filter(**{f"mail_{lane}": pace}), lane)


def _stop(mine: QuerySet[Membership], kind: str) -> None:
    mailed = mine.exclude(**{f"mail_{kind}": MailChoice.NONE})
    mailed.update(**{f"mail_{kind}": MailChoice.NONE}, mail_chosen_at=now())

"""The mail to somebody who asked to join: that they were let in and what comes now, or that they were not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.discussions.models import Lane
from moothall.groups.models import Group, Joining, Membership, MembershipState, Visibility
from moothall.mailer.addresses import owner_address
from moothall.mailer.mail import Dropped, Mail
from moothall.mailer.models import OutboundMessage
from moothall.notifications.letterhead import Written, absolute, from_site, group_url, write
from moothall.notifications.quiet import is_paused


@dataclass(frozen=True, slots=True)
class LaneMail:
    name: str
    choice: str


def thing_of(answered: Membership) -> str:
    """One for each answer, as whoever was not let in may ask again."""
    return f"answer:{answered.id}:{answered.joined_at:%Y%m%d%H%M%S%f}"


def prepare_answers(rows: Sequence[OutboundMessage]) -> dict[int, Mail | Dropped]:
    """Only the answer that holds now is sent: not to whoever left, was banned, or has asked or come in since."""
    let_in = Q(state=MembershipState.ACTIVE)
    refused = Q(state=MembershipState.LEFT, refused_at__isnull=False)
    people = Membership.objects.filter(profile__user__is_active=True, profile__user__deletion=None)
    there = people.filter(
        let_in | refused, id__in={_membership_id(row) for row in rows}, group__closed_at=None
    ).select_related("group", "profile__user")
    standing = {(each.profile_id, thing_of(each)): each for each in there}
    return {row.id: _prepared(row, standing.get((row.profile_id, row.thing))) for row in rows}


def _membership_id(row: OutboundMessage) -> int:
    return int(row.thing.split(":")[1])


def _prepared(row: OutboundMessage, answered: Membership | None) -> Mail | Dropped:
    if answered is None or answered.profile.user is None:
        return Dropped("The answer no longer holds.")
    user = answered.profile.user
    if is_paused(user.mail_paused_until, user.time_zone, now()):
        return Dropped("All mail is paused.")
    if answered.state == MembershipState.ACTIVE:
        return _mail(row, answered.group, user, f"{answered.group.name} let you in", _let_in(answered))
    return _mail(row, answered.group, user, f"{answered.group.name} did not let you in", _refused(answered.group))


def _mail(row: OutboundMessage, group: Group, user: User, subject: str, written: Written) -> Mail:
    """From the site, without the fields of a list: whoever was not let in is on none."""
    mail = from_site(row, written.for_one(), address=user.email, subject=subject, by=group.name)
    return replace(mail, reply_to=owner_address(group.slug))


def _let_in(answered: Membership) -> Written:
    values = {
        "group": answered.group,
        "site_name": settings.SITE_NAME,
        "url": group_url(answered.group),
        "lanes": [LaneMail(lane.label, answered.mail_of(lane.value).label.lower()) for lane in Lane],
        "settings_url": absolute(reverse("account_mail")),
    }
    return write("let_in", values)


def _refused(group: Group) -> Written:
    """How one comes in is said as it is now; of a private group strangers find no page."""
    is_found = group.visibility != Visibility.PRIVATE and group.joining != Joining.INVITATION
    values = {
        "group": group,
        "site_name": settings.SITE_NAME,
        "url": absolute(reverse("group_join", args=[group.slug])) if is_found else "",
    }
    return write("not_let_in", values)

"""Mail to a group's managers is passed on to each of them."""

from __future__ import annotations

from datetime import timedelta

from moothall.core.clock import now
from moothall.groups.models import Group, Membership, MembershipState, Role
from moothall.inbound.authentication import AuthenticationVerdict
from moothall.inbound.models import InboundMessage, MailState
from moothall.inbound.notices import send_answer
from moothall.inbound.result import Result
from moothall.inbound.understand import Understood
from moothall.mailer.addresses import RecipientKind, owner_address

MOST_A_DAY = 50
_LONGEST_TEXT = 64 * 1024
_UNPROVED = "The mail server could not confirm that this sender is who they say.\n\n"


def forward_to_managers(group: Group, mail: Understood) -> Result:
    if _forwarded_today(group) >= MOST_A_DAY:
        return Result(MailState.REFUSED, f"{MOST_A_DAY} mails went to the managers within a day.")
    unproved = _UNPROVED if mail.authentication.verdict is AuthenticationVerdict.FAIL else ""
    who = f"{mail.from_name} <{mail.from_address}>" if mail.from_name else f"{mail.from_address}"
    text = (
        f"{who} wrote to the managers of “{group.name}” at {owner_address(group.slug)}. "
        "Your answer goes to them alone. You get this because you keep the group.\n\n"
        f"{unproved}{mail.full_text[:_LONGEST_TEXT]}"
    )
    for address in _managers(group):
        send_answer.defer(
            address=address,
            subject=f"To the managers of {group.name}: {mail.subject[:150]}",
            text=text,
            answered="",
            reply_to=mail.from_address or "",
        )
    return Result(MailState.DONE)


def _forwarded_today(group: Group) -> int:
    since = now() - timedelta(days=1)
    return InboundMessage.objects.filter(
        group=group, purpose=RecipientKind.OWNER, state=MailState.DONE, received_at__gte=since
    ).count()


def _managers(group: Group) -> list[str]:
    there = Membership.objects.filter(group=group, state=MembershipState.ACTIVE).exclude(role=Role.MEMBER)
    return list(there.filter(profile__user__is_active=True).values_list("profile__user__email", flat=True))

"""Mail to a group's managers is passed on to each of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import QuerySet

from moothall.core.clock import now
from moothall.groups.access import access
from moothall.groups.models import Group
from moothall.inbound.authentication import AuthenticationVerdict
from moothall.inbound.models import InboundMessage, MailState
from moothall.inbound.notices import send_answer
from moothall.inbound.posts import author_of
from moothall.inbound.result import Forward, Result, not_posted
from moothall.inbound.understand import Understood
from moothall.mailer.addresses import RecipientKind, owner_address

MOST_A_DAY = 50
# From one address, to the managers of all groups together: by whether it is that of a member who writes to their own.
MOST_FROM_ONE_A_DAY = {False: 5, True: 15}
_LONGEST_TEXT = 64 * 1024
_UNPROVED = "The mail server could not confirm that this sender is who they say.\n\n"


def forward_to_managers(group: Group, mail: Understood) -> Result:
    most = MOST_FROM_ONE_A_DAY[_is_from_member(group, mail)]
    if _forwarded_today().filter(from_address=mail.from_address).count() >= most:
        return not_posted(
            f"{most} mails from your address went to the managers of groups here within 24 hours, which is as many as "
            "fit, so this one was not passed on. Send it again tomorrow."
        )
    if _forwarded_today().filter(group=group).count() >= MOST_A_DAY:
        return Result(MailState.REFUSED, f"{MOST_A_DAY} mails went to the managers within a day.")
    return Result(MailState.DONE, forwards=tuple(_forwards(group, mail)))


def pass_on(forwards: Iterable[Forward]) -> None:
    """Call inside the transaction that settles the mail."""
    for each in forwards:
        send_answer.defer(
            address=each.address, subject=each.subject, text=each.text, answered="", reply_to=each.reply_to
        )


def _is_from_member(group: Group, mail: Understood) -> bool:
    if mail.authentication.verdict is AuthenticationVerdict.FAIL:
        return False
    author = author_of(mail)
    return author is not None and access(group, author).may_post


def _forwarded_today() -> QuerySet[InboundMessage]:
    since = now() - timedelta(days=1)
    return InboundMessage.objects.filter(purpose=RecipientKind.OWNER, state=MailState.DONE, received_at__gte=since)


def _forwards(group: Group, mail: Understood) -> list[Forward]:
    unproved = _UNPROVED if mail.authentication.verdict is AuthenticationVerdict.FAIL else ""
    who = f"{mail.from_name} <{mail.from_address}>" if mail.from_name else f"{mail.from_address}"
    text = (
        f"{who} wrote to the managers of “{group.name}” at {owner_address(group.slug)}. "
        "Your answer goes to them alone. You get this because you keep the group.\n\n"
        f"{unproved}{mail.full_text[:_LONGEST_TEXT]}"
    )
    subject = f"To the managers of {group.name}: {mail.subject[:150]}"
    return [Forward(address, subject, text, mail.from_address or "") for address in _managers(group)]


def _managers(group: Group) -> list[str]:
    there = group.memberships.managers().filter(profile__user__is_active=True)
    return list(there.values_list("profile__user__email", flat=True))

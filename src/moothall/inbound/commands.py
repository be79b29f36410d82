"""Mails that ask for something: no more mail of this group."""

from __future__ import annotations

from datetime import timedelta

from moothall.core.clock import now
from moothall.groups.mail_choice import KINDS, choose_mail
from moothall.groups.models import Group, MailChoice, Membership
from moothall.inbound.authentication import AuthenticationVerdict
from moothall.inbound.models import InboundMessage, MailState
from moothall.inbound.posts import author_of
from moothall.inbound.result import Question, Result, refused
from moothall.inbound.understand import Understood
from moothall.mailer.addresses import Recipient, RecipientKind, confirm_address

STOPPED = "You get no more mail of “{group}”. You are still a member; on the group's page you can choose mail again."

# A stranger who writes in a member's name can't fill their inbox: it is asked once a day for each of their groups.
ASKED = "Its sender was asked first."


def unsubscribe(group: Group, mail: Understood, recipient: Recipient) -> Result:
    """With its token the address proves who asks; otherwise whoever has the sender's address is asked."""
    if recipient.kind is RecipientKind.UNSUBSCRIBE and recipient.profile_id:
        return _stop(group, recipient.profile_id)
    author = author_of(mail)
    if author is None or not _is_member(group, author.id):
        return refused(
            "You asked for no more mail of a group, but none of its mail goes to the address you wrote from."
        )
    if mail.authentication.verdict is AuthenticationVerdict.FAIL:
        return Result(MailState.DONE, "Somebody else may have asked.")
    return _asked_first(group, mail, author.id)


def confirm(group: Group, recipient: Recipient) -> Result:
    if recipient.is_expired:
        return refused("This question was too old to be answered. Ask again, and answer within seven days.")
    return _stop(group, recipient.profile_id)


def _stop(group: Group, profile_id: int) -> Result:
    stopped = [choose_mail(group.id, profile_id, lane, MailChoice.NONE) for lane in KINDS]
    if not any(stopped):
        return Result(MailState.DONE, "No member any more.")
    return Result(MailState.DONE, notice=STOPPED.format(group=group.name))


def _asked_first(group: Group, mail: Understood, profile_id: int) -> Result:
    address = mail.from_address or ""
    at = now()
    asked = InboundMessage.objects.filter(group=group, from_address=address, reason=ASKED)
    if asked.filter(received_at__gt=at - timedelta(days=1)).exists():
        return Result(MailState.DONE, "Its sender was asked already.")
    question = Question(
        address=address,
        subject=f"No more mail of {group.name}?",
        text=(
            f"Somebody, probably you, asked for no more mail of “{group.name}” to this address.\n\n"
            "Answer this mail, and it ends; what you write does not matter. If you did not ask, do nothing.\n"
        ),
        reply_to=confirm_address(group.slug, profile_id, at),
    )
    return Result(MailState.DONE, ASKED, question=question)


def _is_member(group: Group, profile_id: int) -> bool:
    return Membership.objects.active().filter(group=group, profile=profile_id).exists()

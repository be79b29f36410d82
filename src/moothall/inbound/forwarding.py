"""Mail to a group's managers is passed on to each of them; what a stranger offers bears a mark, so that it may wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat

from moothall.core.clock import now
from moothall.core.mail_body import Attachment
from moothall.core.seen import seen
from moothall.core.text import clean
from moothall.groups.access import access
from moothall.groups.models import Group
from moothall.inbound.attachments import attached_by_hand
from moothall.inbound.authentication import AuthenticationVerdict
from moothall.inbound.models import InboundMessage, MailState
from moothall.inbound.notices import send_answer
from moothall.inbound.posts import author_of
from moothall.inbound.result import Forward, Result, not_posted
from moothall.inbound.understand import Understood
from moothall.judging.judge import assess, candidate
from moothall.judging.memory import memories
from moothall.mailer.addresses import RecipientKind, owner_address
from moothall.mailer.bounces import stopped
from moothall.moderation.policy import Reading, hold_from, reading
from moothall.posting.attachment_names import shown_name
from moothall.rules.current import current_rules
from moothall_screening import AuthorRecord

MOST_A_DAY = 50
# From one address, to the managers of all groups together: by whether it is that of a member who writes to their own.
MOST_FROM_ONE_A_DAY = {False: 5, True: 15}
MOST_NAMED = 20  # of the attachments of one mail
_LONGEST_TEXT = 64 * 1024
_UNPROVED = "The mail server could not confirm that this sender is who they say.\n\n"
_OFFER_MARK = "(reads as an offer) "
_OFFER = "It reads as an offer to us:"
_NOT_PASSED_ON = "Attached to it, and not passed on, since managers are sent the words alone; ask for what you need:"


def forward_to_managers(group: Group, mail: Understood) -> Result:
    is_from_member = _is_from_member(group, mail)
    most = MOST_FROM_ONE_A_DAY[is_from_member]
    if _forwarded_today().filter(from_address=mail.from_address).count() >= most:
        return not_posted(
            f"{most} mails from your address went to the managers of groups here within 24 hours, which is as many as "
            "fit, so this one was not passed on. Send it again tomorrow."
        )
    if _forwarded_today().filter(group=group).count() >= MOST_A_DAY:
        return not_posted(
            f"{MOST_A_DAY} mails went to the managers of this group within 24 hours, which is as many as fit, so yours "
            "was not passed on. Send it again tomorrow."
        )
    managers = _managers(group)
    if not managers:
        return not_posted("None of the group's managers can be reached by mail now, so your mail was not passed on.")
    offer = None if is_from_member else _offer(group, mail)
    return Result(MailState.DONE, forwards=tuple(_forwards(group, managers, mail, offer)))


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


def _offer(group: Group, mail: Understood) -> Reading | None:
    """How it reads where it would be held as an offer, were it a post.

    Whoever wants to sell in a group is told to ask its managers, so that it is passed on all the same.
    """
    asked = candidate(
        group=group,
        rules=[rule.text for rule in current_rules(group)],
        subject=mail.subject,
        text=seen(clean(mail.full_text[:_LONGEST_TEXT]), ()),
        parent=None,
        author=AuthorRecord(),
    )
    read = reading(assess([asked], memories([group.id]).get(group.id))[0])
    return read if read.promotion >= hold_from(group.policy_preset) else None


def _forwards(group: Group, managers: Iterable[str], mail: Understood, offer: Reading | None) -> list[Forward]:
    who = f"{mail.from_name} <{mail.from_address}>" if mail.from_name else f"{mail.from_address}"
    unproved = _UNPROVED if mail.authentication.verdict is AuthenticationVerdict.FAIL else ""
    told = "\n- ".join([_OFFER, *offer.reasons]) + "\n\n" if offer else ""
    text = (
        f"{who} wrote to the managers of “{group.name}” at {owner_address(group.slug)}. "
        "Your answer goes to them alone. You get this because you keep the group.\n\n"
        f"{unproved}{told}{_about_attachments(attached_by_hand(mail.attachments))}{mail.full_text[:_LONGEST_TEXT]}"
    )
    subject = f"To the managers of {group.name}: {_OFFER_MARK if offer else ''}{mail.subject[:150]}"
    return [Forward(address, subject, text, mail.from_address or "") for address in managers]


def _about_attachments(attached: Sequence[Attachment]) -> str:
    if not attached:
        return ""
    named = [_named(attachment) for attachment in attached[:MOST_NAMED]]
    others = [f"and {len(attached) - MOST_NAMED} more"] if len(attached) > MOST_NAMED else []
    return "\n- ".join([_NOT_PASSED_ON, *named, *others]) + "\n\n"


def _named(attachment: Attachment) -> str:
    return f"{shown_name(attachment.name) or 'without a name'} ({filesizeformat(attachment.size_bytes)})"


def _managers(group: Group) -> list[str]:
    there = group.memberships.managers().filter(profile__user__is_active=True, profile__user__deletion=None)
    addresses = list(there.values_list("profile__user__email", flat=True))
    came_back = stopped(addresses)
    return [address for address in addresses if address.lower() not in came_back]

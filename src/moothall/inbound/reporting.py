"""Bounces and complaints are handed to the mailer, where they name a mail of ours."""

from __future__ import annotations

from datetime import datetime

from moothall.inbound.models import MailState
from moothall.inbound.result import Result
from moothall.inbound.understand import MailKind, Understood
from moothall.mailer.addresses import Recipient, RecipientKind, read_recipient
from moothall.mailer.bounces import record
from moothall.mailer.models import OutboundMessage


def take_report(mail: Understood, at: datetime) -> Result:
    """Anybody can write a report about anybody: only one that bears the secret of a mail of ours counts.

    Whoever deleted their account may have kept such a mail, and nothing says any more to whom it went.
    """
    ours = _our_mail(mail)
    if ours is None or not OutboundMessage.objects.filter(id=ours.outbound_id).exists():
        return Result(MailState.IGNORED, "It names no mail of ours.")
    if mail.kind is MailKind.COMPLAINT:
        addresses = mail.complaint.addresses if mail.complaint else ()
        record(ours.outbound_id, next(iter(addresses), ""), "complaint", at)
    else:
        hardest = sorted(mail.failures, key=lambda failure: not failure.is_hard)[0]
        record(ours.outbound_id, hardest.address, "hard" if hardest.is_hard else "soft", at)
    return Result(MailState.DONE)


def _our_mail(mail: Understood) -> Recipient | None:
    sent_by = read_recipient(mail.complaint.sent_by) if mail.complaint else None
    for recipient in (mail.recipient, sent_by):
        if recipient is not None and recipient.kind is RecipientKind.BOUNCE:
            return recipient
    return None

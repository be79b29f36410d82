"""Reading a stored mail and doing what it asks for. May be repeated at any point: nothing is done twice."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from moothall.inbound.commands import confirm, unsubscribe
from moothall.inbound.forwarding import forward_to_managers, pass_on
from moothall.inbound.models import InboundMessage, MailState
from moothall.inbound.notices import ask, tell
from moothall.inbound.posts import post
from moothall.inbound.reporting import take_report
from moothall.inbound.result import Result, not_posted
from moothall.inbound.understand import Envelope, MailKind, Understood, understand
from moothall.mailer.addresses import RecipientKind

_LONGEST_ERROR = 2000
_BY_MACHINES = (MailKind.LOOP, MailKind.AUTO_REPLY)
_REPORTS = (MailKind.BOUNCE, MailKind.COMPLAINT)


def process(inbound_id: int) -> None:
    row = InboundMessage.objects.select_related("group").filter(id=inbound_id, state=MailState.WAITING).first()
    if row is None:
        return
    try:
        envelope = Envelope(row.sender, (row.recipient,))
        mail = understand(bytes(row.raw), envelope, authentication_host=settings.AUTHENTICATION_HOST)
        result = _handle(row, mail)
    except Exception as error:
        InboundMessage.objects.filter(id=inbound_id).update(error=repr(error).replace("\x00", "")[:_LONGEST_ERROR])
        raise
    _keep(row, mail, result)


def _handle(row: InboundMessage, mail: Understood) -> Result:
    if mail.kind in _BY_MACHINES:
        return Result(MailState.IGNORED)
    if mail.kind in _REPORTS:
        return take_report(mail, row.received_at)
    # Also where the key was changed since, so that the address is none of ours any more.
    if row.group is None or mail.recipient is None:
        return Result(MailState.REFUSED, "It is for nobody here.")
    if mail.kind is MailKind.REFUSED:
        return not_posted(mail.reason)
    if mail.recipient.kind is RecipientKind.OWNER:
        return forward_to_managers(row.group, mail)
    if mail.recipient.kind is RecipientKind.CONFIRM:
        return confirm(row.group, mail.recipient)
    if mail.kind is MailKind.COMMAND:
        return unsubscribe(row.group, mail, mail.recipient)
    return post(row.group, mail, mail.recipient, row.message_id, bytes(row.raw))


@transaction.atomic
def _keep(row: InboundMessage, mail: Understood, result: Result) -> None:
    changed = InboundMessage.objects.filter(id=row.id, state=MailState.WAITING).update(
        state=result.state,
        kind=mail.kind.value,
        from_address=mail.from_address or "",
        reason=result.reason,
        post=result.post_id,
        error="",
    )
    if not changed:
        return
    pass_on(result.forwards)
    if result.question is not None:
        ask(mail, result.question)
    if result.notice:
        tell(mail, result.notice, row.received_at)

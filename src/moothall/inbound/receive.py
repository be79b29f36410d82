"""Taking a mail in: who may be written to, and the raw bytes stored before anything is made of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import transaction

from moothall.core.mail_headers import raw_text, split_headers
from moothall.groups.models import Group
from moothall.inbound.models import InboundMessage
from moothall.inbound.queueing import read_soon
from moothall.mailer.addresses import Recipient, RecipientKind, read_recipient

LARGEST_MAIL_BYTES = 30 * 1024 * 1024
_LONGEST_ID = 200
_WITHOUT_GROUP = (RecipientKind.BOUNCE, RecipientKind.COMPLAINT)


def is_known(address: str) -> bool:
    """Whether a mail to this address is for anybody here."""
    recipient = read_recipient(address)
    return recipient is not None and (recipient.kind in _WITHOUT_GROUP or _group(recipient) is not None)


@transaction.atomic
def receive(raw: bytes, sender: str, recipients: Sequence[str]) -> None:
    """Stores one row for each recipient and defers its reading. The same mail a second time changes nothing.

    Recipients that are not known are passed over: whoever calls has refused them.
    """
    for address in dict.fromkeys(recipients):
        recipient = read_recipient(address)
        if recipient is None:
            continue
        group = None if recipient.kind in _WITHOUT_GROUP else _group(recipient)
        if group is not None or recipient.kind in _WITHOUT_GROUP:
            _store(raw, sender, address, recipient, group)


def _store(raw: bytes, sender: str, address: str, recipient: Recipient, group: Group | None) -> None:
    row, is_new = InboundMessage.objects.get_or_create(
        group=group,
        purpose=recipient.kind.value,
        message_id=message_key(raw),
        defaults={"recipient": _storable(address), "sender": _storable(sender), "raw": raw},
    )
    if is_new:
        read_soon(row.id, row.group_id)


def message_key(raw: bytes) -> str:
    """The Message-ID as far as it is usable for telling mails apart, else a digest of the whole."""
    normal = raw.replace(b"\r\n", b"\n")
    value = split_headers(normal)[0].first("message-id")
    written = "".join(raw_text(value).split()).strip("<>").replace("\x00", "") if value else ""
    if 0 < len(written) <= _LONGEST_ID and written.isprintable():
        return written
    return f"{hashlib.sha256(normal).hexdigest()}@missing.invalid"


def _group(recipient: Recipient) -> Group | None:
    open_groups = Group.objects.filter(closed_at=None)
    if recipient.kind is RecipientKind.REPLY:
        return open_groups.filter(posts=recipient.post_id).first()
    return open_groups.filter(slug=recipient.slug).first()


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "")[:320]

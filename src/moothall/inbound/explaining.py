"""What was understood of a mail, as JSON has it."""

from __future__ import annotations

from moothall.inbound.understand import Understood
from moothall.mailer.addresses import Recipient

Json = dict[str, object]


def as_json(mail: Understood) -> Json:
    return {
        "kind": mail.kind.value,
        "reason": mail.reason,
        "from": mail.from_address,
        "from_name": mail.from_name,
        "to": list(mail.to),
        "recipient": _recipient(mail.recipient),
        "subject": mail.subject,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "text": mail.text,
        "trimmed": {
            "quotes": mail.trimmed.quotes,
            "signature": mail.trimmed.signature,
            "forward": mail.trimmed.forward,
        },
        "attachments": [
            {"name": a.name, "content_type": a.content_type, "size_bytes": a.size_bytes} for a in mail.attachments
        ],
        "bounced": [{"address": f.address, "kind": "hard" if f.is_hard else "soft"} for f in mail.failures],
        "complained": list(mail.complaint.addresses) if mail.complaint else [],
        "authentication": {"verdict": mail.authentication.verdict.value, "hosts": list(mail.authentication.hosts)},
    }


def _recipient(found: Recipient | None) -> Json | None:
    """Null where no address of this site was written to."""
    if found is None:
        return None
    return {"kind": found.kind.value, "group": found.slug, "lane": found.lane, "is_expired": found.is_expired}

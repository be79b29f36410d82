"""A mail's headers and its two parts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import formataddr
from functools import lru_cache

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

from moothall.mailer.addresses import bounce_address, mail_domain
from moothall.mailer.mail import Head, ListHead, Mail
from moothall.mailer.signing import dkim_key, signature
from moothall.mailer.wire import as_bytes, field

# The first say which thread it is, the last what is answered; the middle may go (RFC 5322 section 3.6.4).
FIRST_REFERENCES, LAST_REFERENCES = 2, 8
LONGEST_LINE = 200
_PLAIN_ADDRESS = re.compile(r"[\w.+=~/!#$%&'*?^`{|}-]+@[a-z0-9.-]+", re.ASCII | re.IGNORECASE)
_HEADS_KEPT = 256


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail as a mail server takes it, with its envelope."""

    sender: str
    recipient: str
    raw: bytes


class ProvidersMessage(EmailMultiAlternatives):
    """Django's message, for whatever else delivers mail; its bytes are those that a mail server would get."""

    raw = b""

    def message(self) -> Message:  # type: ignore[override]  # stubs name a narrower type
        return message_from_bytes(self.raw)


def compose(mail: Mail, outbound_id: int) -> Composed:
    """The envelope's sender names this one mail (VERP), so that whatever comes back is known.

    A signature by the site's domain (RFC 6376) is put on top where a key is set. Raises ValueError for an address or
    a header that no mail can carry.
    """
    fields = _shared_fields(mail.head)
    recipient = mailbox(mail.address)
    own = {"To": recipient, **_own_headers(mail)}
    raw = as_bytes([fields, *(field(name, value) for name, value in own.items())], mail.text, mail.html)
    key = dkim_key()
    return Composed(bounce_address(outbound_id), recipient, signature(raw, key) + raw if key else raw)


def for_provider(mail: Mail, composed: Composed) -> ProvidersMessage:
    own = _own_headers(mail)
    reply_to = own.pop("Reply-To", None)
    shared = _shared_headers(mail.head)
    message = ProvidersMessage(
        subject=shared.pop("Subject"),
        body=str(mail.text),
        from_email=composed.sender,
        to=[composed.recipient],
        reply_to=[reply_to] if reply_to else None,
        headers={**shared, **own},
        alternatives=[(str(mail.html), "text/html")],
    )
    message.raw = composed.raw
    return message


@lru_cache(maxsize=_HEADS_KEPT)
def _shared_fields(head: Head) -> str:
    return "\n".join(field(name, value) for name, value in _shared_headers(head).items())


def _shared_headers(head: Head) -> dict[str, str]:
    headers = {
        "From": formataddr((one_line(head.from_name), head.from_address)),
        "Subject": one_line(head.subject),
        # RFC 3834 section 5: nobody's out-of-office shall answer.
        "Auto-Submitted": "auto-generated",
        "Precedence": "list" if head.list_head else "bulk",
        "X-Auto-Response-Suppress": "All",
    }
    if head.references:
        kept = _shortened(head.references)
        headers["In-Reply-To"] = f"<{kept[-1]}>"
        headers["References"] = " ".join(f"<{one}>" for one in kept)
    if head.archived_at:
        headers["Archived-At"] = f"<{head.archived_at}>"  # RFC 5064
    return headers | (list_headers(head.list_head) if head.list_head else {})


def _own_headers(mail: Mail) -> dict[str, str]:
    headers = {"Message-ID": f"<{mail.message_id}>"}
    if mail.reply_to:
        headers["Reply-To"] = mail.reply_to
    if mail.stop_url:
        by_mail = f", <mailto:{mail.stop_address}>" if mail.stop_address else ""
        headers["List-Unsubscribe"] = f"<{mail.stop_url}>{by_mail}"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    return headers


def mailbox(address: str) -> str:
    """As an envelope can carry it: a domain in other letters is written in ASCII (RFC 5891)."""
    return address if _PLAIN_ADDRESS.fullmatch(address) else sanitize_address(address, "utf-8")


def list_headers(head: ListHead) -> dict[str, str]:
    return {
        "List-Id": f"{_phrase(head.name)} <{head.slug}.{mail_domain()}>",
        "List-Post": f"<mailto:{head.post}>",
        "List-Owner": f"<mailto:{head.owner}>",
        "List-Archive": f"<{head.archive_url}>",
        "List-Help": f"<{head.help_url}>",
    }


def one_line(text: str) -> str:
    """Without line breaks, controls and marks that turn the direction of what follows."""
    seen = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(seen.split())[:LONGEST_LINE]


def _phrase(name: str) -> str:
    """A quoted string (RFC 5322 section 3.2.4), or nothing where it would not be ASCII (RFC 2919 section 3)."""
    line = one_line(name)
    escaped = line.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if line.isascii() else ""


def _shortened(references: tuple[str, ...]) -> tuple[str, ...]:
    if len(references) <= FIRST_REFERENCES + LAST_REFERENCES:
        return references
    return references[:FIRST_REFERENCES] + references[-LAST_REFERENCES:]

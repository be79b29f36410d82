"""A mail's headers, its two parts, its signature."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import formataddr
from functools import cache, lru_cache
from importlib import import_module

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address

from moothall.mailer.addresses import bounce_address, mail_domain
from moothall.mailer.mail import ListHead, Mail
from moothall.mailer.wire import as_bytes

# The first say which thread it is, the last what is answered; the middle may go (RFC 5322 section 3.6.4).
FIRST_REFERENCES, LAST_REFERENCES = 2, 8
LONGEST_LINE = 200
_PLAIN_ADDRESS = re.compile(r"[\w.+=~/!#$%&'*?^`{|}-]+@[a-z0-9.-]+", re.ASCII | re.IGNORECASE)
ONE_CLICK = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # RFC 8058
_SIGNED = [
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references", b"mime-version",
    b"content-type", b"list-id", b"list-unsubscribe", b"list-unsubscribe-post",
]  # fmt: skip


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


def _signature(raw: bytes, headers: dict[str, str], key: bytes) -> bytes:
    # Only now: with what it needs to ask the DNS, it takes every program's start a tenth of a second.
    dkim = import_module("dkim")
    present = {name.lower().encode() for name in headers} | {b"date", b"mime-version", b"content-type"}
    signature: bytes = dkim.sign(
        raw,
        settings.DKIM_SELECTOR.encode(),
        mail_domain().encode(),
        key,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name for name in _SIGNED if name in present],
    )
    return signature


@cache
def dkim_key() -> bytes:
    return settings.DKIM_KEY.read_bytes() if settings.DKIM_KEY is not None else b""


def compose(mail: Mail, outbound_id: int) -> Composed:
    """The envelope's sender names this one mail (VERP), so that whatever comes back is known.

    A signature by the site's domain (RFC 6376) is put on top where a key is set. Raises ValueError for an address or
    a header that no mail can carry.
    """
    headers = _headers(mail)
    recipient = mailbox(mail.address)
    headers["To"], headers["Subject"] = recipient, one_line(mail.subject)
    if mail.reply_to:
        headers["Reply-To"] = mail.reply_to
    raw = as_bytes(headers, mail.text, mail.html)
    key = dkim_key()
    return Composed(bounce_address(outbound_id), recipient, _signature(raw, headers, key) + raw if key else raw)


def for_provider(mail: Mail, composed: Composed) -> ProvidersMessage:
    message = ProvidersMessage(
        subject=one_line(mail.subject),
        body=str(mail.text),
        from_email=composed.sender,
        to=[composed.recipient],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers=_headers(mail),
        alternatives=[(str(mail.html), "text/html")],
    )
    message.raw = composed.raw
    return message


def _headers(mail: Mail) -> dict[str, str]:
    """All but the recipient, the subject and where answers go."""
    headers = {
        "From": _from(mail.from_name, mail.from_address),
        "Message-ID": f"<{mail.message_id}>",
        # RFC 3834 section 5: nobody's out-of-office shall answer.
        "Auto-Submitted": "auto-generated",
        "Precedence": "list" if mail.list_head else "bulk",
        "X-Auto-Response-Suppress": "All",
    }
    if mail.references:
        kept = _shortened(mail.references)
        headers["In-Reply-To"] = f"<{kept[-1]}>"
        headers["References"] = " ".join(f"<{one}>" for one in kept)
    if mail.archived_at:
        headers["Archived-At"] = f"<{mail.archived_at}>"  # RFC 5064
    if mail.list_head:
        headers |= list_headers(mail.list_head)
    elif mail.stop_url:
        headers |= {"List-Unsubscribe": f"<{mail.stop_url}>", **ONE_CLICK}
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
        "List-Unsubscribe": f"<{head.stop_url}>, <mailto:{head.stop_address}>",
        **ONE_CLICK,
    }


@lru_cache(maxsize=1024)
def one_line(text: str) -> str:
    """Without line breaks, controls and marks that turn the direction of what follows."""
    seen = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(seen.split())[:LONGEST_LINE]


@lru_cache(maxsize=1024)
def _from(name: str, address: str) -> str:
    return formataddr((one_line(name), address))


@lru_cache(maxsize=1024)
def _phrase(name: str) -> str:
    """A quoted string (RFC 5322 section 3.2.4), or nothing where it would not be ASCII (RFC 2919 section 3)."""
    line = one_line(name)
    escaped = line.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if line.isascii() else ""


def _shortened(references: tuple[str, ...]) -> tuple[str, ...]:
    if len(references) <= FIRST_REFERENCES + LAST_REFERENCES:
        return references
    return references[:FIRST_REFERENCES] + references[-LAST_REFERENCES:]

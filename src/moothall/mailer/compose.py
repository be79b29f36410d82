"""A mail as bytes on the wire: its headers, its two parts, its signature."""

from __future__ import annotations

import email.charset
import unicodedata
from email.message import Message
from email.utils import formataddr
from functools import cache
from typing import Any

import dkim
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from moothall.mailer.addresses import bounce_address, mail_domain
from moothall.mailer.mail import ListHead, Mail

# RFC 5322 section 2.1.1 wants lines under 998 octets, and relays may re-encode 8-bit text, which breaks a signature.
_QUOTED = email.charset.Charset("utf-8")
_QUOTED.body_encoding = email.charset.QP
# The first say which thread it is, the last what is answered; the middle may go (RFC 5322 section 3.6.4).
FIRST_REFERENCES, LAST_REFERENCES = 2, 8
LONGEST_LINE = 200
_SIGNED = [
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references", b"mime-version",
    b"content-type", b"list-id", b"list-unsubscribe", b"list-unsubscribe-post",
]  # fmt: skip


class SignedMessage(EmailMultiAlternatives):
    """Django's message; a signature by the site's domain (RFC 6376) is put on top where a key is set."""

    def message(self, *args: Any, **kwargs: Any) -> Message:  # type: ignore[override]  # stubs name a narrower type
        message: Message = super().message(*args, **kwargs)
        key = dkim_key()
        if key:
            raw = message.as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own messages take it
            present = {name.lower().encode() for name in message}
            signature = dkim.sign(
                raw,
                settings.DKIM_SELECTOR.encode(),
                mail_domain().encode(),
                key,
                canonicalize=(b"relaxed", b"relaxed"),
                include_headers=[name for name in _SIGNED if name in present],
            )
            message["DKIM-Signature"] = signature.decode().removeprefix("DKIM-Signature: ").replace("\r\n", "").strip()
        return message


@cache
def dkim_key() -> bytes:
    return settings.DKIM_KEY.read_bytes() if settings.DKIM_KEY is not None else b""


def compose(mail: Mail, outbound_id: int) -> SignedMessage:
    """The envelope's sender names this one mail (VERP), so that whatever comes back is known."""
    headers = {
        "From": formataddr((one_line(mail.from_name), mail.from_address)),
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
    message = SignedMessage(
        subject=one_line(mail.subject),
        body=mail.text,
        from_email=bounce_address(outbound_id),
        to=[mail.address],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers=headers,
        alternatives=[(mail.html, "text/html")],
    )
    message.encoding = _QUOTED
    return message


def list_headers(head: ListHead) -> dict[str, str]:
    return {
        "List-Id": f"{_phrase(head.name)} <{head.slug}.{mail_domain()}>",
        "List-Post": f"<mailto:{head.post}>",
        "List-Owner": f"<mailto:{head.owner}>",
        "List-Archive": f"<{head.archive_url}>",
        "List-Help": f"<{head.help_url}>",
        "List-Unsubscribe": f"<{head.stop_url}>, <mailto:{head.stop_address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
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

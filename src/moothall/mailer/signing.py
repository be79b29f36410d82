"""The site's signature on mails (DKIM, RFC 6376): on those of groups, and on what Django's own way sends, such as the
link to a new password."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message
from functools import cache
from importlib import import_module

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from moothall.mailer.addresses import mail_domain

_FIELD_NAME = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
_SIGNED = [
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references", b"mime-version",
    b"content-type", b"list-id", b"list-unsubscribe", b"list-unsubscribe-post",
]  # fmt: skip


@cache
def dkim_key() -> bytes:
    """Empty where none is set."""
    return settings.DKIM_KEY.read_bytes() if settings.DKIM_KEY is not None else b""


def signature(raw: bytes, key: bytes) -> bytes:
    """The field to put on top of a mail whose lines end in CRLF."""
    # Only now: with what it needs to ask the DNS, it takes every program's start a tenth of a second.
    dkim = import_module("dkim")
    present = {name.lower() for name in _FIELD_NAME.findall(raw.partition(b"\r\n\r\n")[0])}
    signed: bytes = dkim.sign(
        raw,
        settings.DKIM_SELECTOR.encode(),
        mail_domain().encode(),
        key,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name for name in _SIGNED if name in present],
    )
    return signed


def signs(key: bytes) -> bool:
    """Not the public half of a key, nor one of another kind or behind a pass phrase."""
    try:
        signature(b"From: moothall\r\n\r\n", key)
    except import_module("dkim").DKIMException:
        return False
    return True


class SignedMessage(EmailMessage):
    """Another message, made once: its boundaries and its date would not be the same a second time."""

    def __init__(self, of: EmailMessage) -> None:
        super().__init__(from_email=of.from_email, to=of.to, cc=of.cc, bcc=of.bcc)
        self.encoding = of.encoding
        self._made = of.message()
        raw = self._made.as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own messages take it
        field = signature(raw, dkim_key())
        # Folded anew, which changes nothing about it (RFC 6376 section 3.4.2).
        self._made["DKIM-Signature"] = " ".join(field.decode("ascii").partition(":")[2].split())

    def message(self) -> Message:  # type: ignore[override]  # stubs name a narrower type
        return self._made


class SigningBackend(EmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        messages = [SignedMessage(each) for each in email_messages] if dkim_key() else email_messages
        return super().send_messages(messages)

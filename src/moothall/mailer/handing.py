"""Handing one mail to whatever delivers it."""

from __future__ import annotations

import smtplib
from contextlib import suppress

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from moothall.mailer.compose import ComposedMessage
from moothall.mailer.provider import hand_to_provider

Reply = tuple[int, bytes]


def hand_over(message: ComposedMessage, connection: BaseEmailBackend) -> None:
    """Returns when the mail is taken. Raises what smtplib raises when it is not, or OSError."""
    connection.open()
    if isinstance(connection, EmailBackend) and isinstance(connection.connection, smtplib.SMTP):
        transmit(connection.connection, message.from_email, message.to[0], message.wire())
    else:
        hand_to_provider(message, connection)


def transmit(server: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> None:
    """One mail to one recipient; the envelope goes in one go where the server takes that (RFC 2920)."""
    server.ehlo_or_helo_if_needed()
    if not server.has_extn("pipelining"):
        server.sendmail(sender, [recipient], raw)
        return
    size = f" SIZE={len(raw)}" if server.has_extn("size") else ""
    server.send(f"MAIL FROM:<{sender}>{size}\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode("ascii"))
    from_reply, to_reply, data_reply = server.getreply(), server.getreply(), server.getreply()
    refusal = _refusal(from_reply, to_reply, data_reply, sender, recipient)
    if refusal is None:
        server.send(_stuffed(raw) + b".\r\n")
        code, said = server.getreply()
        if code == 250:
            return
        refusal = smtplib.SMTPDataError(code, said)
    elif data_reply[0] == 354:
        # RFC 2920 section 3.1: a server may want data for nobody; it gets none.
        server.send(b".\r\n")
        server.getreply()
    with suppress(smtplib.SMTPServerDisconnected):
        server.rset()
    raise refusal


def _refusal(from_: Reply, to: Reply, data: Reply, sender: str, recipient: str) -> smtplib.SMTPException | None:
    if from_[0] != 250:
        return smtplib.SMTPSenderRefused(*from_, sender)
    if to[0] not in (250, 251):
        return smtplib.SMTPRecipientsRefused({recipient: to})
    return smtplib.SMTPDataError(*data) if data[0] != 354 else None


def _stuffed(raw: bytes) -> bytes:
    """RFC 5321 section 4.5.2."""
    return (b"." if raw.startswith(b".") else b"") + raw.replace(b"\r\n.", b"\r\n..")

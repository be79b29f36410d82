"""Handing mails to whatever delivers them, one after the other.

A mail server that takes several commands in one go (RFC 2920) is sent a mail's text together with the next one's
envelope, so that each mail costs one round trip. The next one's text waits until the caller has taken this one's
outcome: never more than one mail is on its way of which nobody knows whether it was taken.
"""

from __future__ import annotations

import smtplib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from moothall.mailer.compose import Composed, for_provider
from moothall.mailer.mail import Mail
from moothall.mailer.models import OutboundMessage
from moothall.mailer.provider import hand_to_provider

Reply = tuple[int, bytes]
Refusal = smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException
_CLOSING = 421  # RFC 5321 section 3.8
_REFUSALS = (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException)


@dataclass(frozen=True, slots=True)
class Outgoing:
    row: OutboundMessage
    mail: Mail
    composed: Composed


Outcomes = Iterator[tuple[Outgoing, Refusal | None]]
# It returns what it has taken from its source and not handed over, where the server takes no more over its connection.
Talk = Generator[tuple[Outgoing, Refusal | None], None, Sequence[Outgoing] | None]


class NotTaken(Exception):
    """The server takes no mails from us now, whatever they are."""


def hand_over(mails: Iterable[Outgoing], connection: BaseEmailBackend) -> Outcomes:
    """Yields each mail, in order, once it was taken or refused.

    When no more can be it raises NotTaken, or OSError where that happened over the mail that is next.
    """
    source = iter(mails)
    while (first := next(source, None)) is not None:
        server = _opened(connection)
        if server is None:
            yield from _by_provider(chain([first], source), connection)
            continue
        over = _pipelined if server.has_extn("pipelining") else _one_by_one
        left = yield from over(first, source, server)
        if left is not None:
            # Some servers take so many mails over a connection, and then want another.
            connection.close()
            source = chain(left, source)


def _opened(connection: BaseEmailBackend) -> smtplib.SMTP | None:
    """None where no mail server delivers."""
    try:
        connection.open()
        if not isinstance(connection, EmailBackend) or not isinstance(connection.connection, smtplib.SMTP):
            return None
        connection.connection.ehlo_or_helo_if_needed()
    except OSError as error:
        # Nobody there, a greeting of 421, a password that is not taken: no mail is to blame.
        raise NotTaken(str(error)) from error
    return connection.connection


def _by_provider(mails: Iterator[Outgoing], connection: BaseEmailBackend) -> Outcomes:
    for each in mails:
        refusal = None
        try:
            hand_to_provider(for_provider(each.mail, each.composed), connection)
        except _REFUSALS as error:
            refusal = error
        yield each, refusal


def _one_by_one(first: Outgoing, source: Iterator[Outgoing], server: smtplib.SMTP) -> Talk:
    for each in chain([first], source):
        refusal = None
        try:
            server.sendmail(each.composed.sender, [each.composed.recipient], each.composed.raw)
        except _REFUSALS as error:
            refusal = error
        yield each, refusal
        if _ends(refusal):
            return ()
    return None


def _pipelined(first: Outgoing, source: Iterator[Outgoing], server: smtplib.SMTP) -> Talk:
    current: Outgoing | None = first
    following = next(source, None)
    server.send(_envelope(first, server))
    while current is not None:
        refusal = _envelopes_refusal(current, server)
        if refusal is None:
            # RFC 2920 section 3.1: a message's end may be the first of a group, DATA must be its last.
            server.send(_body(current) + (_envelope(following, server) if following is not None else b""))
            later = next(source, None)  # Written while the server works.
            reply = server.getreply()
            refusal = smtplib.SMTPDataError(*reply) if reply[0] != 250 else None
            yield current, refusal
        else:
            yield current, refusal
            later = next(source, None)
            if following is not None and not _ends(refusal):
                server.send(_envelope(following, server))
        if _ends(refusal):
            return [each for each in (following, later) if each is not None]
        current, following = following, later
    return None


def _envelope(each: Outgoing, server: smtplib.SMTP) -> bytes:
    letter = each.composed
    size = f" SIZE={len(letter.raw)}" if server.has_extn("size") else ""
    return f"MAIL FROM:<{letter.sender}>{size}\r\nRCPT TO:<{letter.recipient}>\r\nDATA\r\n".encode("ascii")


def _body(each: Outgoing) -> bytes:
    """No line of it begins with a dot: it is written so."""
    return each.composed.raw + b".\r\n"


def _envelopes_refusal(each: Outgoing, server: smtplib.SMTP) -> Refusal | None:
    """What the server said to the three lines of the envelope; it waits for the text where it said yes."""
    replies: list[Reply] = []
    while len(replies) < 3 and (not replies or replies[-1][0] != _CLOSING):
        replies.append(server.getreply())
    refusal = _refusal(each.composed, replies)
    if refusal is None or _ends(refusal):
        return refusal
    if replies[-1][0] == 354:
        # RFC 2920 section 3.1: a server may want data for nobody; it gets none.
        server.send(b".\r\n")
        server.getreply()
    with suppress(smtplib.SMTPServerDisconnected):
        server.rset()
    return refusal


def _refusal(letter: Composed, replies: Sequence[Reply]) -> Refusal | None:
    from_, *others = replies
    if from_[0] != 250:
        return smtplib.SMTPSenderRefused(*from_, letter.sender)
    to, *data = others
    if to[0] not in (250, 251):
        return smtplib.SMTPRecipientsRefused({letter.recipient: to})
    return smtplib.SMTPDataError(*data[0]) if data[0][0] != 354 else None


def answer(refusal: Refusal) -> tuple[int, bytes | str]:
    """The code and the words of the server."""
    if isinstance(refusal, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(refusal.recipients.values()))
        return int(code), said
    return refusal.smtp_code, refusal.smtp_error


def _ends(refusal: Refusal | None) -> bool:
    return refusal is not None and answer(refusal)[0] == _CLOSING

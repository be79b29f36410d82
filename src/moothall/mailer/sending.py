"""What waits is sent, in batches over one connection. Any number of workers may send at once."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection as database
from django.db.backends.utils import CursorWrapper

from moothall.core.clock import now
from moothall.mailer.bounces import record, stopped
from moothall.mailer.compose import compose
from moothall.mailer.handing import hand_over
from moothall.mailer.mail import Dropped, Mail
from moothall.mailer.models import BounceKind, OutboundMessage, SendingState

log = logging.getLogger(__name__)

# Small, since the gate is asked once for a batch: what is held while it is sent may still be mailed from it.
BATCH = 200
CLAIMED_FOR = timedelta(minutes=5)
# After 1, 2, 4 … minutes, then hourly: about two days, as RFC 5321 section 4.5.4.1 has it.
MOST_TRIES = 54
_CLAIM = """
UPDATE mailer_outboundmessage SET claimed_until = %(until)s, tries = tries + 1
WHERE id IN (
    SELECT id FROM mailer_outboundmessage
    WHERE state = 'queued' AND due_at <= %(now)s AND (claimed_until IS NULL OR claimed_until < %(now)s)
    ORDER BY due_at, id LIMIT %(size)s FOR UPDATE SKIP LOCKED
)
RETURNING *
"""

# Without waiting for the disk, which takes longer than the mail: PostgreSQL has it, whatever becomes of the worker.
# If the machine itself fails, the notes of its last second (wal_writer_delay, three times) are lost with it.
_SENT = """
UPDATE mailer_outboundmessage SET state = 'sent', why = '', sent_at = %s, address = %s, claimed_until = NULL
WHERE id = %s AND state = 'queued' AND set_config('synchronous_commit', 'off', true) = 'off'
"""

Prepare = Callable[[Sequence[OutboundMessage]], Mapping[int, Mail | Dropped]]


class MailServerAway(Exception):
    """The mail server can't be reached; what was not sent waits."""


@dataclass(slots=True)
class Tally:
    sent: int = 0
    dropped: int = 0
    failed: int = 0
    later: int = 0
    spared: int = 0
    is_all: bool = True


@dataclass(frozen=True, slots=True)
class Sending:
    """One cursor notes all mails of a batch, since each has a statement of its own."""

    connection: BaseEmailBackend
    noting: CursorWrapper
    tally: Tally


def send_due(prepare: Prepare, *, most: int | None = None) -> Tally:
    """`prepare` says what is in each mail, or that it is not to be sent any more: it is asked at the moment of sending.

    Each mail is noted as sent by a statement of its own, at once: a crash repeats the one in flight at most. At about
    `most` mails it stops, and says that there are more. Raises MailServerAway when the server can't be reached.
    """
    tally = Tally()
    connection: BaseEmailBackend = get_connection()
    try:
        taken = 0
        while rows := _claim():
            with database.cursor() as noting:
                _send_batch(rows, prepare(rows), Sending(connection, noting, tally))
            taken += len(rows)
            if most is not None and taken >= most:
                tally.is_all = False
                break
    finally:
        _close(connection)
    if tally.spared:
        log.info("The inbox's gate spared %d inboxes.", tally.spared)
    return tally


def _claim() -> list[OutboundMessage]:
    at = now()
    values = {"now": at, "until": at + CLAIMED_FOR, "size": BATCH}
    return sorted(OutboundMessage.objects.raw(_CLAIM, values), key=lambda row: row.id)


def _send_batch(
    rows: Sequence[OutboundMessage],
    prepared: Mapping[int, Mail | Dropped],
    sending: Sending,
) -> None:
    stopped_now = stopped([mail.address for mail in prepared.values() if isinstance(mail, Mail)])
    for place, row in enumerate(rows):
        mail = prepared[row.id]
        if isinstance(mail, Mail) and mail.address.lower() in stopped_now:
            mail = Dropped("Mail to this address came back.")
        if isinstance(mail, Dropped):
            _settle(row, SendingState.DROPPED, mail.why)
            sending.tally.dropped += 1
            sending.tally.spared += mail.is_spared
            continue
        try:
            _send(row, mail, sending)
        except (OSError, smtplib.SMTPException) as error:
            unsent = [each.id for each in rows[place:]]
            OutboundMessage.objects.filter(id__in=unsent).update(claimed_until=None)
            raise MailServerAway(str(error)) from error


def _send(row: OutboundMessage, mail: Mail, sending: Sending) -> None:
    tally = sending.tally
    try:
        hand_over(compose(mail, row.id), sending.connection)
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        _refused(row, mail, int(code), said, tally)
    except smtplib.SMTPResponseException as refused:
        _refused(row, mail, refused.smtp_code, refused.smtp_error, tally, is_about_the_address=False)
    except ValueError as impossible:
        # An address or a header that no mail can carry; the next mail is none the worse for it.
        _settle(row, SendingState.FAILED, f"It could not be written: {impossible}")
        tally.failed += 1
    else:
        sending.noting.execute(_SENT, [now(), mail.address, row.id])
        tally.sent += 1


def _refused(
    row: OutboundMessage,
    mail: Mail,
    code: int,
    said: bytes | str,
    tally: Tally,
    *,
    is_about_the_address: bool = True,
) -> None:
    """A permanent no ends it; another is tried again later."""
    words = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"[:200]
    if code >= 500 or row.tries >= MOST_TRIES:
        _settle(row, SendingState.FAILED, words)
        tally.failed += 1
        if is_about_the_address:
            record(row.id, mail.address, BounceKind.HARD if code >= 500 else BounceKind.SOFT, now())
        return
    wait = timedelta(minutes=min(2 ** (row.tries - 1), 60))
    OutboundMessage.objects.filter(id=row.id).update(claimed_until=None, due_at=now() + wait, why=words)
    tally.later += 1


def _settle(row: OutboundMessage, state: SendingState, why: str) -> None:
    OutboundMessage.objects.filter(id=row.id, state=SendingState.QUEUED).update(
        state=state, why=why[:200], claimed_until=None
    )


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        log.info("The mail server had closed the connection already.")

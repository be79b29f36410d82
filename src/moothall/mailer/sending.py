"""What waits is sent, in batches over one connection. Any number of workers may send at once."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, Q
from django.db.models.functions import Least

from moothall.core.clock import now
from moothall.mailer.bounces import record, stopped
from moothall.mailer.compose import compose
from moothall.mailer.handing import NotTaken, Outgoing, Refusal, answer, hand_over
from moothall.mailer.mail import Dropped, Mail
from moothall.mailer.models import BounceKind, OutboundMessage, SendingState
from moothall.mailer.noting import Notes, noting

log = logging.getLogger(__name__)

# Small, since the gate is asked once for a batch: what is held while it is sent may still be mailed from it.
BATCH = 200
CLAIMED_FOR = timedelta(minutes=5)
# No single mail takes as long as what is left of the claim then: each answer is waited for EMAIL_TIMEOUT seconds.
RENEWED_AFTER = timedelta(minutes=1)
# After 1, 2, 4 … minutes, then hourly: about two days, as RFC 5321 section 4.5.4.1 has it.
MOST_TRIES = 54
# An array is asked for once; a subquery behind IN may be asked again for each row, and then claims more than LIMIT.
_CLAIM = """
UPDATE mailer_outboundmessage SET claimed_until = %(until)s, tries = tries + 1
WHERE id = ANY (ARRAY(
    SELECT id FROM mailer_outboundmessage
    WHERE state = 'queued' AND due_at <= %(now)s AND (claimed_until IS NULL OR claimed_until < %(now)s)
    ORDER BY due_at, id LIMIT %(size)s FOR UPDATE SKIP LOCKED
))
RETURNING id, profile_id, thing, tries
"""

# No machine's clock is so far from another's; a mail waits for quiet hours, its domain's pace or another try.
CLOCKS_APART = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=7)

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
    connection: BaseEmailBackend
    notes: Notes
    tally: Tally


def send_due(prepare: Prepare, *, most: int | None = None) -> Tally:
    """`prepare` says what is in each mail, or that it is not to be sent any more: it is asked at the moment of sending.

    Each mail is noted as sent by a statement of its own, at once: a crash repeats the one in flight at most. At about
    `most` mails it stops, and says that there are more. Raises MailServerAway when the server can't be reached.
    """
    tally = Tally()
    connection: BaseEmailBackend = get_connection()
    taken = 0
    try:
        with noting() as notes:
            while rows := _claim():
                _send_batch(rows, prepare(rows), Sending(connection, notes, tally))
                taken += len(rows)
                if most is not None and taken >= most:
                    tally.is_all = False
                    break
    finally:
        _close(connection)
    if tally.spared:
        log.info("The inbox's gate spared %d inboxes.", tally.spared)
    return tally


def put_right() -> None:
    """Once a clock that was ahead is put back, what was queued or in hand by it would wait until then."""
    at = now()
    ahead = Q(created_at__gt=at + CLOCKS_APART) | Q(claimed_until__gt=at + CLOCKS_APART)
    waiting = OutboundMessage.objects.filter(ahead | Q(due_at__gt=at + LONGEST_WAIT), state=SendingState.QUEUED)
    waiting.update(created_at=Least("created_at", at), due_at=Least("due_at", at), claimed_until=None)


def _claim() -> list[OutboundMessage]:
    at = now()
    values = {"now": at, "until": at + CLAIMED_FOR, "size": BATCH}
    return sorted(OutboundMessage.objects.raw(_CLAIM, values), key=lambda row: row.id)


def _send_batch(
    rows: Sequence[OutboundMessage],
    prepared: Mapping[int, Mail | Dropped],
    sending: Sending,
) -> None:
    unsent = {row.id: row for row in rows}
    claimed_at = now()
    notes, tally = sending.notes, sending.tally
    try:
        for each, refusal in hand_over(_outgoing(unsent, prepared, sending), sending.connection):
            del unsent[each.row.id]
            if refusal is None:
                notes.sent(each.row.id, each.mail.address)
                tally.sent += 1
            else:
                notes.wait()
                _refused(each, refusal, tally)
            claimed_at = _keep_claim(unsent, claimed_at, notes)
    except NotTaken as error:
        notes.wait()
        _put_back(unsent)
        raise MailServerAway(str(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        notes.wait()
        _put_off(unsent.pop(next(iter(unsent))), str(error))
        _put_back(unsent)
        raise MailServerAway(str(error)) from error
    notes.wait()


def _keep_claim(unsent: Collection[int], claimed_at: datetime, notes: Notes) -> datetime:
    """With a slow server a batch takes longer than it was claimed for, and another worker would send it too."""
    at = now()
    if abs(at - claimed_at) < RENEWED_AFTER:
        return claimed_at
    notes.wait()
    OutboundMessage.objects.filter(id__in=unsent).update(claimed_until=at + CLAIMED_FOR)
    return at


def _put_back(unsent: Collection[int]) -> None:
    """They were not tried, however often the server was away."""
    OutboundMessage.objects.filter(id__in=unsent).update(claimed_until=None, tries=F("tries") - 1)


def _put_off(row: OutboundMessage, words: str) -> None:
    """A server may hang up because of this one mail, so that it comes after the others if that happens again."""
    wait = timedelta(minutes=min(2 ** (row.tries - 2), 60)) if row.tries > 1 else timedelta()
    OutboundMessage.objects.filter(id=row.id).update(claimed_until=None, due_at=now() + wait, why=words[:200])


def _outgoing(
    unsent: dict[int, OutboundMessage], prepared: Mapping[int, Mail | Dropped], sending: Sending
) -> Iterator[Outgoing]:
    """What is sent of a batch, written when it is its turn; the rest is settled on the way, and unsent no more."""
    stopped_now = stopped([mail.address for mail in prepared.values() if isinstance(mail, Mail)])
    for row in list(unsent.values()):
        mail = prepared[row.id]
        if isinstance(mail, Mail) and mail.address.lower() in stopped_now:
            mail = Dropped("Mail to this address came back.")
        if isinstance(mail, Dropped):
            sending.notes.wait()
            _settle(unsent.pop(row.id), SendingState.DROPPED, mail.why)
            sending.tally.dropped += 1
            sending.tally.spared += mail.is_spared
            continue
        try:
            composed = compose(mail, row.id)
        except ValueError as impossible:
            # An address or a header that no mail can carry; the next mail is none the worse for it.
            sending.notes.wait()
            _settle(unsent.pop(row.id), SendingState.FAILED, f"It could not be written: {impossible}")
            sending.tally.failed += 1
            continue
        yield Outgoing(row, mail, composed)


def _refused(each: Outgoing, refusal: Refusal, tally: Tally) -> None:
    """A permanent no ends it; another is tried again later."""
    row = each.row
    is_about_the_address = isinstance(refusal, smtplib.SMTPRecipientsRefused)
    code, said = answer(refusal)
    words = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"[:200]
    if code >= 500 or row.tries >= MOST_TRIES:
        _settle(row, SendingState.FAILED, words)
        tally.failed += 1
        if is_about_the_address:
            record(row.id, each.mail.address, BounceKind.HARD if code >= 500 else BounceKind.SOFT, now())
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

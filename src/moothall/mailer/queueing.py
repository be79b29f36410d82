"""Putting mails on their way: a row for each person, made once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from moothall.core.clock import now
from moothall.mailer.models import OutboundMessage, SendingState
from moothall.mailer.pace import spread

ROWS_AT_ONCE = 2000
# By hand, since a post to a large group makes thousands, and they differ in three values.
_QUEUE = """
INSERT INTO mailer_outboundmessage (profile_id, thing, due_at, state, why, tries, address, created_at)
SELECT profile_id, thing, due_at, %(queued)s, '', 0, '', %(now)s
FROM unnest(%(profiles)s::bigint[], %(things)s::text[], %(times)s::timestamptz[]) AS given (profile_id, thing, due_at)
ON CONFLICT DO NOTHING
"""
_QUEUED = """
SELECT profile_id, thing FROM mailer_outboundmessage
JOIN unnest(%(profiles)s::bigint[], %(things)s::text[]) AS given (profile_id, thing) USING (profile_id, thing)
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who gets what, and not before when. The address is for its domain's pace; "" is not paced."""

    profile_id: int
    thing: str
    due_at: datetime
    address: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


def queue(waiting: Iterable[Waiting]) -> None:
    """Doing it twice sends it once."""
    asked = list(waiting)
    # Whoever makes digests tells of the same mails every hour: they must not take the minutes of their domain again.
    known = queued((one.profile_id, one.thing) for one in asked)
    given = [one for one in asked if (one.profile_id, one.thing) not in known]
    if not given:
        return
    times = spread([(one.domain, one.due_at) for one in given])
    profiles, things = [one.profile_id for one in given], [one.thing for one in given]
    with connection.cursor() as cursor:
        cursor.execute(
            _QUEUE,
            {"profiles": profiles, "things": things, "times": times, "queued": SendingState.QUEUED.value, "now": now()},
        )


def queued(mails: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Of these, by person and thing, those that were put on their way, whatever became of them."""
    given = list(mails)
    with connection.cursor() as cursor:
        cursor.execute(_QUEUED, {"profiles": [one[0] for one in given], "things": [one[1] for one in given]})
        return set(cursor.fetchall())


def queue_again(waiting: Iterable[Waiting]) -> None:
    """What was dropped before it was sent is on its way once more, since whatever kept it back is over."""
    due = {(one.profile_id, one.thing): one.due_at for one in waiting}
    rows = OutboundMessage.objects.filter(state=SendingState.DROPPED, thing__in={thing for _, thing in due})
    again = [row for row in rows if (row.profile_id, row.thing) in due]
    for row in again:
        row.state, row.why, row.tries, row.due_at = SendingState.QUEUED, "", 0, due[row.profile_id, row.thing]
    OutboundMessage.objects.bulk_update(again, ["state", "why", "tries", "due_at"], batch_size=ROWS_AT_ONCE)


def stop(thing: str, why: str) -> int:
    """Drops what waits to be sent about a thing; returns how many inboxes that spares. What a worker has in hand is
    asked once more by itself."""
    at = now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=at)
    waiting = OutboundMessage.objects.filter(free, thing=thing, state=SendingState.QUEUED)
    return waiting.update(state=SendingState.DROPPED, why=why, claimed_until=None)


def forget(profile_id: int) -> None:
    """For accounts that are deleted."""
    OutboundMessage.objects.filter(profile_id=profile_id).delete()

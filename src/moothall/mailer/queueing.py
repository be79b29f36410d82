"""Putting mails on their way: a row for each person, made once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from moothall.mailer.models import OutboundMessage

ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who gets what, and not before when."""

    profile_id: int
    thing: str
    due_at: datetime


def queue(waiting: Iterable[Waiting]) -> None:
    """Doing it twice sends it once."""
    rows = [OutboundMessage(profile_id=w.profile_id, thing=w.thing, due_at=w.due_at) for w in waiting]
    OutboundMessage.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)


def forget(profile_id: int) -> None:
    """For accounts that are deleted."""
    OutboundMessage.objects.filter(profile_id=profile_id).delete()

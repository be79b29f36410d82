"""Saying that something happened: an event, and a task that tells whom it concerns, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

from procrastinate.types import JSONValue

from moothall.notifications.models import Event
from moothall.notifications.tasks import fan_out


def tell(events: Sequence[Event]) -> None:
    Event.objects.bulk_create(events)
    jobs: list[dict[str, JSONValue]] = [{"event_id": event.id} for event in events]
    if jobs:
        fan_out.batch_defer(*jobs)

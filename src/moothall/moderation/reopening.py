"""A closed group is opened again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from moothall.core.clock import now
from moothall.groups.authority import lock
from moothall.groups.close import reopen
from moothall.groups.refusal import Refusal
from moothall.moderation.models import ReviewItem


@transaction.atomic
def reopen_group(group_id: int, *, by_id: int) -> Refusal | None:
    """The time in which no manager could look at what waits counts against none of them."""
    closed_at = lock(group_id).closed_at
    refusal = reopen(group_id, by_id=by_id)
    if refusal is None and closed_at is not None:
        away = now() - closed_at
        waited = ReviewItem.objects.filter(group=group_id, decision=None, opened_at__lt=closed_at)
        waited.update(opened_at=F("opened_at") + away, due_at=F("due_at") + away)
    return refusal

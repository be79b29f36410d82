"""Standing that comes with time alone: days pass, and nobody writes or decides anything."""

from __future__ import annotations

from django.db import transaction

from moothall.core.deadlocks import again_after_deadlock
from moothall.discussions.ranking import recount
from moothall.judging.standing import refresh_standing, ripe
from moothall.moderation.apply import topics_of


def ripen_standing() -> int:
    """Returns how many gained it."""
    return sum(_ripen(group_id, profiles) for group_id, profiles in ripe().items())


@again_after_deadlock
@transaction.atomic
def _ripen(group_id: int, profiles: list[int]) -> int:
    gained = refresh_standing(group_id, profiles)
    recount(topics_of(group_id, gained))
    return len(gained)

"""When people write: by day and in the evening, sooner after a question than long after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from moothall.cli.demo.story import Fate, Thread

FIRST_HOUR, LAST_HOUR = 7, 22
# Posts that wait in the queue are of the last hours, so that the managers' promise is not yet broken.
WAITING_HOURS = (0.4, 9.0)
NEWEST = timedelta(minutes=6)


def times(thread: Thread, at: datetime, chance: Random) -> list[datetime]:
    """For the first post and each reply, in their order: rising, but for those that wait."""
    started = at - timedelta(days=thread.days)
    if thread.days > 1:
        started = by_day(started)
    age = at - NEWEST - started
    gaps = [chance.lognormvariate(0.9, 1.0) for _ in thread.replies]
    longest = age / timedelta(hours=1) * 0.93
    scale = min(1.0, longest / sum(gaps)) if gaps else 1.0
    found, last, hours = [started], started, 0.0
    for reply, gap in zip(thread.replies, gaps, strict=True):
        hours += gap * scale
        if reply.fate == Fate.QUEUE:
            found.append(max(started + age * 0.3, at - timedelta(hours=chance.uniform(*WAITING_HOURS))))
        else:
            moment = started + timedelta(hours=hours)
            last = max(last, _awake(moment, at))
            found.append(last)
    return found


def by_day(moment: datetime) -> datetime:
    """The same day, at an hour at which people write."""
    if FIRST_HOUR <= moment.hour <= LAST_HOUR:
        return moment
    return moment + timedelta(hours=9) if moment.hour < FIRST_HOUR else moment - timedelta(hours=2)


def _awake(moment: datetime, at: datetime) -> datetime:
    """By day where that is still in the past."""
    day = by_day(moment)
    return day if day < at - NEWEST else moment

"""The windows of digests: each ends at seven in the morning on the member's own clock, the weekly one on Fridays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from moothall.groups.models import MailChoice

HOUR = 7
FRIDAY = 4
# A worker that was away builds what it missed, while it is still news.
CATCH_UP_DAYS = 2
# How long a window may be where those before it were never built, since no worker ran.
LONGEST = {MailChoice.DAILY: timedelta(days=3), MailChoice.WEEKLY: timedelta(days=14)}


@dataclass(frozen=True, slots=True)
class Window:
    every: MailChoice
    since: datetime
    until: datetime

    def reaching_back(self, built_until: datetime) -> Window:
        """To the last one that was built."""
        return replace(self, since=min(self.since, max(built_until, self.until - LONGEST[self.every])))


def due_windows(at: datetime, zone: ZoneInfo) -> list[Window]:
    """The daily window that ended last, and the weekly one unless it ended more than two days ago."""
    local = at.astimezone(zone)
    ended = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if ended > local:
        ended -= timedelta(days=1)
    found = [Window(MailChoice.DAILY, ended - timedelta(days=1), ended)]
    days_since_friday = (ended.weekday() - FRIDAY) % 7
    if days_since_friday <= CATCH_UP_DAYS:
        friday = ended - timedelta(days=days_since_friday)
        found.append(Window(MailChoice.WEEKLY, friday - timedelta(days=7), friday))
    return found

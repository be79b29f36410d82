"""When a member may be mailed: not in quiet hours on their own clock, not while they pause all mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moothall.accounts.models import User


@cache
def zone_of(name: str) -> ZoneInfo:
    """UTC for a zone that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Hours:
    """A member's quiet hours on their own clock; None where they have none."""

    time_zone: str
    quiet_from: int | None
    quiet_until: int | None

    def due_at(self, at: datetime) -> datetime:
        """`at`, or the end of the quiet hours in which it falls."""
        if self.quiet_from is None or self.quiet_until is None:
            return at
        return after_quiet(at, self.quiet_from, self.quiet_until, zone_of(self.time_zone))


def due_at(user: User, at: datetime) -> datetime:
    return Hours(user.time_zone, user.mail_quiet_from, user.mail_quiet_until).due_at(at)


def after_quiet(at: datetime, quiet_from: int, quiet_until: int, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    if quiet_from <= quiet_until:
        is_quiet = quiet_from <= local.hour < quiet_until
    else:
        is_quiet = local.hour >= quiet_from or local.hour < quiet_until
    if not is_quiet:
        return at
    end = local.replace(hour=quiet_until, minute=0, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def is_paused(until: date | None, time_zone: str, at: datetime) -> bool:
    return until is not None and at.astimezone(zone_of(time_zone)).date() < until

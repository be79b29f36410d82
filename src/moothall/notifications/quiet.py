"""When a member may be mailed: not in quiet hours on their own clock, not while they pause all mail."""

from __future__ import annotations

from datetime import datetime, timedelta
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


def due_at(user: User, at: datetime) -> datetime:
    """`at`, or the end of the quiet hours in which it falls."""
    if user.mail_quiet_from is None or user.mail_quiet_until is None:
        return at
    return after_quiet(at, user.mail_quiet_from, user.mail_quiet_until, zone_of(user.time_zone))


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


def is_paused(user: User, at: datetime) -> bool:
    until = user.mail_paused_until
    return until is not None and at.astimezone(zone_of(user.time_zone)).date() < until

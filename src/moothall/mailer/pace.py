"""At what pace the addresses of one domain are mailed: what is too much for one minute is due in a later one.

Large providers put off, and think less of, a sender who comes with thousands of mails at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from moothall.core.clock import now
from moothall.mailer.models import DomainMinute

# Any number, the same for every process: whoever books waits for whoever is booking.
_LOCK = 0x6D61696C
KEPT = timedelta(hours=1)
Booked = Mapping[datetime, int]


def spread(due: Sequence[tuple[str, datetime]]) -> list[datetime]:
    """When each mail is due, in the order given: at its own time, or in the first minute after it in which its domain
    has room. Takes the room. "" for a domain is never put off."""
    pace = settings.MAIL_PACE
    domains = {domain for domain, _ in due if domain}
    if not pace or not domains:
        return [at for _, at in due]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        DomainMinute.objects.filter(minute__lt=now() - KEPT).delete()
        booked = _booked(domains, min(at for domain, at in due if domain))
        before = {domain: Counter(minutes) for domain, minutes in booked.items()}
        found = [at if not domain else _place(booked[domain], at, pace) for domain, at in due]
        _keep(booked, before)
    return found


def _booked(domains: Iterable[str], since: datetime) -> defaultdict[str, Counter[datetime]]:
    booked: defaultdict[str, Counter[datetime]] = defaultdict(Counter)
    rows = DomainMinute.objects.filter(domain__in=domains, minute__gte=_minute(since))
    for domain, minute, count in rows.values_list("domain", "minute", "booked_count"):
        booked[domain][minute] = count
    return booked


def _place(minutes: Counter[datetime], at: datetime, pace: int) -> datetime:
    minute = _minute(at)
    while minutes[minute] >= pace:
        minute += timedelta(minutes=1)
    minutes[minute] += 1
    return max(at, minute)


def _keep(booked: Mapping[str, Counter[datetime]], before: Mapping[str, Booked]) -> None:
    changed = [
        DomainMinute(domain=domain, minute=minute, booked_count=count)
        for domain, minutes in booked.items()
        for minute, count in minutes.items()
        if count and count != before.get(domain, {}).get(minute, 0)
    ]
    DomainMinute.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["domain", "minute"], update_fields=["booked_count"]
    )


def _minute(at: datetime) -> datetime:
    """In UTC: an hour that a clock shows twice, in autumn, is never equal to the same one on another's (PEP 495)."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)

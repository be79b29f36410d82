"""What came back: soft ones are forgotten after a while, a hard one or a complaint stops mail to the address."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from moothall.mailer.models import Bounce, BounceKind, OutboundMessage, StoppedAddress

# Different days on which an address could not be reached, within so many days, until it counts as gone.
SOFT_DAYS = 5
WITHIN_DAYS = 14


@transaction.atomic
def record(outbound_id: int | None, address: str, kind: str, at: datetime) -> None:
    """The same mail bounces once a kind, however often that is reported. The membership stays; mail can be resumed."""
    what = BounceKind(kind)
    known = OutboundMessage.objects.filter(id=outbound_id or 0).values_list("id", flat=True).first()
    bounced = address.strip().lower()
    rows = Bounce.objects.bulk_create(
        [Bounce(address=bounced, kind=what, outbound_id=known, happened_at=at)], ignore_conflicts=True
    )
    if rows and (what != BounceKind.SOFT or _soft_days(bounced, at) >= SOFT_DAYS):
        StoppedAddress.objects.get_or_create(address=bounced, defaults={"kind": what, "stopped_at": at})


def stopped(addresses: Collection[str]) -> set[str]:
    wanted = {address.lower() for address in addresses}
    return set(StoppedAddress.objects.filter(address__in=wanted).values_list("address", flat=True))


@transaction.atomic
def forget_bounces(address: str) -> bool:
    """Of an account that is deleted, or that begins anew; True when mail to it was stopped."""
    Bounce.objects.filter(address=address.lower()).delete()
    deleted, _ = StoppedAddress.objects.filter(address=address.lower()).delete()
    return deleted > 0


def _soft_days(address: str, at: datetime) -> int:
    since = at - timedelta(days=WITHIN_DAYS)
    soft = Bounce.objects.filter(address=address, kind=BounceKind.SOFT, happened_at__gt=since)
    return soft.values("happened_at__date").distinct().count()

"""What came back. A complaint stops mail to an address. So does a mail that asked whether it is reached (a probe), and
came back as well; soft failures are forgotten after a while."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from moothall.mailer.models import Bounce, BounceKind, OutboundMessage, Probe, StoppedAddress
from moothall.mailer.queueing import Waiting, queue

# Different days on which an address could not be reached, within so many days, until it is asked.
SOFT_DAYS = 5
WITHIN_DAYS = 14
# An address that answered a probe by keeping it is not asked again for so long, whatever else of ours it sends back.
PROBED_FOR_DAYS = 7
PROBE = "probe:"


@transaction.atomic
def record(outbound_id: int | None, address: str, kind: str, at: datetime) -> None:
    """The same mail bounces once a kind, however often that is reported. The membership stays; mail can be resumed.

    What a report says about the address is believed only where we do not know it: anybody whom we mail could write a
    report about somebody else.
    """
    what = BounceKind(kind)
    sent = OutboundMessage.objects.filter(id=outbound_id or 0).first()
    bounced = ((sent.address if sent is not None else "") or address).strip().lower()
    rows = Bounce.objects.bulk_create(
        [Bounce(address=bounced, kind=what, outbound=sent, happened_at=at)], ignore_conflicts=True
    )
    if not rows:
        return
    if what == BounceKind.COMPLAINT or (sent is not None and sent.thing.startswith(PROBE)):
        StoppedAddress.objects.get_or_create(address=bounced, defaults={"kind": what, "stopped_at": at})
    elif sent is not None and (what == BounceKind.HARD or _soft_days(bounced, at) >= SOFT_DAYS):
        _ask(sent.profile_id, bounced, at)


def stopped(addresses: Collection[str]) -> set[str]:
    wanted = {address.lower() for address in addresses}
    return set(StoppedAddress.objects.filter(address__in=wanted).values_list("address", flat=True))


@transaction.atomic
def forget_bounces(address: str) -> bool:
    """Of an account that is deleted, or that begins anew; True when mail to it was stopped."""
    Bounce.objects.filter(address=address.lower()).delete()
    Probe.objects.filter(address=address.lower()).delete()
    deleted, _ = StoppedAddress.objects.filter(address=address.lower()).delete()
    return deleted > 0


def _ask(profile_id: int, address: str, at: datetime) -> None:
    """A mail of its own, whose envelope's sender says that it is the probe which came back (VERP)."""
    Probe.objects.get_or_create(address=address, defaults={"asked_at": at - timedelta(days=PROBED_FOR_DAYS)})
    due = Probe.objects.filter(address=address, asked_at__lte=at - timedelta(days=PROBED_FOR_DAYS))
    if due.update(asked_at=at):
        queue([Waiting(profile_id, f"{PROBE}{at:%Y-%m-%d}", at)])
        # By its name: what is in the mail is written in a room above.
        app.configure_task("send_mail").defer()


def _soft_days(address: str, at: datetime) -> int:
    """What came before a probe that was kept counts no more."""
    asked_at = Probe.objects.filter(address=address).values_list("asked_at", flat=True).first()
    since = max(at - timedelta(days=WITHIN_DAYS), asked_at or at - timedelta(days=WITHIN_DAYS))
    soft = Bounce.objects.filter(address=address, kind=BounceKind.SOFT, happened_at__gt=since)
    return soft.values("happened_at__date").distinct().count()

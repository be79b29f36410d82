"""The services on a member's profile: their order, and removing one with a way back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from moothall.core.clock import now
from moothall.members.models import Profile, Service

SERVICES_MOST = 20


@transaction.atomic
def add(profile: Profile, title: str, text: str) -> Service | None:
    """None when there are as many as fit. The same form sent twice adds one."""
    Profile.objects.select_for_update().get(id=profile.id)
    offered = profile.services.offered()
    if (same := offered.filter(title=title, text=text).first()) is not None:
        return same
    if offered.count() >= SERVICES_MOST:
        return None
    last = profile.services.aggregate(last=Max("position"))["last"] or 0
    return Service.objects.create(profile=profile, title=title, text=text, position=last + 1)


def move_up(service: Service) -> None:
    _move(service, -1)


def move_down(service: Service) -> None:
    _move(service, 1)


@transaction.atomic
def _move(service: Service, by: int) -> None:
    """Numbers all of them anew, so that equal positions can't come to be."""
    offered = list(service.profile.services.offered().select_for_update())
    place = [each.id for each in offered].index(service.id)
    other = place + by
    if 0 <= other < len(offered):
        offered[place], offered[other] = offered[other], offered[place]
    for position, each in enumerate(offered, start=1):
        each.position = position
    Service.objects.bulk_update(offered, ["position"])


@transaction.atomic
def remove(service: Service) -> None:
    """The last one removed can be put back; the one before it goes for good."""
    service.profile.services.exclude(removed_at=None).delete()
    service.removed_at = now()
    service.save(update_fields=["removed_at"])


def put_back(service: Service) -> None:
    service.removed_at = None
    service.save(update_fields=["removed_at"])

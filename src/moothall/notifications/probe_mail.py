"""The mail that asks whether an address is reached: nothing need be done, unless it comes back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.conf import settings
from django.urls import reverse

from moothall.core.clock import now
from moothall.mailer.mail import Dropped, Mail
from moothall.mailer.models import OutboundMessage, Probe
from moothall.members.models import Profile
from moothall.notifications.letterhead import absolute, from_site, write
from moothall.notifications.quiet import is_paused


def prepare_probes(rows: Sequence[OutboundMessage]) -> dict[int, Mail | Dropped]:
    people = Profile.objects.filter(id__in=[row.profile_id for row in rows], user__is_active=True)
    found = people.select_related("user").in_bulk()
    addresses = {person.user.email for person in found.values() if person.user is not None}
    asked = set(Probe.objects.filter(address__in=addresses).values_list("address", flat=True))
    return {row.id: _prepared(row, found.get(row.profile_id), asked) for row in rows}


def _prepared(row: OutboundMessage, person: Profile | None, asked: Collection[str]) -> Mail | Dropped:
    if person is None or person.user is None:
        return Dropped("No longer here.")
    if person.user.email not in asked:
        return Dropped("What came back was mailed to another address.")
    if is_paused(person.user.mail_paused_until, person.user.time_zone, now()):
        return Dropped("All mail is paused.")
    values = {"site_name": settings.SITE_NAME, "url": absolute(reverse("account_mail"))}
    subject = f"Does mail from {settings.SITE_NAME} reach you?"
    return from_site(row, write("probe", values).for_one(), address=person.user.email, subject=subject)

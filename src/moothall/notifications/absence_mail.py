"""The one notice to somebody who has not been here for long: after it no digest comes until they are back, while what
they chose to have at once goes on, as on a mailing list that is read and never visited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from moothall.core.clock import now
from moothall.groups.mail_choice import EVERYTHING
from moothall.mailer.mail import Dropped, Mail
from moothall.mailer.models import OutboundMessage
from moothall.members.models import Profile
from moothall.notifications.digests import ABSENT_DAYS
from moothall.notifications.letterhead import absolute, everywhere_url, from_site, write
from moothall.notifications.presence import here_among
from moothall.notifications.quiet import is_paused


def prepare_absences(rows: Sequence[OutboundMessage]) -> dict[int, Mail | Dropped]:
    people = (
        Profile.objects.filter(id__in=[row.profile_id for row in rows], user__is_active=True, user__deletion=None)
        .select_related("user")
        .in_bulk()
    )
    users = {person.user.id for person in people.values() if person.user is not None}
    back = here_among(users, now() - timedelta(days=ABSENT_DAYS))
    return {row.id: _prepared(row, people.get(row.profile_id), back) for row in rows}


def _prepared(row: OutboundMessage, person: Profile | None, back: set[int]) -> Mail | Dropped:
    if person is None or person.user is None:
        return Dropped("No longer here.")
    if person.user.id in back:
        return Dropped("Back since.")
    if is_paused(person.user.mail_paused_until, person.user.time_zone, now()):
        return Dropped("All mail is paused.")
    stop_url = everywhere_url(person.id, EVERYTHING)
    values = {
        "person": person,
        "site_name": settings.SITE_NAME,
        "url": absolute(reverse("account_mail")),
        "months": ABSENT_DAYS // 30,
        "stop_url": stop_url,
    }
    subject = f"We stop your digests from {settings.SITE_NAME} until you are back"
    return from_site(
        row, write("absence", values).for_one(), address=person.user.email, subject=subject, stop_url=stop_url
    )

"""Yes or no to somebody who asks to join, and the mail by which they hear of it."""

from __future__ import annotations

from django.db import transaction

from moothall.core.clock import now
from moothall.groups import admit
from moothall.groups.models import Membership
from moothall.groups.refusal import Refusal
from moothall.mailer.queueing import Waiting, queue
from moothall.notifications.answer_mail import thing_of
from moothall.notifications.quiet import due_at
from moothall.notifications.tasks import send_mail


@transaction.atomic
def approve(group_id: int, membership_id: int, *, by_id: int) -> Refusal | None:
    refusal = admit.approve(group_id, membership_id, by_id=by_id)
    if refusal is None:
        _tell(membership_id)
    return refusal


@transaction.atomic
def refuse(group_id: int, membership_id: int, *, by_id: int) -> Refusal | None:
    refusal = admit.refuse(group_id, membership_id, by_id=by_id)
    if refusal is None:
        _tell(membership_id)
    return refusal


def _tell(membership_id: int) -> None:
    answered = Membership.objects.select_related("profile__user").get(id=membership_id)
    user = answered.profile.user
    if user is not None:
        queue([Waiting(answered.profile_id, thing_of(answered), due_at(user, now()), user.email)])
        send_mail.defer()

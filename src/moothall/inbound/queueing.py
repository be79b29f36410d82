"""Mails to be read, in their order; the reading itself is not loaded here, since commands and lists load this."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from procrastinate.contrib.django import app

from moothall.inbound.models import InboundMessage, MailState

READING = "read_mail"


def read_soon(inbound_id: int, group_id: int | None) -> None:
    """One after the other in a group, so that an answer never overtakes what it answers."""
    app.configure_task(READING, lock=f"inbound-{group_id or inbound_id}").defer(inbound_id=inbound_id)


@transaction.atomic
def try_again(inbound_ids: Iterable[int]) -> int:
    """Of these, what was given up is read anew; returns how many that are."""
    unread = InboundMessage.objects.select_for_update(of=("self",)).filter(id__in=inbound_ids, state=MailState.UNREAD)
    found = list(unread.order_by("id").values_list("id", "group_id"))
    InboundMessage.objects.filter(id__in=[inbound_id for inbound_id, _ in found]).update(state=MailState.WAITING)
    for inbound_id, group_id in found:
        read_soon(inbound_id, group_id)
    return len(found)

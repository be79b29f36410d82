"""A mail that can't be read: it is kept, somebody sees it, and it can be tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.inbound.models import InboundMessage, MailState
from moothall.inbound.process import process
from moothall.inbound.receive import receive
from moothall.inbound.tasks import KEPT_DAYS, forget_refused_mail, take_up_unread_mail
from moothall.mailer.addresses import post_address
from tests.inbound.mails import mail
from tests.inbound.taking import MIA, TALK
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db

LIST = "admin:inbound_inboundmessage_changelist"


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="read_mail").count()


def waiting_for(days: int) -> InboundMessage:
    """Its tries were used up, and the last one said why."""
    receive(mail(TALK), MIA, [post_address("old-houses")])
    ProcrastinateJob.objects.filter(task_name="read_mail").delete()
    InboundMessage.objects.update(received_at=now() - timedelta(days=days), error="OSError()")
    return InboundMessage.objects.get()


def test_mail_that_could_not_be_read_for_days_is_given_up_and_kept(world: World) -> None:
    row = waiting_for(days=6)
    take_up_unread_mail(0)
    row.refresh_from_db()
    assert (row.state, row.error, jobs()) == (MailState.UNREAD, "OSError()", 0)

    InboundMessage.objects.update(received_at=now() - timedelta(days=KEPT_DAYS + 1))
    forget_refused_mail(0)
    assert InboundMessage.objects.filter(id=row.id).exists()


def test_mail_is_not_given_up_while_it_is_tried_nor_before_its_days_are_over(world: World) -> None:
    row = waiting_for(days=4)
    take_up_unread_mail(0)
    row.refresh_from_db()
    assert (row.state, jobs()) == (MailState.WAITING, 1)

    InboundMessage.objects.update(received_at=now() - timedelta(days=6))
    take_up_unread_mail(0)
    row.refresh_from_db()
    assert (row.state, jobs()) == (MailState.WAITING, 1)


def test_staff_has_it_tried_again(world: World, client: Client) -> None:
    row = waiting_for(days=6)
    take_up_unread_mail(0)
    client.force_login(User.objects.create_superuser("rita@moothall.example", PASSWORD))
    form = {"action": "try_again", "_selected_action": [row.id]}
    answer = client.post(reverse(LIST), form, follow=True)
    assert "1 mail is read again" in answer.content.decode()
    assert jobs() == 1

    process(row.id)
    row.refresh_from_db()
    assert row.state == MailState.POSTED
    client.post(reverse(LIST), form)
    assert jobs() == 1

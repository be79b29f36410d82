from __future__ import annotations

import logging
from datetime import timedelta

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from moothall.core.clock import now
from moothall.inbound.models import InboundMessage, MailState, Notice
from moothall.inbound.process import process
from moothall.inbound.queueing import READING, read_soon

log = logging.getLogger(__name__)

# What was refused or ignored, and who was told, is kept for an operator who is asked about it, and then forgotten.
KEPT_DAYS = 30
TAKEN_UP_AFTER = timedelta(minutes=30)
GIVEN_UP_AFTER = timedelta(days=5)


@app.task(name=READING, retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def read_mail(inbound_id: int) -> None:
    process(inbound_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="take_up_unread_mail", queueing_lock="take_up_unread_mail")
def take_up_unread_mail(timestamp: int) -> None:
    """Mail whose tries were used up while something was broken; after days of that, people are to look at it."""
    at = now()
    waiting = InboundMessage.objects.filter(state=MailState.WAITING, received_at__lt=at - TAKEN_UP_AFTER)
    # Tries have pauses between them and keep the group's other mails waiting, so one mail's must not add up.
    under_way = ProcrastinateJob.objects.filter(task_name=read_mail.name, status__in=("todo", "doing"))
    waiting = waiting.exclude(id__in=set(under_way.values_list("args__inbound_id", flat=True)))
    if given_up := waiting.filter(received_at__lt=at - GIVEN_UP_AFTER).update(state=MailState.UNREAD):
        log.error("Mails that could not be read: %d more. `moothall doctor` says where they are.", given_up)
    for inbound_id, group_id in waiting.order_by("id").values_list("id", "group_id")[:500]:
        read_soon(inbound_id, group_id)


@app.periodic(cron="53 3 * * *")
@app.task(name="forget_refused_mail", queueing_lock="forget_refused_mail")
def forget_refused_mail(timestamp: int) -> None:
    forgotten = InboundMessage.objects.filter(received_at__lt=now() - timedelta(days=KEPT_DAYS))
    forgotten.exclude(state__in=(MailState.WAITING, MailState.UNREAD)).delete()


@app.periodic(cron="54 3 * * *")
@app.task(name="forget_notices", queueing_lock="forget_notices")
def forget_notices(timestamp: int) -> None:
    Notice.objects.filter(sent_on__lt=now().date() - timedelta(days=KEPT_DAYS)).delete()

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from moothall.core.clock import now
from moothall.mailer.sending import MailServerAway, put_right, send_due
from moothall.notifications.digests import build_due
from moothall.notifications.fanning import fan_out_event
from moothall.notifications.preparing import prepare

# So that whatever else waits is done between: a site's weekly digests take minutes.
MAILS_A_TASK = 2000


@app.task(name="fan_out", retry=RetryStrategy(max_attempts=8, exponential_wait=3))
def fan_out(event_id: int) -> None:
    if fan_out_event(event_id):
        send_mail.defer()


@app.task(name="send_mail", retry=RetryStrategy(max_attempts=5, exponential_wait=2, retry_exceptions={MailServerAway}))
def send_mail() -> None:
    if not send_due(prepare, most=MAILS_A_TASK).is_all:
        send_mail.defer()


@app.periodic(cron="* * * * *")
@app.task(name="send_waiting_mail", queueing_lock="send_waiting_mail")
def send_waiting_mail(timestamp: int) -> None:
    """What quiet hours, a busy server, a worker's end or a clock that was wrong left behind."""
    put_right()
    if not send_due(prepare, most=MAILS_A_TASK).is_all:
        send_mail.defer()


@app.periodic(cron="5 * * * *")
@app.task(name="build_digests", queueing_lock="build_digests")
def build_digests(timestamp: int) -> None:
    for waiting in build_due(now()):
        if waiting:
            send_mail.defer()

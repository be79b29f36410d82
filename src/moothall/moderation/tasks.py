from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from moothall.core.clock import now
from moothall.judging.memory import outdated
from moothall.moderation.earning import open_earned
from moothall.moderation.learning import relearn
from moothall.moderation.managers_mail import build_due
from moothall.moderation.ripening import ripen_standing


@app.task(name="learn_group")
def learn_group(group_id: int) -> None:
    relearn(group_id)


def learn_soon(group_id: int) -> None:
    """In the caller's transaction; several decisions in a row are learnt at once."""
    lock = f"learn_group:{group_id}"
    try:
        with transaction.atomic():
            learn_group.configure(lock=lock, queueing_lock=lock).defer(group_id=group_id)
    except AlreadyEnqueued:
        return


@app.periodic(cron="*/10 * * * *")
@app.task(name="learn_anew", queueing_lock="learn_anew")
def learn_anew(timestamp: int) -> None:
    """After an update of the screener no group waits for its next decision to be known again."""
    for group_id in outdated():
        learn_soon(group_id)


@app.periodic(cron="6 * * * *")
@app.task(name="build_managers_mails", queueing_lock="build_managers_mails")
def build_managers_mails(timestamp: int) -> None:
    build_due(now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="open_earned_posts", queueing_lock="open_earned_posts")
def open_earned_posts(timestamp: int) -> None:
    open_earned()


@app.periodic(cron="12 * * * *")
@app.task(name="ripen_standing", queueing_lock="ripen_standing")
def ripen(timestamp: int) -> None:
    ripen_standing()

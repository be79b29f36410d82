from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app

from moothall.accounts.exports import begin_export, remove_expired
from moothall.accounts.models import Export, User
from moothall.judging.models import Rereading
from moothall.posting.erasing import erase_due
from moothall.posting.exporting import mark_failed, write_export
from moothall.posting.rereading import begin, go_on

BATCHES_A_JOB = 16


@transaction.atomic
def ask_for_export(user: User) -> Export:
    """The one under way, where there is one: who asks twice, or from two windows, is packed for once."""
    User.objects.select_for_update(no_key=True).get(id=user.id)
    current = Export.objects.filter(user=user).first()
    if current is not None and current.is_under_way:
        return current
    export = begin_export(user)
    export_account.defer(export_id=export.id)
    return export


@app.task(name="export_account")
def export_account(export_id: int) -> None:
    """The page says so when it fails; the worker logs why."""
    try:
        write_export(export_id)
    except Exception:
        mark_failed(export_id)
        raise


@app.periodic(cron="41 * * * *")
@app.task(name="remove_expired_exports", queueing_lock="remove_expired_exports")
def remove_expired_exports(timestamp: int) -> None:
    remove_expired()


@app.periodic(cron="23 * * * *")
@app.task(name="erase_due_accounts", queueing_lock="erase_due_accounts")
def erase_due_accounts(timestamp: int) -> None:
    erase_due()


@transaction.atomic
def read_again(group_id: int) -> Rereading:
    """Begins to read the group's history again, or finds that it is being read."""
    under_way = begin(group_id)
    _reread_soon(under_way.id)
    return under_way


@app.task(name="reread_posts")
def reread(rereading_id: int) -> None:
    """A few hundred posts at a time, so that other work gets its turn."""
    for _ in range(BATCHES_A_JOB):
        if not go_on(rereading_id):
            return
    _reread_soon(rereading_id)


def _reread_soon(rereading_id: int) -> None:
    reread.configure(lock=f"reread_posts:{rereading_id}").defer(rereading_id=rereading_id)

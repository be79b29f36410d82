from __future__ import annotations

from procrastinate.contrib.django import app

from moothall.groups.close import remove_long_closed


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="remove_closed_groups")
def remove_closed_groups(timestamp: int) -> None:
    remove_long_closed()
